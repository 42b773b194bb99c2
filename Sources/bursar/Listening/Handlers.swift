import ArgumentParser
import BursarEngine
import BursarJournal
import ExactJSON
import Foundation

/// A script with handlers of events, and the command line by which it is run for one.
struct Handlers {
    /// Behind the program's name.
    let words: [String]
    let journal: JournalFolder
    let target: TargetEnvironment
    /// Whose events: another script's, or another environment's, are others.
    let listener: String
    /// How many may run at a time.
    let atOnce: Int
    /// The events it has handlers for; `*` is all of them.
    private(set) var names: Set<String> = []

    func handle(_ type: String) -> Bool { names.contains(type) || names.contains("*") }

    /// - Throws: `RunFailure` when it is not what `bursar run` takes.
    init(_ script: String, _ words: [String], mostAtOnce: Int) throws(RunFailure) {
        var words = ["run", script] + words
        var parsed = try Handlers.parse(words)
        let options = try parsed.script.options()
        target = options.target
        if target.isLocal, parsed.job.journal.chosen == nil {
            // The embedded bank would be gone with each event.
            words += ["--state", try JournalOptions.folder(nil, configurationPath: options.configurationPath).unattended]
            parsed = try Handlers.parse(words)
        }
        // What is wrong with them is found now, and not at the first event.
        _ = try RunNotices(parsed.flags.notices)
        if parsed.flags.results != nil {
            throw RunFailure(.usage, "--results is for one run, and each event has a run of its own", hint: "leave it out")
        }
        journal = try parsed.job.journal.folder(configurationPath: options.configurationPath)
        self.words = words
        listener = "\((script as NSString).lastPathComponent) in \(target.name)"
        // The embedded bank is one run's at a time.
        atOnce = target.isLocal ? 1 : mostAtOnce
        guard target.mayActUnattended else {
            throw RunFailure(
                .refused, "events come when nobody sits at a terminal, and \(target.name) is production",
                hint: "set unattended: true in its policy, and limits beside it")
        }
    }

    private static func parse(_ words: [String]) throws(RunFailure) -> RunCommand {
        do { return try RunCommand.parse(Array(words.dropFirst())) } catch {
            throw RunFailure(.usage, RunCommand.message(for: error))
        }
    }

    /// Rehearses the script without an event: it says what it handles, and whether it, its environment and its arguments are right.
    /// - Throws: `RunFailure`.
    mutating func ask() throws(RunFailure) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = words + ["--dry-run", "--json", "--quiet", "--no-notices"]
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        let output: Data
        do {
            try process.run()
            output = try pipe.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
        } catch { throw RunFailure(.temporary, "bursar run cannot be started: \(error.systemReason)") }
        let report = try? JSON(parsing: Array(output))
        guard process.terminationStatus == 0 else {
            throw RunFailure(
                report?["failure"]?["kind"]?.string.flatMap(RunFailure.Kind.init) ?? .invalid,
                report?["failure"]?["message"]?.string ?? "the script cannot be rehearsed",
                hint: report?["failure"]?["hint"]?.string, location: report?["failure"]?["location"]?.string)
        }
        names = Set((report?["handlers"]?.array ?? []).compactMap(\.string))
        guard !names.isEmpty else {
            throw RunFailure(
                .invalid, "\(words[1]) has no handler",
                hint: "write on(\"payment.settled\", function(event) ... end) in it; bursar docs on has more")
        }
    }
}
