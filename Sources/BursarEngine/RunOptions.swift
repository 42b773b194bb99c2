import BursarGate
import BursarJournal
public import ConomyAPI
public import ConomyClient
public import ExactJSON
import Foundation

/// A script as it was found on disk.
public struct ScriptFile: Sendable {
    /// The file's name, `refunds.lua`: what error texts show.
    public let name: String
    public let source: String
    /// The absolute path of the folder it lies in.
    public let folder: String

    /// - Throws: `RunFailure` when there is no such script.
    public init(path: String) throws(RunFailure) {
        let url = URL(fileURLWithPath: path)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw RunFailure(.invalid, "there is no script \(path)")
        }
        guard !isFolder.boolValue else { throw RunFailure(.invalid, "\(path) is a folder; name the script in it") }
        guard let data = FileManager.default.contents(atPath: path), data.count <= 4 << 20,
            let source = String(data: data, encoding: .utf8)
        else {
            throw RunFailure(.invalid, "\(path) cannot be read as text of at most 4 MB")
        }
        name = url.lastPathComponent
        self.source = source
        mentionsJob = ScriptFile.mentionsJob(source)
        folder = url.deletingLastPathComponent().standardizedFileURL.path
    }

    /// Its name without `.lua`.
    var stem: String { (name as NSString).deletingPathExtension }

    /// True when the text speaks of `job { ... }`: then nothing may happen before the script has said what it may do.
    let mentionsJob: Bool

    private static func mentionsJob(_ source: String) -> Bool {
        source.split(separator: "\n").contains { line in
            let code = line.prefix { $0 != "-" }.drop { $0 == " " || $0 == "\t" }
            return code.hasPrefix("job") && code.dropFirst(3).drop { $0 == " " }.first.map { "{(".contains($0) } == true
        }
    }

    /// A script that lies nowhere; `require` and relative paths start at `folder`.
    public init(name: String, source: String, folder: String) {
        self.name = name
        self.source = source
        mentionsJob = ScriptFile.mentionsJob(source)
        self.folder = folder
    }
}

/// How a script is to be run.
public struct RunOptions: Sendable {
    public var target: TargetEnvironment
    /// The command line's arguments for the script, in their order.
    public var arguments: [(name: String, value: String)] = []
    /// Nothing is written to the target.
    public var isRehearsal = false
    /// The opening state of the embedded simulator; nil opens its small starter bank.
    public var worldPath: String?
    /// What goes wrong in the embedded simulator on purpose.
    public var faultsPath: String?
    /// Wins over what the script and the environment say.
    public var parallel: Int?
    public var requestsPerSecond: Int?
    /// How long calls wait for an API that does not answer; wins over what the environment says.
    public var patience: Duration?
    /// How many rows of a loop may fail; wins over what the script says.
    public var maxFailures: FailureBound?
    /// The first row that fails in one of these ways ends the run.
    public var stopOn: Set<FailureClass> = []
    /// Run the script although the system cannot confine its process wholly.
    public var allowUnconfined = false
    /// Go on without malformed rows of input files.
    public var skipInvalidRows = false
    public var allowRead: [String] = []
    /// While one of these lies there, no new effect leaves.
    public var freezeFiles: [FreezeFile] = []
    /// The journal is not where the sums of a day are kept.
    private(set) var keepsSumsElsewhere = false
    /// Asked once, before the first effect; nil lets effects happen.
    public var consent: Consent?
    /// How the journal is used.
    public var job = JobOptions()
    /// The `bursar.yaml` that was read; nil when there is none.
    public var configurationPath: String?
    /// Told once the run has its name in the journal; nil for a run that is not kept.
    public var began: @Sendable (_ run: String?) -> Void = { _ in }
    /// The command line without secrets, for those who look back.
    public var commandLine = ""
    /// Where the first loop's result file goes; nil writes none.
    public var resultsPath: String?
    /// Ids, random numbers and the embedded simulator's ids come from it.
    public var seed: UInt64
    /// Where relative file arguments start.
    public var workingFolder: String
    /// What `now()` says to a script that has not slept: the start of a rehearsal, and of what applies its plan. Nil takes the clock.
    var start: Timestamp?
    /// The event that the script's handlers are called for.
    public var event: JSONObject?
    /// What the run has to do with a plan.
    public var plan = PlanUse.none
    /// What time it is.
    public var clock: @Sendable () -> Timestamp
    /// Takes secrets out of what is written down; the client adds its own to it.
    public var redaction = Redaction()
    /// How `sleep` and `await` let time pass; a rehearsal does not wait.
    public var pause: @Sendable (Duration) async -> Void

    /// Says where the journal is that sums up each day. Sums kept elsewhere are others: a limit would count only part of the day.
    public mutating func keepSums(in folder: String) {
        guard target.policy.limitsDays, case .folder(let own) = job.place else { return }
        keepsSumsElsewhere = own.path != folder
    }

    public init(target: TargetEnvironment, workingFolder: String, seed: UInt64) {
        self.target = target
        self.workingFolder = workingFolder
        self.seed = seed
        clock = { Timestamp.now }
        pause = { duration in try? await Task.sleep(for: duration) }
    }
}

/// A run could not begin, or ended as a whole.
public struct RunFailure: Error, Sendable, CustomStringConvertible {
    /// What kind of end; each has its exit code.
    public enum Kind: String, Sendable {
        /// The script failed, or its process died.
        case script
        /// The command line does not fit the script.
        case usage
        /// The script, its input or the configuration is invalid.
        case invalid
        /// The target cannot be reached.
        case temporary
        case credentials
        case refused
        case limit
        case inDoubt = "in_doubt"
        case interrupted
        /// The journal cannot be read or written.
        case journal
        /// The journal is not as it was written.
        case damaged
        /// Another runner holds the job.
        case held
        /// The script, its input or its calls are not what the job's earlier runs had.
        case changed
        /// Something is not as the plan has it, or the plan is spent.
        case stale
        /// The plan waits for somebody's approval.
        case approval
    }
    public let kind: Kind
    /// A word for programs, where the kind is not enough: `invalid_input`.
    public let code: String?
    public let message: String
    public let hint: String?
    /// The script's line, `refunds.lua:12`.
    public let location: String?
    /// The script's own frames, innermost first.
    public let traceback: [String]

    public init(
        _ kind: Kind, code: String? = nil, _ message: String, hint: String? = nil, location: String? = nil,
        traceback: [String] = []
    ) {
        self.kind = kind
        self.code = code
        self.message = message
        self.hint = hint
        self.location = location
        self.traceback = traceback
    }

    public var description: String { [location.map { "\($0): " }, message, hint.map { "; \($0)" }].compactMap { $0 }.joined() }
}
