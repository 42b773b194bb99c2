import ConomyAPI
import GRDB
import Synchronization
import Testing

@testable import BursarJournal

@Suite("What the journal is asked")
struct QueryTests {
    @Test("nothing that is asked once an effect reads a whole table")
    func plans() async throws {
        let journal = try Journal()
        let first = try await journal.hold()
        try await first.record("a", .inDoubt)
        try await first.flush()
        let statements = Mutex<Set<String>>([])
        try await journal.group.commit { db, _ in
            db.trace { event in
                if case .statement(let statement) = event { statements.withLock { _ = $0.insert(statement.sql) } }
            }
        }
        _ = try await first.intend(intent("b", object: "object of a", mustNotRepeat: true))
        _ = try await first.effect(1)
        _ = try await first.isResult("x", ofOtherThan: 1)
        _ = try await first.step("s")
        try await first.keep(step: "s", "v")
        _ = try await first.step("s")
        _ = await first.mayLeave()
        first.note(Attempt(.send, .settled), of: 1)
        first.note(row: "a", loop: "l", line: 1, status: "succeeded", reason: "")
        try await first.flush()
        let asked = statements.withLock { $0 }.filter { $0.hasPrefix("SELECT") || $0.hasPrefix("INSERT") }
        #expect(asked.count > 6)
        let plans = try await journal.group.commit { db, _ in
            try asked.map { sql in
                let statement = try db.makeStatement(sql: "EXPLAIN QUERY PLAN " + sql)
                // What is not bound is nothing.
                statement.setUncheckedArguments(StatementArguments())
                return (sql, try Row.fetchAll(statement).map { $0["detail"] as String })
            }
        }
        for (sql, plan) in plans {
            // What two counts give is a row each.
            #expect(!plan.contains { $0.hasPrefix("SCAN") && !$0.hasPrefix("SCAN (subquery") }, "\(sql)\n\(plan)")
        }
    }

    @Test("an effect by another job on the same object, with the same request, is shown; by this job, or declined, it is not")
    func repetition() async throws {
        let journal = try Journal()
        let first = try await journal.hold(beginning("first"))
        try await first.record("settled")
        try await first.record("declined", .declined)
        let second = try await journal.hold(beginning("second"))
        for (key, isRepeated) in [("settled", true), ("declined", false), ("new", false)] {
            let answer = try await second.intend(intent("mine", object: "object of \(key)", mustNotRepeat: true))
            if case .repeats(let effect, let job) = answer {
                #expect(isRepeated && effect.key == key && job.id == first.job.id)
            } else {
                #expect(!isRepeated, "\(key)")
            }
        }
        if case .repeats = try await first.intend(intent("x", object: "object of settled", mustNotRepeat: true)) {
            Issue.record("its own effect is not a repetition")
        }
    }
}
