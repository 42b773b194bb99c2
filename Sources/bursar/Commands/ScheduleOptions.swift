import ArgumentParser
import BursarEngine
import BursarJournal
import BursarSchedule
import ConomyAPI
import ExactJSON
import Foundation

/// Which file of schedules; shared by all commands that read or change it.
struct ScheduleOptions: ParsableArguments {
    @Option(help: "The file of schedules; else schedules.yaml beside the nearest bursar.yaml, or in this folder.")
    var file: String?

    @Option(
        name: .customLong("config"), help: "Use this file instead of the nearest bursar.yaml.",
        completion: .file(extensions: ["yaml"]))
    var configurationPath: String?

    /// - Throws: `RunFailure` when the configuration is wrong.
    func project() throws(RunFailure) -> Configuration {
        do throws(ConfigurationError) {
            return try TargetOptions.configuration(configurationPath)
        } catch { throw RunFailure(.invalid, error.description) }
    }

    /// The absolute path of the file itself, wherever a link to it lies.
    /// - Throws: `RunFailure` when the configuration is wrong.
    func path() throws(RunFailure) -> String {
        if file?.isEmpty == true { throw RunFailure(.usage, "--file must name a file") }
        let beside = file == nil ? try project().path.map { ($0 as NSString).deletingLastPathComponent } : nil
        let given = file ?? ((beside ?? "") as NSString).appendingPathComponent(ScheduleFile.name)
        return URL(fileURLWithPath: given).standardizedFileURL.resolvingSymlinksInPath().path
    }

    /// - Parameter isNew: whether the file may be missing.
    /// - Throws: `RunFailure` when it cannot be read.
    func read(isNew: Bool = false) throws(RunFailure) -> ScheduleFile {
        let path = try path()
        let reading = ScheduleFile.Reading(closest: { closest(to: $0, among: $1) }, length: { Span.read($0) })
        let text: String
        if FileManager.default.fileExists(atPath: path) {
            guard let found = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw RunFailure(.invalid, "\(path) cannot be read as text")
            }
            text = found
        } else if isNew {
            text = ""
        } else {
            throw RunFailure(
                .invalid, "there are no schedules yet: \(path) does not exist",
                hint: "bursar schedule add makes it, or name another with --file")
        }
        do throws(ScheduleError) { return try ScheduleFile(text: text, path: path, reading: reading) } catch {
            throw RunFailure(error)
        }
    }

    /// Reads the file, changes it, and puts the changed one in its place.
    /// - Throws: `RunFailure`; the file is as it was.
    func change(
        isNew: Bool = false, _ change: (ScheduleFile) throws(ScheduleError) -> ScheduleFile
    ) throws(RunFailure) -> ScheduleFile {
        let before = try read(isNew: isNew)
        let after: ScheduleFile
        do throws(ScheduleError) { after = try change(before) } catch { throw RunFailure(error) }
        guard after.text != before.text else { return after }
        let mode = try? FileManager.default.attributesOfItem(atPath: after.path)[.posixPermissions]
        try OutputFile.write(after.text, to: after.path)
        // The file is a new one, and stays as open to others as the old one was.
        if let mode { try? FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: after.path) }
        return after
    }

    /// - Throws: `ExitCode` for every end but a good one.
    static func answer<Value>(json: Bool = false, _ body: () async throws -> Value) async throws -> Value {
        signal(SIGPIPE, SIG_IGN)
        let value: Value
        do { value = try await body() } catch {
            guard let failure = RunFailure(anyOf: error) else { throw error }
            if json {
                Output.result(
                    FailureView.document(kind: failure.kind.rawValue, message: failure.message, hint: failure.hint).text(.pretty))
            }
            throw end(failure)
        }
        if let loss = Output.loss {
            Output.error("error: standard output could not take everything: \(loss)")
            throw ExitCode(BursarExit.scriptFailed.rawValue)
        }
        return value
    }
}

extension RunFailure {
    init(_ error: ScheduleError) {
        self.init(.invalid, code: error.code.rawValue, error.message, hint: error.hint, location: error.place)
    }

    /// Whatever a command about schedules can meet; nil for errors of other kinds.
    init?(anyOf error: any Error) {
        switch error {
        case let error as RunFailure: self = error
        case let error as ScheduleError: self.init(error)
        case let error as JournalError: self.init(error)
        default: return nil
        }
    }
}
