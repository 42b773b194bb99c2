import Crypto
import GRDB

/// What a job did before this run, by key: a few dozen bytes an effect, made from the rows themselves, each compared with its hash. No
/// index of the database is asked whether an effect is known: a damaged one could say no.
struct JobMemory: Sendable {
    private struct Known {
        let effect: Int64
        /// Nil where nothing but the intent is known.
        var outcome: EffectOutcome?
    }

    private struct Key: Hashable {
        let high: UInt64
        let low: UInt64

        init(_ text: String) {
            var words: [UInt64] = [0, 0]
            words.withUnsafeMutableBytes { $0.copyBytes(from: Array(SHA256.hash(data: Array(text.utf8)).prefix(16))) }
            (high, low) = (words[0], words[1])
        }
    }

    private var positions: [Key: Int32] = [:]
    private var effects: [Known] = []

    init() {}

    /// - Throws: `JournalError` of kind damaged.
    init(of job: Int64, _ db: Database) throws {
        guard
            let first = try Int64.fetchOne(
                db, sql: "SELECT id FROM effects NOT INDEXED WHERE job = ? ORDER BY id LIMIT 1", arguments: [job])
        else {
            return
        }
        var byID: [Int64: Int32] = [:]
        let position = Dictionary(uniqueKeysWithValues: ChainedTable.effects.columns.enumerated().map { ($1, $0 + 1) })
        let (jobAt, keyAt) = (position["job", default: 0], position["key", default: 0])
        _ = try ChainedTable.effects.verify(from: first, db) { row in
            guard row[jobAt] == job else { return }
            byID[row[0]] = Int32(effects.count)
            positions[Key(row[keyAt])] = Int32(effects.count)
            effects.append(Known(effect: row[0], outcome: nil))
        }
        let firstAttempt = try Int64.fetchOne(
            db, sql: "SELECT id FROM attempts NOT INDEXED WHERE job = ? ORDER BY id LIMIT 1", arguments: [job])
        guard let firstAttempt else { return }
        let place = Dictionary(uniqueKeysWithValues: ChainedTable.attempts.columns.enumerated().map { ($1, $0 + 1) })
        let (effectAt, outcomeAt) = (place["effect", default: 0], place["outcome", default: 0])
        _ = try ChainedTable.attempts.verify(from: firstAttempt, db) { row in
            guard let index = byID[row[effectAt]] else { return }
            guard let outcome = EffectOutcome(rawValue: row[outcomeAt]) else {
                throw JournalError.damaged("row \(row[0] as Int64) of its table attempts has an outcome that is not known")
            }
            effects[Int(index)].outcome = outcome
        }
    }

    /// The number of the latest effect under a key.
    subscript(key: String) -> Int64? { positions.isEmpty ? nil : positions[Key(key)].map { effects[Int($0)].effect } }

    var isEmpty: Bool { effects.isEmpty }

    func isSettled(_ key: String) -> Bool {
        !positions.isEmpty && positions[Key(key)].map { effects[Int($0)].outcome == .settled } == true
    }

    /// Effects of the latest word for each key, whose outcome is open.
    var open: [Int64] {
        positions.values.compactMap { index in
            switch effects[Int(index)].outcome {
            case nil, .begun, .inDoubt: effects[Int(index)].effect
            default: nil
            }
        }.sorted()
    }
}
