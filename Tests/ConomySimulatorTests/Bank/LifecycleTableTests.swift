import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

/// One row of the documented lifecycle: a payment is brought to `from`, the driver acts, and it is in `to`.
struct Transition: Sendable, CustomTestStringConvertible {
    let from: String
    let to: String
    let driver: String
    var options: @Sendable (inout SimulatorOptions) -> Void = { $0.settlementDelay = .seconds(60) }
    let make: @Sendable (Desk) throws -> String
    let drive: @Sendable (Desk, String) throws -> Void

    var testDescription: String { "\(from) to \(to): \(driver)" }
}

@Suite struct LifecycleTableTests {
    // MARK: Ways to each state

    @Sendable static func created(_ desk: Desk) throws -> String {
        try desk.id(
            desk.get("payments.create", body: Desk.topup(extra: ["expiresAt": "2026-06-01T05:00:00Z"])))
    }

    @Sendable static func authorized(_ desk: Desk) throws -> String {
        let id = try created(desk)
        try desk.get("payments.authorize", id)
        return id
    }

    @Sendable static func captured(_ desk: Desk) throws -> String {
        let id = try created(desk)
        try desk.get("payments.capture", id, body: [:])
        return id
    }

    @Sendable static func received(_ desk: Desk) throws -> String {
        let id = try captured(desk)
        try desk.get("payments.simulate_received", body: ["id": .string(id)])
        return id
    }

    @Sendable static func inReview(_ desk: Desk) throws -> String {
        let id = try created(desk)
        try desk.get("payments.request_review", id)
        return id
    }

    @Sendable static func deposited(_ desk: Desk) throws -> String {
        try #require(desk.simulator.deposit(rail: "CVU", amount: Money(minorUnits: 100_00, Currency("ARS"))))
    }

