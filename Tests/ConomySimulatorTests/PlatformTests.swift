import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@Suite("Tenants share nothing")
struct PlatformTests {
    /// Two tenants; the second has one identity and one account of its own.
    static let world: JSON = [
        "clock": "2026-06-01T00:00:00Z",
        "identities": [["id": "i1", "name": "First"]],
        "accounts": [["id": "a1", "identityId": "i1", "accountNumber": "1001", "currency": "ARS", "balance": "50.00"]],
        "tenants": [
            [
                "clientId": "second", "clientSecret": "s2", "apiKey": "k2",
                "identities": [["id": "i2", "name": "Second"]],
                "accounts": [["id": "a2", "identityId": "i2", "accountNumber": "2002", "currency": "ARS", "balance": "70.00"]],
            ]
        ],
    ]

    private func topup(_ number: String) -> JSON {
        Desk.topup(extra: ["destinations": [Desk.accountNode("ARS", number: number)]])
    }

    @Test("what one tenant has, another does not find: neither by id nor in lists nor as the side of a payment")
    func isolation() async throws {
        let desk = try Desk(world: try World(json: PlatformTests.world))
        let second = try #require(desk.simulator.tenant("second"))
        #expect(desk.simulator.tenant("third") == nil)
        let mine = try desk.get("payments.create", body: topup("1001"))
        let id = try desk.id(mine)
        for (name, path) in [
            ("payments.get", id), ("payments.capture", id), ("payments.refund", id), ("accounts.get", "a1"),
            ("accounts.delete", "a1"),
            ("identities.get", "i1"),
        ] {
            let answer = try await second.perform(try desk.call(name, [path]))
            #expect(answer.status == 404, "\(name)")
            #expect(answer.body?["code"] == "31")
        }
        #expect(try await second.perform(try desk.call("payments.create", [], topup("1001"))).status == 404)
        let list = try await second.perform(try desk.call("payments.list"))
        #expect(list.body?["pagination"]?["total"] == 0)
        let accounts = try await second.perform(try desk.call("accounts.list"))
        #expect(accounts.body?["pagination"]?["results"]?.array?.compactMap { $0["id"]?.string } == ["a2"])
        let own = try await second.perform(try desk.call("payments.create", [], topup("2002")))
        #expect(own.status == 200)
        #expect(own.body?["id"]?.string != id)
        #expect(try desk.get("payments.list")["pagination"]?["total"] == 1)
    }

    @Test("one clock counts for all, and a snapshot opens all tenants again")
    func snapshot() async throws {
        let desk = try Desk(world: try World(json: PlatformTests.world)) { $0.clock = nil }
        let second = try #require(desk.simulator.tenant("second"))
        let payment = try await second.perform(try desk.call("payments.create", [], topup("2002")))
        desk.simulator.advance(by: .seconds(60))
        #expect(desk.simulator.now == Timestamp("2026-06-01T00:01:00Z"))
        let again = try Simulator(world: try World(parsing: desk.simulator.snapshot().json.bytes()))
        #expect(again.snapshot().json == desk.simulator.snapshot().json)
        let id = try #require(payment.body?["id"]?.string)
        let found = try await again.tenant("second")?.perform(try desk.call("payments.get", [id]))
        #expect(found?.status == 200)
    }

    @Test(
        "a tenant that does not fit is named with its place",
        arguments: [
            ("clientId", nil, "the world's tenants[1].clientId is missing"),
            ("apiKey", "local-key", "the world's tenants[1].apiKey is the key of another tenant"),
            ("clientId", "local-client", "the world's tenants[1].clientId is local-client, which another tenant has"),
            ("clock", "2026-06-01T00:00:00Z", "the world's tenants[1].clock belongs to the whole world, not to a tenant"),
            ("acounts", "x", "the world's tenants[1].acounts is not a part of a world"),
        ] as [(String, String?, String)])
    func errors(member: String, value: String?, message: String) throws {
        var world = try #require(PlatformTests.world.object)
        var tenant = try #require(world["tenants"]?.array?.first?.object)
        tenant[member] = value.map(JSON.string)
        world["tenants"] = [.object(tenant)]
        let json = JSON.object(world)
        let error = #expect(throws: WorldError.self) { try Simulator(world: try World(json: json)) }
        #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
    }
}
