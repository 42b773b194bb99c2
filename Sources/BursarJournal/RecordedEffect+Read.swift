import ConomyAPI
import GRDB

extension RecordedEffect {
    /// Effects with the last attempt that says something of them. `where` speaks of `e`, the effect, and `a`, that attempt.
    static func query(_ condition: String) -> String {
        """
        SELECT e.id, e.job, e.run, e.key, e.row, e.operation, e.object, e.stamp, e.amount, e.currency, e.request, e.location, e.at,
          a.outcome, a.status, a.result, a.answer, a.detail, a.at, a.id, a.kind, a.effect
        FROM effects e LEFT JOIN attempts a ON a.id = (SELECT max(id) FROM attempts WHERE effect = e.id)
        WHERE \(condition)
        """
    }

    static func find(_ id: Int64, _ db: Database) throws -> RecordedEffect? {
        let statement = try db.cachedStatement(sql: query("e.id = ?"))
        return try fetch(statement, [id]).first
    }

    /// - Parameter arguments: for the condition.
    static func all(_ condition: String, _ arguments: StatementArguments, _ db: Database) throws -> [RecordedEffect] {
        try fetch(db.cachedStatement(sql: query(condition)), arguments)
    }

    private static func fetch(_ statement: Statement, _ arguments: StatementArguments) throws -> [RecordedEffect] {
        let rows = try Row.fetchCursor(statement, arguments: arguments)
        let row = StoredRow(statement)
        var effects: [RecordedEffect] = []
        while try rows.next() != nil {
            let effect = RecordedEffect(row)
            // The attempt was named by an index: a damaged one names another effect's.
            guard row.isNothing(21) || row.integer(21) == effect.id else {
                throw JournalError.damaged(
                    "its index of attempts gives effect \(effect.id) the attempt \(effect.attempt) of another")
            }
            effects.append(effect)
        }
        return effects
    }

    /// A page of a job's effects, in the order of their numbers.
    ///
    /// They are read as they lie: by an index of the job all of them would be sorted again for each page.
    /// - Parameters:
    ///   - after: the number of the last effect of the page before; 0 for the first.
    ///   - outcome: only those of which this is known last.
    static func page(of job: JobRecord, after: Int64, outcome: EffectOutcome? = nil, most: Int, _ db: Database) throws
        -> [RecordedEffect]
    {
        try all(
            pageCondition, [job.id, max(after, job.before.effects), outcome?.rawValue, outcome?.rawValue, most], db)
    }

    static let pageCondition =
        "+e.job = ? AND e.id > ? AND (? IS NULL OR a.outcome = ? OR a.effect <> e.id) ORDER BY e.id LIMIT ?"

    static let isOpenCondition = "(a.outcome IS NULL OR a.outcome IN ('begun', 'in_doubt'))"

    /// True of effects that `:word` names: by their key, their row's path or key, their object, stamp or what they made.
    static let isNamedCondition = """
        (e.key = :word OR e.row = :word OR substr(e.row, -length(:word) - 1) = '/' || :word OR e.object = :word OR e.stamp = :word
          OR e.id IN (SELECT effect FROM attempts WHERE result = :word))
        """

    static func open(job: Int64, most: Int, _ db: Database) throws -> [RecordedEffect] {
        // Of several versions of one key the last one counts.
        let newest = "e.id = (SELECT max(id) FROM effects WHERE job = e.job AND key = e.key)"
        return try all("e.job = ? AND \(isOpenCondition) AND \(newest) ORDER BY e.id LIMIT ?", [job, most], db)
    }

    /// The same request to the same object by another job of the same environment, or of the same place under another name, if it happened or may have. Where the object was there before,
    /// the same amount is the same request, whatever else it says: another reason is no other refund.
    ///
    /// Where the job was changed, also what it did itself to the object in an earlier run, under another key and with whatever request: rows
    /// may have got other names. Two indexes are asked: damage to one of them cannot hide an effect.
    /// - Parameter changedIn: the number of the run, where the job is not what it was in all earlier ones.
    static func repeated(
        _ intent: Intent, object: String, by job: JobRecord, changedIn run: Int64?, _ db: Database
    ) throws -> RecordedEffect? {
        let object = object.withoutNUL ?? object
        var known: [(count: Int64, last: Int64)] = []
        try db.cachedStatement(sql: counts).eachRow(object, intent.operation) { row in
            known.append((row.integer(0), row.integer(1)))
        }
        guard known.allSatisfy({ $0 == known[0] }) else {
            throw JournalError.damaged("two of its indexes differ on \(object)")
        }
        guard known[0].count > 0 else { return nil }
        let statement = try db.cachedStatement(
            sql: query(
                """
                e.object = ?1 AND e.operation = ?2
                AND (e.job <> ?4 AND (e.request = ?3 OR (e.amount = ?7 AND e.currency = ?8))
                    AND (a.outcome IS NULL OR a.outcome IN ('begun', 'in_doubt', 'settled'))
                  OR e.request = ?3 AND e.key <> ?5 AND a.outcome = 'in_doubt'
                  OR e.job = ?4 AND e.run < ?6 AND e.key <> ?5 AND a.outcome = 'settled' OR a.effect <> e.id)
                AND EXISTS (SELECT 1 FROM jobs j WHERE j.id = e.job AND (j.environment = ?9 OR j.target = ?10))
                ORDER BY e.id DESC LIMIT 1
                """))
        let amount = intent.actsOnObject ? intent.amount : nil
        let arguments: StatementArguments = [
            object, intent.operation, intent.request, job.id, intent.key, run, amount?.text, amount?.currency.code,
            job.identity.environment, job.identity.target,
        ]
        return try fetch(statement, arguments).first
    }

    /// How many effects of an operation name an object, and the last of them, as each of two indexes says: a row each.
    private static let counts = ["effects_object", "effects_operation"].map { index in
        "SELECT count(*), max(id) FROM effects INDEXED BY \(index) WHERE object = ?1 AND operation = ?2"
    }.joined(separator: " UNION ALL ")

    private init(_ row: StoredRow) {
        id = row.integer(0)
        job = row.integer(1)
        run = row.integer(2)
        key = row.text(3)
        self.row = row.optionalText(4)
        operation = row.text(5)
        object = row.optionalText(6)
        stamp = row.optionalText(7)
        let (amount, currency) = (row.optionalText(8), row.optionalText(9))
        self.amount = amount.flatMap { text in currency.flatMap { try? Money(text, Currency($0)) } }
        request = row.text(10)
        location = row.optionalText(11)
        let intended = row.integer(12)
        intendedAt = Timestamp(millisecondsSince1970: intended)
        outcome = row.optionalText(13).flatMap(EffectOutcome.init)
        status = row.isNothing(14) ? nil : Int(row.integer(14))
        result = row.optionalText(15)
        answer = row.optionalText(16)
        detail = row.optionalText(17)
        at = Timestamp(millisecondsSince1970: row.isNothing(18) ? intended : row.integer(18))
        attempt = row.integer(19)
        isDecided = row.optionalText(20) == Attempt.Kind.resolve.rawValue
    }
}
