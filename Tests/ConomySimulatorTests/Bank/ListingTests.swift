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
}
