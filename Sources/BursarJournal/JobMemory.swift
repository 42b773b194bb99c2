import GRDB

/// What a job did before this run, by key: a few dozen bytes an effect, made from the rows themselves, each compared with its hash. No
/// index of the database is asked whether an effect or a step is known: a damaged one could say no.
struct JobMemory: Sendable {
    private struct Known {
        let effect: Int64
        /// Zero where nothing but the intent is known.
        var attempt: Int64
        var outcome: EffectOutcome?
    }

    private var positions: [ChainHash: Int32] = [:]
    private var effects: [Known] = []
    private var steps: [ChainHash: Int64] = [:]

    init() {}

    /// - Parameters:
    ///   - before: where the chains ended before the job began.
    ///   - ends: where they end now.
    /// - Throws: `JournalError` of kind damaged.
    init(of job: Int64, after before: ChainLengths, to ends: Heads, _ db: Database) throws {
        try readEffects(of: job, after: before.effects, to: ends[.effects], db)
        try readAttempts(of: job, after: before.attempts, to: ends[.attempts], db)
        try readSteps(of: job, after: before.steps, to: ends[.steps], db)
    }

    private mutating func readEffects(of job: Int64, after before: Int64, to end: ChainHead, _ db: Database) throws {
        let (jobAt, keyAt) = (ChainedTable.effects.place(of: "job"), ChainedTable.effects.place(of: "key"))
        _ = try ChainedTable.effects.verify(after: before, end: end, db) { row in
            guard row.integer(jobAt) == job else { return }
            positions[row.withBytes(keyAt) { ChainHash(of: $0) }] = Int32(effects.count)
            effects.append(Known(effect: row.integer(0), attempt: 0))
        }
    }

    private mutating func readAttempts(of job: Int64, after before: Int64, to end: ChainHead, _ db: Database) throws {
        let table = ChainedTable.attempts
        let (jobAt, effectAt, outcomeAt) = (table.place(of: "job"), table.place(of: "effect"), table.place(of: "outcome"))
        _ = try table.verify(after: before, end: end, db) { row in
            guard row.integer(jobAt) == job else { return }
            guard let outcome = row.withBytes(outcomeAt, EffectOutcome.init(bytes:)) else {
                throw JournalError.damaged("row \(row.integer(0)) of its table attempts has an outcome that is not known")
            }
            guard let index = index(of: row.integer(effectAt)) else {
                throw JournalError.damaged("row \(row.integer(0)) of its table attempts belongs to no effect of its job")
            }
            effects[index].outcome = outcome
            effects[index].attempt = row.integer(0)
        }
    }

    private mutating func readSteps(of job: Int64, after before: Int64, to end: ChainHead, _ db: Database) throws {
        let (jobAt, nameAt) = (ChainedTable.steps.place(of: "job"), ChainedTable.steps.place(of: "name"))
        _ = try ChainedTable.steps.verify(after: before, end: end, db) { row in
            guard row.integer(jobAt) == job else { return }
            steps[row.withBytes(nameAt) { ChainHash(of: $0) }] = row.integer(0)
        }
    }

    /// Effects lie in the order of their numbers.
    private func index(of effect: Int64) -> Int? {
        var (low, high) = (0, effects.count)
        while low < high {
            let middle = (low + high) / 2
            if effects[middle].effect < effect { low = middle + 1 } else { high = middle }
        }
        return low < effects.count && effects[low].effect == effect ? low : nil
    }

    /// The number of the latest effect under a key.
    subscript(key: String) -> Int64? {
        positions.isEmpty ? nil : positions[ChainHash(of: key.withoutNUL ?? key)].map { effects[Int($0)].effect }
    }

    /// The number of the last attempt of an effect; zero when there is none, or the effect is of this run.
    func attempt(of effect: Int64) -> Int64 { index(of: effect).map { effects[$0].attempt } ?? 0 }

    /// The row of a step's result.
    func step(_ name: String) -> Int64? { steps.isEmpty ? nil : steps[ChainHash(of: name.withoutNUL ?? name)] }

    mutating func keep(step name: String, row: Int64) { steps[ChainHash(of: name.withoutNUL ?? name)] = row }

    var isEmpty: Bool { effects.isEmpty }

    func mayHaveHappened(_ key: String) -> Bool {
        guard !positions.isEmpty, let index = positions[ChainHash(of: key.withoutNUL ?? key)] else { return false }
        let outcome = effects[Int(index)].outcome
        return outcome == .settled || outcome?.isOpen ?? true
    }

    func isSettled(_ key: String) -> Bool {
        !positions.isEmpty && positions[ChainHash(of: key.withoutNUL ?? key)].map { effects[Int($0)].outcome == .settled } == true
    }

    /// Effects of the latest word for each key, whose outcome is open.
    var open: [Int64] {
        positions.values.compactMap { index in
            let known = effects[Int(index)]
            return known.outcome?.isOpen ?? true ? known.effect : nil
        }.sorted()
    }

    var settled: Int { effects.count { $0.outcome == .settled } }
}

/// How many rows the chains of a job's tables had at some moment.
struct ChainLengths: Sendable, Equatable {
    var effects: Int64 = 0
    var attempts: Int64 = 0
    var steps: Int64 = 0
}

extension EffectOutcome {
    /// Without making a text of it.
    fileprivate init?(bytes: UnsafeRawBufferPointer) {
        guard let outcome = EffectOutcome.allCases.first(where: { $0.rawValue.utf8.elementsEqual(bytes) }) else { return nil }
        self = outcome
    }
}
