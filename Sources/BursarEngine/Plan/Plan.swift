public import ConomyAPI
import ExactJSON

/// The effects that a rehearsal found, and all that they depend on.
public struct Plan: Sendable, Equatable {
    /// What it was made with.
    public struct Script: Sendable, Equatable {
        public let name: String
        public let path: String
        /// The name it gives its job.
        public let job: String
    }

    public struct Environment: Sendable, Equatable {
        public let name: String
        /// Where calls go and as whom; no secret.
        public let target: String
        /// The version of the API's contract.
        public let contract: String
    }

    public struct Rows: Sendable, Equatable {
        public let succeeded: Int
        public let failed: Int
        /// Malformed ones that were left out.
        public let invalid: Int
    }

    /// `ana@till-3`
    public let maker: String
    /// The maker's key for approvals, where it is known.
    public let makerKey: String?
    public let madeAt: Timestamp
    /// The version of Bursar.
    public let version: String
    public let script: Script
    /// The script, its modules, its input, the embedded bank's opening state: SHA-256 by name.
    public let sources: [String: String]
    /// The script's arguments, `name=value`.
    public let arguments: [String]
    /// Where relative file arguments start.
    public let folder: String
    public let environment: Environment
    public let seed: UInt64
    /// What `now()` says.
    public let start: Timestamp
    public let skipsInvalidRows: Bool
    public let allowRead: [String]
    public let worldPath: String?
    public let faultsPath: String?
    public let rows: Rows
    public let reads: Int
    /// In the order in which the script reads.
    public let effects: [PlannedEffect]

    /// The user's name of the maker.
    public var makerName: String { String(maker.prefix { $0 != "@" }) }

    /// One line a kind of effect: what is asked, what would become of it, how often, and its money.
    public struct Tally: Sendable, Equatable {
        public let operation: String
        public let state: PlannedEffect.State
        public fileprivate(set) var count = 0
        public fileprivate(set) var totals = Totals()
    }

    /// In the order in which they first come.
    public var tallies: [Tally] {
        var tallies: [Tally] = []
        for effect in effects {
            let index =
                tallies.firstIndex { $0.operation == effect.operation && $0.state == effect.state }
                ?? {
                    tallies.append(Tally(operation: effect.operation, state: effect.state))
                    return tallies.count - 1
                }()
            tallies[index].count += 1
            if let amount = effect.amount { tallies[index].totals.add(amount) }
        }
        return tallies
    }

    /// The money of everything that is to be done.
    public var totals: Totals {
        var sum = Totals()
        for effect in effects where effect.state == .assumed { if let amount = effect.amount { sum.add(amount) } }
        return sum
    }

    /// How many effects are to be done.
    public var toDo: Int { effects.count { $0.state == .assumed } }
}

extension Plan {
    static let format = 1

    /// All of it, in the order in which a person reads it.
    var json: JSONObject {
        var made: JSONObject = ["by": .string(maker)]
        made["key"] = makerKey.map(JSON.string)
        made["at"] = .string(madeAt.description)
        made["version"] = .string(version)
        var options: JSONObject = ["on_invalid_row": skipsInvalidRows ? "skip" : "stop"]
        options["allow_read"] = .array(allowRead.map(JSON.string))
        options["world"] = worldPath.map(JSON.string)
        options["faults"] = faultsPath.map(JSON.string)
        return [
            "bursar_plan": .integer(Plan.format), "made": .object(made),
            "script": ["name": .string(script.name), "path": .string(script.path), "job": .string(script.job)],
            "sources": .object(JSONObject(sources.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
            "arguments": .array(arguments.map(JSON.string)), "folder": .string(folder),
            "environment": [
                "name": .string(environment.name), "target": .string(environment.target),
                "contract": .string(environment.contract),
            ],
            "seed": .string(String(seed)), "now": .string(start.description), "options": .object(options),
            "rows": [
                "succeeded": .integer(rows.succeeded), "failed": .integer(rows.failed), "invalid": .integer(rows.invalid),
            ],
            "reads": .integer(reads), "totals": Plan.json(totals),
            "operations": .array(
                tallies.map { tally in
                    [
                        "operation": .string(tally.operation), "state": .string(tally.state.rawValue),
                        "count": .integer(tally.count), "totals": Plan.json(tally.totals),
                    ]
                }),
            "effects": .array(effects.map(\.json)),
        ]
    }

    private static func json(_ totals: Totals) -> JSON {
        .object(JSONObject(totals.amounts.map { ($0.currency.code, .string($0.text)) }))
    }

    /// Nil when a member is missing or is of the wrong kind. What follows from others, such as totals, is not read: whoever compares the
    /// text of what was read with the text that was there sees whether it agrees.
    init?(_ json: JSON) {
        func instant(_ value: JSON?) -> Timestamp? { value?.string.flatMap { Timestamp($0) } }
        guard let made = json["made"], let maker = made["by"]?.string, let madeAt = instant(made["at"]),
            let version = made["version"]?.string, let scriptName = json["script"]?["name"]?.string,
            let scriptPath = json["script"]?["path"]?.string, let job = json["script"]?["job"]?.string,
            let sources = json["sources"]?.object, let arguments = json["arguments"]?.array,
            let folder = json["folder"]?.string, let environment = json["environment"], let name = environment["name"]?.string,
            let target = environment["target"]?.string, let contract = environment["contract"]?.string,
            let seed = json["seed"]?.string.flatMap({ UInt64($0) }), let start = instant(json["now"]),
            let options = json["options"], let rows = json["rows"], let succeeded = rows["succeeded"]?.integer,
            let failed = rows["failed"]?.integer, let invalid = rows["invalid"]?.integer, let reads = json["reads"]?.integer,
            let effects = json["effects"]?.array
        else { return nil }
        self.maker = maker
        makerKey = made["key"]?.string
        self.madeAt = madeAt
        self.version = version
        script = Script(name: scriptName, path: scriptPath, job: job)
        self.sources = Dictionary(
            sources.members.compactMap { name, value in value.string.map { (name, $0) } }, uniquingKeysWith: { first, _ in first }
        )
        self.arguments = arguments.compactMap(\.string)
        self.folder = folder
        self.environment = Environment(name: name, target: target, contract: contract)
        self.seed = seed
        self.start = start
        skipsInvalidRows = options["on_invalid_row"] == "skip"
        allowRead = (options["allow_read"]?.array ?? []).compactMap(\.string)
        worldPath = options["world"]?.string
        faultsPath = options["faults"]?.string
        self.rows = Rows(succeeded: succeeded, failed: failed, invalid: invalid)
        self.reads = reads
        self.effects = effects.compactMap(PlannedEffect.init)
    }
}
