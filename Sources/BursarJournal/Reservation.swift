import GRDB

/// What an effect adds to sums that are limited. It is taken in the transaction that records the intent, so that all processes together
/// never pass a limit, and given back in the one that records that the effect did not happen.
public struct Reservation: Sendable {
    /// One sum and what is added to it.
    public struct Line: Sendable, Equatable {
        /// What is summed over; the caller's word.
        public let scope: String
        /// What is counted: a currency's code, or another word.
        public let unit: String
        public let units: Int64
        public let most: Int64
        /// Money of an object is counted by the first effect that moves it.
        public let isMoney: Bool

        public init(scope: String, unit: String, units: Int64, most: Int64, isMoney: Bool) {
            self.scope = scope
            self.unit = unit
            self.units = units
            self.most = most
            self.isMoney = isMoney
        }
    }

    /// The first line that would pass its limit.
    public struct Excess: Sendable {
        /// Its place among the lines.
        public let line: Int
        /// What is taken already.
        public let sum: Int64
    }

    public let lines: [Line]
    /// The object whose money it goes on to move; nil for an effect that moves money of its own.
    public let object: String?

    public init(_ lines: [Line], object: String?) {
        self.lines = lines
        self.object = object
    }

    /// What would pass a limit; nil when all of it may be taken. Nothing is written.
    func excess(_ db: Database) throws -> Excess? {
        let known = try linesToTake(db)
        for (place, line) in lines.enumerated() where known.contains(line) {
            let sum = try Reservation.sum(line.scope, line.unit, db)
            if line.units > line.most || sum > line.most - line.units { return Excess(line: place, sum: sum) }
        }
        return nil
    }

    /// Takes it for an effect. To be called in the transaction in which nothing passed a limit.
    func take(for effect: Int64, _ db: Database) throws {
        // What an earlier sending gave back, of another run or day, is not to be taken again with it.
        try db.cachedStatement(sql: "DELETE FROM reservations WHERE effect = ? AND held = 0").execute(arguments: [effect])
        for line in try linesToTake(db) {
            try Reservation.add(line.units, to: line.scope, line.unit, db)
            let statement = try db.cachedStatement(
                sql: "INSERT OR REPLACE INTO reservations(effect, scope, unit, units, held) VALUES (?, ?, ?, ?, 1)")
            try statement.execute(arguments: [effect, line.scope, line.unit, line.units])
        }
    }

    private func linesToTake(_ db: Database) throws -> [Line] {
        guard let object, lines.contains(where: \.isMoney) else { return lines }
        let sql = """
            SELECT 1 FROM attempts a JOIN reservations r ON r.effect = a.effect
            WHERE a.result = ? AND a.outcome = 'settled' AND r.held = 1 AND r.unit = ? LIMIT 1
            """
        return try lines.filter { line in
            guard line.isMoney else { return true }
            return try Int.fetchOne(db.cachedStatement(sql: sql), arguments: [object, line.unit]) == nil
        }
    }

    // MARK: What became of the effect

    /// True when something is taken for an effect.
    static func isHeld(_ effect: Int64, _ db: Database) throws -> Bool {
        let sql = "SELECT 1 FROM reservations WHERE effect = ? AND held = 1 LIMIT 1"
        return try Int.fetchOne(db.cachedStatement(sql: sql), arguments: [effect]) != nil
    }

    /// Gives back what is taken for an effect that did not happen, and takes it again, whatever the limits, for one that did after all.
    static func follow(_ effect: Int64, _ attempt: Attempt, _ db: Database) throws {
        switch attempt.outcome {
        case .declined, .unsent, .absent: try move(effect, toHeld: false, db)
        case .settled where attempt.kind != .send, .inDoubt: try move(effect, toHeld: true, db)
        case .settled, .begun: break
        }
    }

    private static func move(_ effect: Int64, toHeld isHeld: Bool, _ db: Database) throws {
        let sql = "SELECT scope, unit, units FROM reservations WHERE effect = ? AND held = ?"
        let rows = try Row.fetchAll(db.cachedStatement(sql: sql), arguments: [effect, !isHeld])
        for row in rows {
            let units: Int64 = row[2]
            try add(isHeld ? units : -units, to: row[0], row[1], db)
        }
        guard !rows.isEmpty else { return }
        try db.cachedStatement(sql: "UPDATE reservations SET held = ? WHERE effect = ?").execute(arguments: [isHeld, effect])
    }

    // MARK: Sums

    static func sum(_ scope: String, _ unit: String, _ db: Database) throws -> Int64 {
        let sql = "SELECT units FROM sums WHERE scope = ? AND unit = ?"
        return try Int64.fetchOne(db.cachedStatement(sql: sql), arguments: [scope, unit]) ?? 0
    }

    private static func add(_ units: Int64, to scope: String, _ unit: String, _ db: Database) throws {
        let (sum, overflow) = try Reservation.sum(scope, unit, db).addingReportingOverflow(units)
        guard !overflow, sum >= 0 else {
            throw JournalError.damaged("the sum of \(unit) over \(scope) does not fit what its effects have taken")
        }
        let sql = "INSERT OR REPLACE INTO sums(scope, unit, units) VALUES (?, ?, ?)"
        try db.cachedStatement(sql: sql).execute(arguments: [scope, unit, sum])
    }

    /// Makes every sum anew from what its effects have taken.
    static func sumAgain(_ db: Database) throws {
        try db.execute(
            sql: """
                DELETE FROM sums;
                INSERT INTO sums(scope, unit, units) SELECT scope, unit, sum(units) FROM reservations WHERE held = 1 GROUP BY scope, unit
                """)
    }

    /// Compares every sum with what its effects have taken.
    static func verify(_ db: Database) throws {
        // An earlier program's journal that is only read has none.
        guard try db.tableExists("sums") else { return }
        let sql = """
            SELECT scope, unit FROM sums s WHERE units <> (
              SELECT coalesce(sum(units), 0) FROM reservations r WHERE r.scope = s.scope AND r.unit = s.unit AND held = 1)
            UNION ALL
            SELECT scope, unit FROM reservations r WHERE held = 1 AND NOT EXISTS (
              SELECT 1 FROM sums s WHERE s.scope = r.scope AND s.unit = r.unit)
            LIMIT 1
            """
        if let row = try Row.fetchOne(db, sql: sql) {
            throw JournalError.damaged(
                "the sum of \(row[1] as String) over \(row[0] as String) is not what its effects have taken")
        }
    }
}