    @Sendable static func fail(_ desk: Desk, _ id: String) throws { #expect(desk.simulator.fail(payment: id)) }

    @Sendable static func passTime(_ desk: Desk, _ id: String) throws { desk.simulator.advance(by: .seconds(48 * 3600)) }

    static let table: [Transition] = [
        Transition(from: "CREATED", to: "AUTHORIZED", driver: "the client authorizes", make: created) { desk, id in
            try desk.get("payments.authorize", id)
        },
        Transition(from: "CREATED", to: "CAPTURED", driver: "the client captures", make: created) { desk, id in
            try desk.get("payments.capture", id, body: [:])
        },
        Transition(from: "AUTHORIZED", to: "CAPTURED", driver: "the client captures", make: authorized) { desk, id in
            try desk.get("payments.capture", id, body: [:])
        },
        Transition(from: "CREATED", to: "RECEIVED", driver: "the transfer arrives, and the platform captures", make: created) {
            desk, id in
            let code = try #require(desk.get("payments.get", id)["origins"]?.array?.first?["cvu"]?["code"]?.string)
            let found = desk.simulator.deposit(rail: "CVU", amount: Money(minorUnits: 100_00, Currency("ARS")), code: code)
            #expect(found == id)
            #expect(try desk.get("payments.get", id)["capturedAt"] != nil)
        },
        Transition(from: "CREATED", to: "REQUIRES_REVIEW", driver: "the operator asks for a review", make: created) { desk, id in
            try desk.get("payments.request_review", id)
        },
        Transition(from: "AUTHORIZED", to: "REQUIRES_REVIEW", driver: "the operator asks for a review", make: authorized) {
            desk, id in try desk.get("payments.request_review", id)
        },
        Transition(from: "CAPTURED", to: "REQUIRES_REVIEW", driver: "the operator asks for a review", make: captured) {
            desk, id in
            try desk.get("payments.request_review", id)
        },
        Transition(from: "REQUIRES_REVIEW", to: "CAPTURED", driver: "the review approves", make: inReview) { desk, id in
            try desk.get("payments.resolve_review", id, body: ["decision": "APPROVED"])
        },
        Transition(from: "REQUIRES_REVIEW", to: "FAILED", driver: "the review rejects", make: inReview) { desk, id in
            try desk.get("payments.resolve_review", id, body: ["decision": "REJECTED"])
        },
        Transition(from: "CAPTURED", to: "RECEIVED", driver: "the provider says so", make: captured) { desk, id in
            try desk.get("payments.simulate_received", body: ["transactionId": .string(id), "signature": "x"])
        },
        Transition(from: "RECEIVED", to: "SETTLED", driver: "the platform reconciles after the delay", make: received) {
            desk, _ in
            desk.simulator.advance(by: .seconds(60))
        },
        Transition(from: "RECEIVED", to: "UNSETTLED", driver: "the operator gives up", make: received) { desk, id in
            try desk.get("payments.mark_unsettled", id, body: ["reason": "lost"])
        },
        Transition(from: "CREATED", to: "SETTLED", driver: "a deposit is assigned", make: deposited) { desk, id in
            try desk.get("payments.assign", id, body: ["accountNumber": .string(Desk.account("ARS"))])
        },
        Transition(from: "CREATED", to: "EXPIRED", driver: "the deadline passes", make: created, drive: passTime),
        Transition(from: "AUTHORIZED", to: "EXPIRED", driver: "the deadline passes", make: authorized, drive: passTime),
        Transition(from: "CREATED", to: "EXPIRED", driver: "nobody claims the deposit", make: deposited, drive: passTime),
        Transition(
            from: "CREATED", to: "EXPIRED", driver: "the quote is over",
            options: {
                $0.exchangeRates = ["ARS:CLP": "0.945"]
                $0.quoteLife = .seconds(600)
            },
            make: { desk in
                try desk.id(
                    desk.get(
                        "payments.create",
                        body: [
                            "type": "TOPUP_ACCOUNT", "product": "ARS:CLP", "purchaseAmount": "100.00",
                            "origins": [["type": "CVU", "currency": "ARS"]], "destinations": [Desk.accountNode("CLP")],
                        ]))
            }
        ) { desk, _ in desk.simulator.advance(by: .seconds(600)) },
        Transition(from: "CREATED", to: "FAILED", driver: "the rail breaks", make: created, drive: fail),
        Transition(from: "AUTHORIZED", to: "FAILED", driver: "the rail breaks", make: authorized, drive: fail),
        Transition(from: "CAPTURED", to: "FAILED", driver: "the rail breaks", make: captured, drive: fail),
        Transition(from: "RECEIVED", to: "FAILED", driver: "the rail breaks", make: received, drive: fail),
        Transition(from: "REQUIRES_REVIEW", to: "FAILED", driver: "the rail breaks", make: inReview, drive: fail),
    ]

    @Test("each row of the lifecycle", arguments: table)
    func transition(row: Transition) throws {
        let desk = try Desk(row.options)
        let id = try row.make(desk)
        #expect(try desk.status(id) == row.from)
        try row.drive(desk, id)
        #expect(try desk.status(id) == row.to)
        #expect(
            try desk.get("payments.list", query: ["status": row.to])["results"]?.array?.contains { $0["id"]?.string == id }
                == true)
        #expect(try desk.get("payments.list", query: ["status": row.from])["pagination"]?["total"] == 0)
    }

    @Test("nothing becomes an attempt, and an attempt a payment when its transfer arrives or the client posts it")
    func attempts() throws {
        let desk = try Desk()
        let answer = try desk.ask("payment_attempts.create", body: Desk.topup())
        #expect(answer.status == 201)
        let attempt = try #require(answer.body)
        #expect(attempt["status"] == "ATTEMPT")
        #expect(desk.simulator.ledger.isEmpty)
        let code = try #require(attempt["origins"]?.array?.first?["cvu"]?["code"]?.string)
        #expect(try desk.get("payments.create", body: Desk.topup())["status"] == "CREATED")
        let amount = Money(minorUnits: 100_00, Currency("ARS"))
        #expect(try desk.simulator.deposit(rail: "CVU", amount: amount, code: code) == desk.id(attempt))
        #expect(try desk.status(desk.id(attempt)) == "SETTLED")
    }

