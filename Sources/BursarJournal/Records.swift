public import ConomyAPI

/// What a job is, apart from everything that happened to it: the same values are the same job.
public struct JobIdentity: Sendable, Equatable {
    /// The script's own name for what it does.
    public let name: String
    public let environment: String
    /// Where the environment's calls go, and as whom: a fingerprint, no secret.
    public let target: String
    /// The script's arguments as JSON, in the order of their names; files by their absolute path.
    public let arguments: String
    /// What the job is done for. There is one job for an occasion, whatever the rest says.
    public var occasion: Occasion?

    public init(name: String, environment: String, target: String, arguments: String) {
        self.name = name
        self.environment = environment
        self.target = target
        self.arguments = arguments
    }
}

/// Something that happens once, and for which a job is done once: whoever notices it, however often.
public struct Occasion: Sendable, Hashable {
    public enum Kind: String, Sendable, CaseIterable {
        /// A firing of a schedule.
        case slot
        /// An event that the API told.
        case event
    }

    public let kind: Kind
    /// `nightly-refunds@2026-04-05T03:30:00Z`: tells it from all others of its kind.
    public let name: String

    public init(_ kind: Kind, _ name: String) {
        self.kind = kind
        self.name = name
    }
}

/// A job as the journal holds it.
public struct JobRecord: Sendable {
    public let id: Int64
    public let identity: JobIdentity
    /// The script's path when the job began.
    public let script: String
    /// 1, and one more for each time the job was begun anew.
    public let generation: Int
    /// Ids and random numbers of all its runs come from it.
    public let seed: UInt64
    public let createdAt: Timestamp
    /// A word that tells this job from all others, here and elsewhere: stamps are made from it.
    public let fingerprint: String
    /// Where the chains ended before it began.
    let before: ChainLengths
}

/// What became of an effect, or of one try to find that out.
public enum EffectOutcome: String, Sendable, CaseIterable {
    /// It is about to be sent again; recorded before its first byte leaves.
    case begun
    /// The API did it.
    case settled
    /// The API said no.
    case declined
    /// It could not be sent; provably nothing happened.
    case unsent
    /// Sent, and no trustworthy answer came back.
    case inDoubt = "in_doubt"
    /// Looked for, and provably not there.
    case absent

    /// True when it may have happened, and it is not known whether it did.
    public var isOpen: Bool {
        switch self {
        case .begun, .inDoubt: true
        case .settled, .declined, .unsent, .absent: false
        }
    }
}

/// An effect before it is sent.
public struct Intent: Sendable {
    public let key: String
    /// The row of a loop it belongs to, `refunds/p1`; nil outside of rows.
    public let row: String?
    public let operation: String
    /// The object acted on, or the reference by which the object made can be known.
    public let object: String?
    public let stamp: String?
    public let amount: Money?
    /// The whole call as JSON.
    public let request: String
    public let location: String?
    /// Whether the same request to the same object, by an earlier job, must be asked about.
    public let mustNotRepeat: Bool
    /// Whether `object` was there before, and is no reference.
    public let actsOnObject: Bool

    public init(
        key: String, row: String?, operation: String, object: String?, stamp: String?, amount: Money?, request: String,
        location: String?, mustNotRepeat: Bool, actsOnObject: Bool = false
    ) {
        self.key = key
        self.row = row
        self.operation = operation
        self.object = object
        self.stamp = stamp
        self.amount = amount
        self.request = request
        self.location = location
        self.mustNotRepeat = mustNotRepeat
        self.actsOnObject = actsOnObject
    }
}

/// What one sending, one look of a probe, or one decision of a person came to.
public struct Attempt: Sendable {
    public enum Kind: String, Sendable {
        case send, probe
        /// A person's word, by `bursar resolve`.
        case resolve
    }
    public let kind: Kind
    public let outcome: EffectOutcome
    /// The HTTP status of the answer, where there was one.
    public let status: Int?
    /// The id of the object that was made or changed.
    public let result: String?
    /// The answer's body as JSON.
    public let answer: String?
    /// Why, in words.
    public let detail: String?

    public init(
        _ kind: Kind, _ outcome: EffectOutcome, status: Int? = nil, result: String? = nil, answer: String? = nil,
        detail: String? = nil
    ) {
        self.kind = kind
        self.outcome = outcome
        self.status = status
        self.result = result
        self.answer = answer
        self.detail = detail
    }
}

/// An effect as the journal holds it, with what is known of it last.
public struct RecordedEffect: Sendable {
    public let id: Int64
    public let job: Int64
    public let run: Int64
    public let key: String
    public let row: String?
    public let operation: String
    public let object: String?
    public let stamp: String?
    public let amount: Money?
    public let request: String
    public let location: String?
    public let intendedAt: Timestamp
    /// Nil when nothing is known but the intent: it may have been sent, or not.
    public let outcome: EffectOutcome?
    public let status: Int?
    public let result: String?
    public let answer: String?
    public let detail: String?
    /// When the last of it became known.
    public let at: Timestamp
    /// The number of the last attempt; zero where there is none.
    let attempt: Int64

    /// True when the last word on it is a person's: a person may take it back.
    public let isDecided: Bool

    /// True when it may have happened, and it is not known whether it did.
    public var isOpen: Bool { outcome?.isOpen ?? true }
}

/// A run as the journal holds it.
public struct RunRecord: Sendable {
    public let id: Int64
    /// What people call it, `20261125-0131-4f2a`.
    public let name: String
    public let job: Int64
    public let startedAt: Timestamp
    /// Nil while it goes on, and for ever when it was killed.
    public let endedAt: Timestamp?
    /// `running`, `done`, `failed`, `stopped`; `killed` when its process is gone.
    public let state: String
    public let exitCode: Int?
    public let holder: Holder?
    public let version: String
    /// Its report as JSON, once it has ended.
    public let report: String?
}
