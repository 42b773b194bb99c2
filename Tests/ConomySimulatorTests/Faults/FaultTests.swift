import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@Suite struct FaultTests {
    @Test(
        "a fault that cannot be ordered is named with its place and what to write instead",
        arguments: [
            ("{}", "faults[1].fault is missing"),
            (#"{"fault": "clsoe", "operation": "*"}"#, #"faults[1].fault is "clsoe", which is not known; did you mean close?"#),
            (#"{"fault": "close"}"#, "faults[1].operation is missing"),
            (
                #"{"fault": "close", "operation": "payments.refnd"}"#,
                #"faults[1].operation is "payments.refnd", and no operation is called so; did you mean payments.refund?"#
            ),
            (#"{"fault": "close", "operation": "*", "call": 3}"#, "faults[1].call is not known here; did you mean calls?"),
            (#"{"fault": "close", "operation": "*", "calls": "0"}"#, "faults[1].calls is not written as 3, 1-5, 4- or 2,7"),
            (#"{"fault": "close", "operation": "*", "calls": "5-2"}"#, "faults[1].calls is not written as 3, 1-5, 4- or 2,7"),
            (
                #"{"fault": "close", "operation": "*", "probability": "1.5"}"#,
                #"faults[1].probability is not a number from 0 to 1 with at most six decimals, such as "0.05""#
            ),
            (
                #"{"fault": "close", "operation": "*", "status": 500}"#,
                "faults[1].status does not belong to close, which takes when"
            ),
            (#"{"fault": "close", "event": "*"}"#, "faults[1].event does not belong to close; it has operation"),
            (
                #"{"fault": "duplicate", "event": "payment.setled"}"#,
                #"faults[1].event is "payment.setled", and no event is called so; did you mean payment.settled?"#
            ),
            (#"{"fault": "duplicate", "operation": "*"}"#, "faults[1].operation does not belong to duplicate; it has event"),
            (#"{"fault": "status", "operation": "*", "status": 99}"#, "faults[1].status is 99, and goes from 200 to 599"),
            (
                #"{"fault": "status", "operation": "*", "retryAfter": "1\r\nX: y"}"#,
                "faults[1].retryAfter holds a character that no header may carry"
            ),
            (
                #"{"fault": "status", "operation": "*", "code": "99"}"#,
                #"faults[1].code is "99", which is not known; one of 01, 02, 11, 12, 13, 14, 21, 31, 32, 41, 42, 43"#
            ),
            (#"{"fault": "rubbish", "operation": "*", "patch": 1}"#, "faults[1].patch is a whole number where an object belongs"),
            ("3", "faults[1] is a whole number where an object belongs"),
        ])
    func errors(order: String, message: String) throws {
        let json = try JSON(parsing: "[\(order)]".utf8)
        let error = #expect(throws: OrderError.self) { try Fault.list(json) }
        #expect(error?.description == message)
    }

    private func desk(_ faults: String, seed: UInt64 = 7) throws -> Desk {
        let faults = try Fault.list(try JSON(parsing: faults.utf8))
        return try Desk {
            $0.seed = seed
            $0.faults = faults
        }
    }

    /// How a call ends in memory: a status, or the code of the failure.
    private func end(_ desk: Desk, _ name: String, _ path: [String] = [], _ body: JSON? = nil) async throws -> String {
        let call = try desk.call(name, path, body)
        do throws(CallFailure) { return String(try await desk.simulator.perform(call).status) } catch {
            return "\(error.kind.rawValue) \(error.code)"
        }
    }

    private func count(_ desk: Desk) throws -> Int? { try desk.get("payments.list")["pagination"]?["total"]?.integer }

    @Test(
        "each fault, as a caller in memory meets it: how the call ends, and whether the bank has acted",
        arguments: [
            (#""fault": "close""#, "in_doubt connection_lost", false),
            (#""fault": "close", "when": "after""#, "in_doubt connection_lost", true),
            (#""fault": "reset""#, "in_doubt connection_lost", false),
            (#""fault": "reset", "when": "after""#, "in_doubt connection_lost", true),
            (#""fault": "stall""#, "in_doubt timeout", true),
            (#""fault": "stall", "when": "before""#, "in_doubt timeout", false),
            (#""fault": "delay", "seconds": 3600"#, "200", true),
            (#""fault": "status""#, "503", false),
            (#""fault": "status", "status": 429, "retryAfter": "3""#, "429", false),
            (#""fault": "status", "status": 500, "when": "after""#, "500", true),
            (#""fault": "rubbish""#, "in_doubt rubbish_answer", true),
            (#""fault": "rubbish", "when": "before""#, "in_doubt rubbish_answer", false),
            (#""fault": "rubbish", "patch": {"id": null}"#, "200", true),
            (#""fault": "truncate""#, "in_doubt rubbish_answer", true),
            (#""fault": "slow""#, "200", true),
            (#""fault": "expire_token""#, "401", false),
            (#""fault": "refuse""#, "unreachable connection_failed", false),
        ])
    func inMemory(fault: String, expected: String, acted: Bool) async throws {
        let desk = try desk("[{\"operation\": \"payments.create\", \(fault)}]")
        #expect(try await end(desk, "payments.create", [], Desk.topup()) == expected)
        #expect(try count(desk) == (acted ? 1 : 0))
    }

    @Test("every code of the API's error table can be ordered, with its status and its type", arguments: APIErrorCode.allCases)
    func codes(code: APIErrorCode) async throws {
        let desk = try desk("[{\"operation\": \"payments.list\", \"fault\": \"status\", \"code\": \"\(code.rawValue)\"}]")
        let answer = try await desk.simulator.perform(try desk.call("payments.list"))
        #expect(answer.status == code.status)
        #expect(answer.body?["status"]?.integer == code.status)
        #expect(answer.body?["code"]?.string == code.rawValue)
        #expect(answer.body?["type"]?.string == code.type)
        #expect(answer.body?["traceId"]?.string?.utf8.count == 36)
    }

    @Test("a fault happens at the calls it names, counted among those that concern it, and never more often than it may")
    func which() async throws {
        let desk = try desk(
            """
            [{"operation": "payments.*", "fault": "status", "status": 500, "calls": "2,4-5"},
             {"operation": "payments.list", "fault": "status", "status": 502, "times": 1}]
            """)
        var ends: [String] = []
        for _ in 1...6 { ends.append(try await end(desk, "payments.list")) }
        #expect(ends == ["502", "500", "200", "500", "500", "200"])
        #expect(try await end(desk, "accounts.list") == "200")
        desk.simulator.order(try Fault.list([["operation": "auth", "fault": "close"]]))
        desk.simulator.removeFaults()
        #expect(try await end(desk, "payments.list") == "200")
    }

    @Test("chance comes from the seed alone: the same seed meets the same faults, and ids are not touched by them")
    func chance() async throws {
        let faults = #"[{"operation": "payments.create", "fault": "close", "when": "after", "probability": "0.3"}]"#
        var runs: [[String]] = []
        for seed in [7, 7, 8] as [UInt64] {
            let desk = try desk(faults, seed: seed)
            var ends: [String] = []
            for _ in 1...60 { ends.append(try await end(desk, "payments.create", [], Desk.topup())) }
            runs.append(ends)
        }
        #expect(runs[0] == runs[1])
        #expect(runs[0] != runs[2])
        let lost = runs[0].count { $0 != "200" }
        #expect((8...30).contains(lost), "\(lost) of 60")

        let (faulty, sound) = (try desk(faults), try Desk())
        for _ in 1...20 { _ = try await end(faulty, "payments.create", [], Desk.topup()) }
        for _ in 1...20 { _ = try await end(sound, "payments.create", [], Desk.topup()) }
        #expect(faulty.simulator.snapshot().json == sound.simulator.snapshot().json)
    }
}
