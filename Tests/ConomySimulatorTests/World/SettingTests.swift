import ConomyAPI
import ConomySimulator
import ExactJSON
import Foundation
import Testing

@Suite struct SettingTests {
    static let everything: JSON = [
        "settlementDelaySeconds": 60, "refundSettlementDelaySeconds": .decimal("0.250"), "unassignedLifeSeconds": 3600,
        "unassignedUrgencySeconds": 600, "quoteLifeSeconds": 900, "tokenLifeSeconds": 1800, "rejectsRepeatedExternalIds": true,
        "settlementFailsMissing": true, "brandPersistence": true, "exchangeRates": ["USD:CLP": "945.10"],
        "reviewThresholds": ["ARS": "1000.00"], "reviewRules": [[["name": "paymentMethod", "value": "SWIFT"]]],
        "minimums": ["CVU:ARS": "5.00", "SWIFT:USD": "1.00"],
        "tierLimits": ["BASIC": ["ARS": ["single": "500.00", "windows": [["hours": 24, "amount": "900.00"]]]]],
        "assignTolerances": ["ARS": "1.00"],
    ]

    private func world(_ settings: JSON) throws -> World {
        var parts = try #require(World.starter.json.object)
        parts["settings"] = settings
        return try World(json: .object(parts))
    }

    @Test("a snapshot writes all settings as they were read, so that it opens the same bank")
    func roundTrip() throws {
        let settings = try Simulator(world: world(SettingTests.everything)).snapshot().json["settings"]
        #expect(settings == SettingTests.everything)
        let text = try Simulator(world: World(parsing: World(json: ["settings": settings ?? .null]).json.bytes()))
        #expect(text.snapshot().json["settings"] == settings)
    }

    @Test("what the world says counts, and what it leaves out is as the options say")
    func precedence() throws {
        let desk = try Desk(world: world(["settlementDelaySeconds": 60])) {
            $0.settlementDelay = .seconds(5)
            $0.refundSettlementDelay = .seconds(7)
        }
        let id = try desk.settled()
        desk.simulator.advance(by: .seconds(59))
        #expect(try desk.status(id) == "RECEIVED")
        desk.simulator.advance(by: .seconds(1))
        #expect(try desk.status(id) == "SETTLED")
        let refund = try #require(desk.get("payments.refund", id)["refundId"]?.string)
        desk.simulator.advance(by: .seconds(6))
        #expect(try desk.status(refund) == "RECEIVED")
        desk.simulator.advance(by: .seconds(1))
        #expect(try desk.status(refund) == "SETTLED")
    }

    @Test("each setting is described where worlds are")
    func described() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Sources/ConomySimulator/World/World.swift")
        let text = try String(contentsOf: file, encoding: .utf8)
        let names = try Simulator().snapshot().json["settings"]?.object?.keys ?? []
        #expect(names.count == SettingTests.everything.object?.count)
        for name in names { #expect(text.contains(name), "\(name)") }
    }

    @Test(
        "a setting that does not fit is named with its place, and what was probably meant",
        arguments: [
            (
                ["setlementDelaySeconds": 1], "settings.setlementDelaySeconds is not a setting",
                "did you mean settlementDelaySeconds?"
            ),
            (["settlementDelaySeconds": -1], "settings.settlementDelaySeconds is not a number of seconds", ""),
            (["settlementDelaySeconds": "60"], "settings.settlementDelaySeconds is not a number of seconds", ""),
            (["brandPersistence": 1], "settings.brandPersistence is a whole number where true or false belongs", ""),
            (["exchangeRates": ["USD": "1"]], "settings.exchangeRates.USD is no pair of currencies", ""),
            (["exchangeRates": ["USD:CLP": "0"]], "settings.exchangeRates.USD:CLP is \"0\", which is no rate", ""),
            (["reviewThresholds": ["ARZ": "1"]], "settings.reviewThresholds.ARZ names the currency ARZ", "did you mean ARS?"),
            (["reviewThresholds": ["CLP": "1.50"]], "settings.reviewThresholds.CLP is no amount of CLP", "has none"),
            (["minimums": ["CVV:ARS": "1"]], "settings.minimums.CVV:ARS is no rail and currency", "did you mean CVU?"),
            (["minimums": ["CVU:EUR": "1"]], "settings.minimums.CVU:EUR names a currency that CVU does not carry", ""),
            (["tierLimits": ["BASIK": [:]]], "settings.tierLimits.BASIK is no level", "did you mean BASIC?"),
            (
                ["tierLimits": ["BASIC": ["ARS": ["windows": [["hours": 0, "amount": "1"]]]]]],
                "settings.tierLimits.BASIC.ARS.windows[1].hours is not a whole number of hours", ""
            ),
            (
                ["reviewRules": [[["name": "paymentMetod", "value": "x"]]]], "settings.reviewRules[1][1].name",
                "did you mean paymentMethod?"
            ),
            (["reviewRules": [[]]], "settings.reviewRules[1] has no condition", ""),
        ] as [(JSON, String, String)])
    func errors(settings: JSON, start: String, hint: String) throws {
        let error = #expect(throws: WorldError.self) { try world(settings) }
        let text = error?.description ?? ""
        #expect(text.hasPrefix("the world's " + start), "\(text)")
        #expect(hint.isEmpty || text.contains(hint), "\(text)")
    }

    @Test("what code gives is checked in the same way")
    func options() {
        var options = SimulatorOptions()
        options.minimums = ["CVU:ARS": "much"]
        let error = #expect(throws: WorldError.self) { try Simulator(options: options) }
        #expect(error?.path == "settings.minimums.CVU:ARS")
    }

    @Test("tokens live as long as the settings say")
    func tokens() throws {
        let desk = try Desk { $0.tokenLife = .seconds(90) }
        #expect(try desk.get("auth", body: ["clientId": "local-client", "clientSecret": "local-secret"])["expiresIn"] == 90)
    }
}
