import ArgumentParser
import BursarEngine
import BursarJournal
import Foundation

/// How a run treats what the journal knows of its job.
struct JobFlags: ParsableArguments {
    @OptionGroup var journal: JournalOptions

    @Flag(
        help:
            "Begin a new job although this one was done. What it did to the same objects is refused, unless --allow-repeat is given, too."
    )
    var again = false

    @Flag(help: "Go on although the script or its input has changed; what was settled stays settled.")
    var acceptChanges = false

    @Flag(help: "Do what another job did already to the same object once more.")
    var allowRepeat = false

    @Flag(help: "Send again what the API declined in an earlier run of the job.")
    var retryDeclined = false

    @Option(help: "Wait this long, such as 10m, for another runner of the job; without it, exit with 14.")
    var wait: String?

    @Option(
        help:
            "Run only the rows that did not succeed in earlier runs: failed (all of them, also rows no run has come to), partly_done, in_doubt or not_run."
    )
    var only: Only?

    @Option(help: "Run only the rows whose keys this file lists, one a line.")
    var onlyKeys: String?

    @Flag(help: ArgumentHelp("Record nothing: for measurements, never in production.", visibility: .hidden))
    var noJournal = false

    enum Only: String, ExpressibleByArgument, CaseIterable {
        case failed, partlyDone = "partly_done", inDoubt = "in_doubt", notRun = "not_run"

        /// What it says of rows.
        var rows: JobOptions.Only {
            let all = self == .failed
            return .statuses(
                all ? ["failed", "partly_done", "in_doubt", "invalid", "not_run"] : [rawValue],
                withUnreached: all || self == .notRun)
        }
    }

    mutating func validate() throws {
        if let wait, Span.read(wait) == nil {
            throw ValidationError("--wait \(wait) is no length of time; write 30s, 10m or 2h.")
        }
        if only != nil, onlyKeys != nil { throw ValidationError("--only and --only-keys exclude each other.") }
        if again, acceptChanges || only != nil || retryDeclined {
            throw ValidationError("--again begins a new job; it does not go with --accept-changes, --only or --retry-declined.")
        }
    }

    /// - Throws: `RunFailure` when the file of keys cannot be read, or the flags do not fit the target.
    func options(_ target: TargetEnvironment, configurationPath: String?) throws(RunFailure) -> JobOptions {
        var options = JobOptions()
        options.again = again
        options.acceptChanges = acceptChanges
        options.allowRepeat = allowRepeat
        options.retryDeclined = retryDeclined
        options.patience = wait.flatMap(Span.read) ?? .zero
        if let onlyKeys { options.only = .keys(try keys(onlyKeys)) }
        if let only { options.only = only.rows }
        if noJournal {
            guard !target.isProduction else {
                throw RunFailure(.usage, "--no-journal is for measurements, and \(target.name) is production")
            }
            options.place = .nowhere
        } else if journal.chosen != nil || !target.isLocal {
            // The embedded bank opens anew for each run, and so does its journal, unless a folder keeps both.
            options.place = .folder(try journal.folder(configurationPath: configurationPath))
        }
        return options
    }

    private func keys(_ path: String) throws(RunFailure) -> Set<String> {
        // Read to its end: it may be a pipe.
        guard let bytes = try? FileHandle(forReadingAtPath: path)?.readToEnd() ?? Data(),
            let text = String(data: bytes, encoding: .utf8)
        else {
            throw RunFailure(.invalid, "the file of keys \(path) cannot be read as text")
        }
        let keys = Set(
            text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty })
        guard !keys.isEmpty else { throw RunFailure(.invalid, "the file of keys \(path) has none", hint: "write one key a line") }
        return keys
    }
}
