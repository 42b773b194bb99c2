import ArgumentParser
import BursarEngine
import BursarJournal
import ConomyAPI
import ExactJSON
import Foundation

/// Where the journal is; shared by all commands that write or read it.
struct JournalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder of the journal; else .bursar beside the nearest bursar.yaml, or bursar in the user's state folder.",
            valueName: "dir"), completion: .directory)
    var state: String?

    mutating func validate() throws {
        if state?.isEmpty == true { throw ValidationError("--state must name a folder.") }
    }

    /// What somebody named.
    var chosen: String? { state ?? Setting.state.text }

    /// - Parameter configurationPath: the file `--config` names. It is read only where `--state` names no folder.
    /// - Throws: `RunFailure` when the configuration is wrong.
    func folder(configurationPath: String?) throws(RunFailure) -> JournalFolder {
        try JournalOptions.folder(chosen, configurationPath: configurationPath)
    }

    /// - Parameter state: what somebody named; nil for the usual place.
    static func folder(_ state: String?, configurationPath: String?) throws(RunFailure) -> JournalFolder {
        let folder = FileManager.default.currentDirectoryPath
        if let state {
            let path = URL(fileURLWithPath: state, relativeTo: URL(fileURLWithPath: folder, isDirectory: true))
                .standardizedFileURL.path
            return JournalFolder(path: path, environment: ProcessInfo.processInfo.environment)
        }
        let configuration: Configuration
        do throws(ConfigurationError) {
            configuration = try TargetOptions.configuration(configurationPath)
        } catch { throw RunFailure(.invalid, error.description, hint: "or say where the journal is with --state DIR") }
        return JournalFolder(besides: configuration.path, environment: ProcessInfo.processInfo.environment)
    }
}

/// What all commands that look back share: which journal, and in which form the result is wanted.
struct LookBackOptions: ParsableArguments {
    @OptionGroup var journal: JournalOptions

    @Option(
        name: .customLong("config"), help: "Use this file instead of the nearest bursar.yaml to find the journal.",
        completion: .file(extensions: ["yaml"]))
    var configurationPath: String?

    @Flag(help: "Print JSON.")
    var json = false

    func folder() throws(RunFailure) -> JournalFolder { try journal.folder(configurationPath: configurationPath) }

    /// Looks into the journal, and ends the command by what came of it.
    /// - Parameter look: gives the exit code; it may throw `JournalError` and `RunFailure`.
    /// - Throws: `ExitCode` for every end but a good one.
    func look(_ look: (JournalReader) async throws -> BursarExit) async throws {
        try await answer {
            let reader = try JournalReader(folder: folder())
            let exit = try await look(reader)
            guard let damage = reader.damage else { return exit }
            Output.error(FailureView.text(damage))
            Output.error("What is printed is what the journal still knows.")
            return BursarExit(damage)
        }
    }

    /// The same, for commands that open the journal themselves.
    func answer(_ body: () async throws -> BursarExit) async throws {
        signal(SIGPIPE, SIG_IGN)
        // What was written down has no secrets in it. Should some have come there all the same, it ends here.
        Output.hide(RunCredentials(environment: ProcessInfo.processInfo.environment).secrets)
        let exit: BursarExit
        do { exit = try await body() } catch let error as JournalError {
            printFailure(error.kind.rawValue, error.message, error.hint)
            Output.error(FailureView.text(error))
            throw ExitCode(BursarExit(error).rawValue)
        } catch let failure as RunFailure {
            printFailure(failure.kind.rawValue, failure.message, failure.hint)
            throw end(failure)
        }
        if let loss = Output.loss {
            Output.error("error: standard output could not take everything: \(loss)")
            throw ExitCode(exit == .done ? BursarExit.scriptFailed.rawValue : exit.rawValue)
        }
        if exit != .done { throw ExitCode(exit.rawValue) }
    }

    private func printFailure(_ kind: String, _ message: String, _ hint: String?) {
        if json { Output.result(FailureView.document(kind: kind, message: message, hint: hint).text(.pretty)) }
    }

    /// What commands for copying need to find the same journal: ` --state DIR`, or nothing.
    var places: String {
        (journal.state.map { " --state \(ShellText.quoted($0))" } ?? "")
            + (configurationPath.map { " --config \(ShellText.quoted($0))" } ?? "")
    }
}

extension JournalReader {
    /// The run that a command line names: `last`, its name, or a part of it that only one has.
    /// - Throws: `RunFailure` with what was probably meant, `JournalError`.
    func find(run name: String) throws -> RunOfJob {
        if name == "last" {
            var filter = RunFilter()
            filter.most = 1
            guard let last = try runs(filter).first, let found = try run(named: last.run.name) else {
                throw RunFailure(.invalid, "there is no run in \(folder.path) yet", hint: "bursar run makes one")
            }
            return found
        }
        if !name.isEmpty, let found = try run(named: name) { return found }
        let hint = closest(to: name, among: try runNames(most: 1000)).map { "did you mean \($0)?" } ?? "bursar runs lists them"
        throw RunFailure(.invalid, "there is no run \(name) in \(folder.path)", hint: hint)
    }
}

/// An instant, or a whole day in UTC, as the command line names it.
struct Moment: ExpressibleByArgument {
    let start: Timestamp
    /// The first instant that is no longer meant.
    let end: Timestamp

    init?(argument: String) {
        if let instant = Timestamp(argument) {
            (start, end) = (instant, instant)
            return
        }
        guard argument.utf8.count == 10, let day = Timestamp(argument + "T00:00:00Z") else { return nil }
        (start, end) = (day, day.adding(milliseconds: 86_400_000))
    }
}