    /// Each driver, with the states it may leave. Everything else is refused.
    static let drivers: [(name: String, from: Set<String>, run: @Sendable (Desk, String) throws -> Answer)] = [
        ("authorize", ["CREATED", "PENDING"], { desk, id in try desk.ask("payments.authorize", id) }),
        ("capture", ["CREATED", "PENDING", "AUTHORIZED"], { desk, id in try desk.ask("payments.capture", id) }),
        ("receive", ["CAPTURED"], { desk, id in try desk.ask("payments.simulate_received", body: ["id": .string(id)]) }),
        (
            "review", ["CREATED", "PENDING", "AUTHORIZED", "CAPTURED", "REQUIRES_REVIEW"],
            { desk, id in try desk.ask("payments.request_review", id) }
        ),
        (
            "approve", ["REQUIRES_REVIEW"],
            { desk, id in try desk.ask("payments.resolve_review", id, body: ["decision": "APPROVED"]) }
        ),
        (
            "reject", ["REQUIRES_REVIEW"],
            { desk, id in try desk.ask("payments.resolve_review", id, body: ["decision": "REJECTED"]) }
        ),
        (
            "unsettle", ["RECEIVED", "UNSETTLED"],
            { desk, id in try desk.ask("payments.mark_unsettled", id, body: ["reason": "lost"]) }
        ),
        (
            "assign", [],
            { desk, id in try desk.ask("payments.assign", id, body: ["accountNumber": .string(Desk.account("ARS"))]) }
        ),
        ("refund", ["SETTLED"], { desk, id in try desk.ask("payments.refund", id, body: ["amount": "1.00"]) }),
    ]

    static let states = [
        "ATTEMPT", "CREATED", "PENDING", "AUTHORIZED", "REQUIRES_REVIEW", "CAPTURED", "RECEIVED", "SETTLED", "UNSETTLED",
        "EXPIRED", "FAILED", "REFUNDED", "DISPUTED", "REVERSED",
    ]
    static let terminal = ["SETTLED", "FAILED", "EXPIRED", "UNSETTLED", "REFUNDED"]

    @Test("every driver works from its states, and from all others it is 422 with code 21 and changes nothing", arguments: states)
    func matrix(state: String) throws {
        for driver in LifecycleTableTests.drivers {
            let desk = try Desk(world: World.paying([.init("p", state)]))
            let answer = try driver.run(desk, "p")
            if driver.from.contains(state) {
                #expect(answer.isSuccess, "\(driver.name) from \(state): \(answer.body?.text() ?? "")")
            } else {
                #expect(answer.status == 422, "\(driver.name) from \(state)")
                #expect(answer.body?["code"] == "21", "\(driver.name) from \(state)")
                #expect(try desk.status("p") == state)
                #expect(desk.simulator.ledger.isEmpty)
            }
        }
    }

    @Test("nothing leaves a terminal state: no driver, no failing rail, no time", arguments: terminal)
    func terminalStates(state: String) throws {
        let desk = try Desk(world: World.paying([.init("p", state)]))
        for driver in LifecycleTableTests.drivers { _ = try driver.run(desk, "p") }
        #expect(!desk.simulator.fail(payment: "p"))
        desk.simulator.advance(by: .seconds(400 * 86_400))
        #expect(try desk.status("p") == state)
    }

    @Test("money is held when a payment is created, leaves at the capture, and is free again where the payment ends before")
    func money() throws {
        func withdrawal(_ desk: Desk) throws -> String {
            var body = try #require(Desk.withdrawal("10.00").object)
            body["expiresAt"] = "2026-06-01T05:00:00Z"
            return try desk.id(desk.get("payments.create", body: .object(body)))
        }
        for end in ["reject", "expire", "fail"] {
            let desk = try Desk()
            let id = try withdrawal(desk)
            #expect(try desk.funds("EUR") == ("10000000.00", "9999990.00"))
            switch end {
            case "reject":
                try desk.get("payments.request_review", id)
                try desk.get("payments.resolve_review", id, body: ["decision": "REJECTED"])
            case "expire": desk.simulator.advance(by: .seconds(86_400))
            default: desk.simulator.fail(payment: id)
            }
            #expect(try desk.funds("EUR") == ("10000000.00", "10000000.00"), "\(end)")
            #expect(desk.simulator.ledger.isEmpty)
        }
        let desk = try Desk()
        try desk.get("payments.capture", withdrawal(desk), body: [:])
        #expect(try desk.funds("EUR") == ("9999990.00", "9999990.00"))
    }
}
