import ArgumentParser
import BursarEngine
import BursarJournal
import ConomyAPI
import Foundation

struct FreezeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "freeze", abstract: "Stop new effects of all runs at once.",
        discussion: """
            Examples:
              bursar freeze --because "wrong amounts in the file of today"
              bursar freeze --env production --because "incident 4711"

            Runs that go on start nothing new and end with 8; what is on its way ends. Rehearsals go on. It holds for all who
            use the same bursar.yaml, or the same journal where there is none, until bursar thaw.
            """)

    @OptionGroup var place: FreezeOptions

    @Option(help: "Why: every refused effect says it.")
    var because: String

    mutating func validate() throws {
        if because.trimmingCharacters(in: .whitespaces).isEmpty { throw ValidationError("--because must say why.") }
    }

    func run() throws {
        do throws(RunFailure) {
            let file = try place.file()
            let now = Timestamp.now
            let by = "\(Holder.current.user) on \(Holder.current.host)"
            if let content = file.content {
                Output.result("\(place.what) was frozen already, since \(content.at) by \(content.by): \(content.because)")
                return
            }
            try file.write(FreezeFile.Content(because: because, by: by, at: now))
            Output.result("\(place.what) is frozen: no new effect leaves. bursar thaw ends it (\(file.path))")
        } catch { throw end(error) }
    }
}

struct ThawCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "thaw", abstract: "Let effects happen again after bursar freeze.",
        discussion: """
            Examples:
              bursar thaw
              bursar thaw --env production
            """)

    @OptionGroup var place: FreezeOptions

    func run() throws {
        do throws(RunFailure) {
            let file = try place.file()
            let content = file.content
            defer {
                for name in file.frozenAlone where place.environment == nil {
                    Output.error("note: \(name) is frozen by itself, and stays so until bursar thaw --env \(name)")
                }
            }
            guard try file.remove(), let content else {
                Output.result("\(place.what) was not frozen (\(file.path))")
                return
            }
            Output.result(
                "\(place.what) is thawed; it was frozen since \(content.at) by \(content.by): \(content.because). Run again what was "
                    + "stopped: what was settled is not sent twice")
        } catch { throw end(error) }
    }
}

/// What is frozen, and where that is written down.
struct FreezeOptions: ParsableArguments {
    @Option(name: .customLong("env"), help: "One environment only; else all.", completion: Candidates.environments)
    var environment: String?

    @Option(
        name: .customLong("config"), help: "Use this file instead of the nearest bursar.yaml.",
        completion: .file(extensions: ["yaml"]))
    var configurationPath: String?

    @OptionGroup var journal: JournalOptions

    var what: String { environment ?? "every environment" }

    /// - Throws: `RunFailure` when the configuration is wrong, or there is no such environment.
    func file() throws(RunFailure) -> FreezeFile {
        let configuration: BursarEngine.Configuration
        do throws(ConfigurationError) {
            configuration = try TargetOptions.configuration(configurationPath)
            if let environment { _ = try TargetEnvironment(named: environment, in: configuration) }
        } catch { throw RunFailure(.invalid, error.description) }
        let folder = try journal.folder(configurationPath: configurationPath)
        return FreezeFile(
            folder: FreezeFile.folder(configuration: configuration.path, journal: folder.path), environment: environment)
    }
}
