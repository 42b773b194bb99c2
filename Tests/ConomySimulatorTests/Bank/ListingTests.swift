import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@Suite struct ListingTests {
    private func desk() throws -> Desk {
        let states = ["SETTLED", "FAILED", "CREATED", "SETTLED", "CAPTURED"]
        return try Desk(world: World.paying((0..<25).map { .init("p\(10 + $0)", states[$0 % 5]) }))
    }

    private func ids(_ page: JSON) -> [String] { page["results"]?.array?.compactMap { $0["id"]?.string } ?? [] }

    @Test("pages read one after the other give every payment once, newest first")
    func pages() throws {
        let desk = try desk()
        var seen: [String] = []
        var offset = 0
        while true {
            let page = try desk.get("payments.list", query: ["limit": "10", "offset": String(offset)])
            guard !ids(page).isEmpty else { break }
            seen += ids(page)
            #expect(page["pagination"]?["total"] == 25)
            #expect(page["pagination"]?["count"]?.integer == seen.count)
            offset = try #require(page["pagination"]?["next"]?.integer)
        }
        #expect(seen == (0..<25).reversed().map { "p\(10 + $0)" })
    }

    @Test("filters, dates and sorting agree with a plain walk over everything")
    func filters() throws {
        let desk = try desk()
        #expect(ids(try desk.get("payments.list", query: ["status": "FAILED"])) == ["p31", "p26", "p21", "p16", "p11"])
        #expect(ids(try desk.get("payments.list", query: ["status": "FAILED,CREATED", "limit": "3"])) == ["p32", "p31", "p27"])
        #expect(ids(try desk.get("payments.list", query: ["sort": "createdAt:asc", "limit": "2"])) == ["p10", "p11"])
        #expect(
            ids(try desk.get("payments.list", query: ["sort": "status:asc", "limit": "2", "status": "FAILED,SETTLED"])) == [
                "p11", "p16",
            ])
        #expect(
            try desk.get("payments.list", query: ["startDate": "01/06/2026", "endDate": "01/06/2026"])["pagination"]?["total"]
                == 25)
        #expect(try desk.get("payments.list", query: ["startDate": "02/06/2026"])["pagination"]?["total"] == 0)
        #expect(try desk.get("payments.list", query: ["accountNumber": Desk.account("CLP")])["pagination"]?["total"] == 0)
        #expect(
            try desk.get("payments.list", query: ["accountNumber": Desk.account("ARS"), "type": "TOPUP_ACCOUNT"])["pagination"]?[
                "total"] == 25)
        #expect(try desk.get("payments.list", query: ["identityId": "other"])["pagination"]?["total"] == 0)
        #expect(ids(try desk.get("payments.list", query: ["limit": "0"])) == [])
        #expect(ids(try desk.get("payments.list", query: ["offset": "9223372036854775807"])) == [])
    }

    @Test("lists with a cursor go on after the last id read")
    func cursor() throws {
        let desk = try Desk()
        for number in 0..<5 {
            try desk.get("customers.create", body: ["firstName": .string("c\(number)"), "documentNumber": .string("\(number)")])
        }
        let first = try desk.get("customers.list", query: ["limit": "2"])
        let last = try #require(ids(first).last)
        let second = try desk.get("customers.list", query: ["limit": "2", "next": last])
        #expect(second["results"]?.array?.compactMap { $0["firstName"]?.string } == ["c2", "c1"])
        #expect(try desk.refusal("customers.list", query: ["next": "nobody"]) == "400 11")
    }

    @Test("any filters together find what a plain walk over all payments finds", arguments: 1...6 as ClosedRange<UInt64>)
    func everyFilter(seed: UInt64) throws {
        var dice = Dice(seed)
        let states = ["SETTLED", "FAILED", "CREATED", "CAPTURED", "RECEIVED"]
        let world = try World.paying((0..<80).map { .init("p\(10 + $0)", states[($0 * 7 + Int(seed)) % 5]) })
        let desk = try Desk(world: world)
        // States move, refunds and withdrawals come in, and days pass.
        for _ in 0..<60 {
            let id = "p\(10 + dice.roll(80))"
            switch dice.roll(5) {
            case 0: try desk.ask("payments.capture", id)
            case 1: try desk.ask("payments.simulate_received", body: ["id": .string(id)])
            case 2: try desk.ask("payments.refund", id, body: ["amount": "1.00"])
            case 3: try desk.ask("payments.create", body: Desk.withdrawal("1.00"))
            default: desk.simulator.advance(by: .seconds(dice.roll(30_000)))
            }
        }
        let all = try desk.get("payments.list", query: ["limit": "500"])["results"]?.array ?? []
        func accounts(_ payment: JSON) -> [String] {
            let nodes = (payment["origins"]?.array ?? []) + (payment["destinations"]?.array ?? [])
            return [payment["accountNumber"]?.string].compactMap { $0 }
                + nodes.compactMap { $0["account"]?["accountNumber"]?.string }
        }
        func day(_ payment: JSON) -> Int {
            Timestamp(payment["createdAt"]?.string ?? "").map { Int($0.millisecondsSince1970 / 86_400_000) } ?? 0
        }
        let firstDay = Int(Desk.start.millisecondsSince1970 / 86_400_000)
        for _ in 0..<60 {
            var query = ["limit": "500"]
            var expected = all
            if dice.roll(2) == 0 {
                let wanted = dice.roll(2) == 0 ? [states[dice.roll(5)]] : [states[dice.roll(5)], states[dice.roll(5)]]
                query["status"] = wanted.joined(separator: ",")
                expected = expected.filter { wanted.contains($0["status"]?.string ?? "") }
            }
            if dice.roll(3) == 0 {
                let type = ["TOPUP_ACCOUNT", "REFUND", "WITHDRAWAL_ACCOUNT"][dice.roll(3)]
                query["type"] = type
                expected = expected.filter { $0["type"]?.string == type }
            }
            if dice.roll(3) == 0 {
                let number = Desk.account(["ARS", "EUR", "CLP"][dice.roll(3)])
                query["accountNumber"] = number
                expected = expected.filter { accounts($0).contains(number) }
            }
            if dice.roll(3) == 0 {
                let id = dice.roll(4) == 0 ? "other" : Desk.identity
                query["identityId"] = id
                expected = expected.filter { $0["identityId"]?.string == id }
            }
            if dice.roll(3) == 0 {
                let from = dice.roll(6)
                query["startDate"] = "0\(from + 1)/06/2026"
                expected = expected.filter { day($0) >= firstDay + from }
            }
            if dice.roll(3) == 0 {
                let until = dice.roll(6)
                query["endDate"] = "0\(until + 1)/06/2026"
                expected = expected.filter { day($0) <= firstDay + until }
            }
            if dice.roll(3) == 0 {
                query["sort"] = "createdAt:asc"
                expected.reverse()
            }
            let page = try desk.get("payments.list", query: query)
            #expect(ids(page) == expected.compactMap { $0["id"]?.string }, "seed \(seed): \(query)")
            #expect(page["pagination"]?["total"]?.integer == expected.count)
        }
    }

    @Test("the older lists keep their own words: count, dateFrom, dateTo")
    func olderLists() throws {
        let desk = try Desk(world: World.paying([.init("p", "SETTLED")]))
        for number in 0..<3 {
            try desk.get("customers.create", body: ["firstName": "c", "documentNumber": .string("\(number)")])
            try desk.get("payments.refund", "p", body: ["amount": "1.00"])
            desk.simulator.advance(by: .seconds(3600))
        }
        #expect(ids(try desk.get("customers.list", query: ["count": "2"])).count == 2)
        #expect(try desk.refusal("customers.list", query: ["count": "501"]) == "400 11")
        let refunds = try desk.get(
            "refunds.list_legacy", query: ["dateFrom": "2026-06-01T00:30:00Z", "dateTo": "2026-06-01T01:00:00Z"])
        #expect(refunds["total"] == 1)
        #expect(try desk.get("refunds.list_legacy", query: ["status": "SETTLED"])["total"] == 3)
        #expect(try desk.get("refunds.list_legacy", query: ["clientId": "another"])["total"] == 0)
    }

    @Test("customers, identities, accounts and attempts are found by each of their filters")
    func otherLists() throws {
        let desk = try Desk()
        let ana = try desk.id(
            desk.get("customers.create", body: ["firstName": "Ana", "documentNumber": "1", "email": "a@example.com"]))
        let eva = try desk.id(
            desk.get("customers.create", body: ["firstName": "Eva", "documentNumber": "2", "operationLevel": "FULL"]))
        for (query, found) in [
            (["id": "\(ana),\(eva)"], [eva, ana]), (["documentNumber": "1"], [ana]), (["email": "a@example.com"], [ana]),
            (["operationLevel": "FULL"], [eva]), (["clientId": "another"], []), (["operationLevel": "BASIC", "id": eva], []),
        ] {
            #expect(ids(try desk.get("customers.list", query: query)) == found, "\(query)")
        }
        let person = try desk.id(desk.get("identities.create", body: ErrorTableTests.person))
        for (query, found) in [
            (["type": "USER"], [person]), (["phone": "+5491155550000"], [person]), (["country": "CHL"], [Desk.identity]),
            (["status": "ACTIVE"], [person, Desk.identity]), (["status": "PENDING"], []), (["next": person], [Desk.identity]),
            (["limit": "1"], [person]),
        ] {
            let data = try desk.get("identities.list", query: query)["data"]?.array ?? []
            #expect(data.compactMap { $0["id"]?.string } == found, "\(query)")
        }
        for (query, count) in [
            (["currency": "ARS"], 1), (["type": "CHECKING"], 8), (["status": "BLOCKED"], 0), (["externalId": "main-eur"], 1),
            (["identityId": Desk.identity, "limit": "3"], 3), (["offset": "6"], 2), (["startDate": "02/01/2026"], 0),
            (["endDate": "01/01/2026"], 8), (["parentId": "x"], 0), (["next": "000000000000000000000102"], 1),
        ] {
            let page = try desk.get("accounts.list", query: query)["pagination"]
            #expect(page?["results"]?.array?.count == count, "\(query)")
        }
        let attempt = try desk.id(desk.get("payment_attempts.create", body: Desk.topup()))
        for (query, count) in [
            (["type": "TOPUP_ACCOUNT"], 1), (["type": "PURCHASE"], 0), (["identityId": Desk.identity], 1),
            (["accountNumber": Desk.account("CLP")], 0), (["startDate": "01/06/2026", "endDate": "01/06/2026"], 1),
            (["next": attempt], 0),
        ] {
            #expect(try desk.get("payment_attempts.list", query: query)["data"]?.array?.count == count, "\(query)")
        }
    }
}
