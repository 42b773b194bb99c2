import ConomyAPI
import ConomySimulator
import ExactJSON
import Fuzzing
import Testing

@Suite struct ListInvariantTests {
    @Test("whatever is asked for, lists of payments and refunds are what a plain walk over all of them finds")
    func lists() throws {
        let failure = try fuzz(rounds: 4) { random in
            let seed = random.next()
            let simulator = try SmallBank.simulator(seed)
            var generator = CallGenerator(seed: random.next(), world: SmallBank.world)
            for _ in 0..<200 {
                let step = generator.next()
                generator.learn(step, step.happen(to: simulator))
            }
            var object = simulator.snapshot().json.object ?? [:]
            let all = object["payments"]?.array ?? []
            // A file may hold them in any order.
            object["payments"] = .array(all.shuffled(using: &random))
            let again = try Simulator(world: World(json: .object(object)))
            for _ in 0..<60 {
                for bank in [simulator, again] {
                    let name = random.once(in: 3) ? "refunds.list" : "payments.list"
                    let query = query(all, isRefunds: name == "refunds.list", &random)
                    let call = Call(
                        try #require(Catalogue.conomy[name]), query: query.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
                    let body = bank.answer(call).body
                    let found = (body?["results"]?.array ?? []).map { $0["id"]?.string ?? "" }
                    let wanted = walk(all, query, isRefunds: name == "refunds.list")
                    let total = body?["pagination"]?["total"]?.integer
                    let page = Array(wanted.dropFirst(Int(query["offset"] ?? "") ?? 0).prefix(Int(query["limit"] ?? "") ?? 50))
                    guard found == page, total == wanted.count else {
                        return "\(call.target) finds \(total ?? 0), \(found), and there are \(wanted.count), \(page)"
                    }
                }
            }
            return nil
        }
        #expect(failure == nil)
    }

    private func query(_ all: [JSON], isRefunds: Bool, _ random: inout FuzzRandom) -> [String: String] {
        let some = random.one(of: all)
        var query: [String: String] = [:]
        if random.once(in: 3) {
            query["status"] = random.one(of: ["SETTLED", "FAILED", isRefunds ? "RECEIVED" : "RECEIVED,CAPTURED,SETTLED"])
        }
        if random.once(in: 3) { query["accountNumber"] = SmallBank.number(random.number(0...9)) }
        if random.once(in: 4) { query["type"] = some["type"]?.string }
        if random.once(in: 4) { query["identityId"] = some["identityId"]?.string }
        if random.once(in: 4) { query["parentPaymentId"] = some["parentPaymentId"]?.string ?? some["id"]?.string }
        if random.once(in: 4) { query["startDate"] = random.one(of: ["01/05/2026", "02/06/2026", "05/06/2026"]) }
        if random.once(in: 4) { query["endDate"] = random.one(of: ["01/05/2026", "01/06/2026", "04/06/2026"]) }
        if random.once(in: 3) { query["sort"] = "createdAt:asc" }
        if random.once(in: 2) { query["limit"] = "\(random.number(0...9))" }
        if random.once(in: 4) { query["offset"] = "\(random.number(0...9))" }
        return query
    }

    /// The ids that fit, in the order asked for.
    private func walk(_ all: [JSON], _ query: [String: String], isRefunds: Bool) -> [String] {
        // dd/mm/yyyy, as the first ten characters of a timestamp.
        func day(_ text: String) -> String { text.split(separator: "/").reversed().joined(separator: "-") }
        let found = all.filter { payment in
            func fits(_ name: String, _ member: String) -> Bool { query[name].map { $0 == payment[member]?.string } ?? true }
            let made = String((payment["createdAt"]?.string ?? "").prefix(10))
            let nodes = (payment["origins"]?.array ?? []) + (payment["destinations"]?.array ?? [])
            let numbers = [payment["accountNumber"]?.string] + nodes.map { $0["account"]?["accountNumber"]?.string }
            return (query["status"].map { $0.split(separator: ",").contains { $0 == payment["status"]?.string ?? "" } } ?? true)
                && fits("identityId", "identityId") && (query["accountNumber"].map { numbers.contains($0) } ?? true)
                && (isRefunds ? payment["type"] == "REFUND" && fits("parentPaymentId", "parentPaymentId") : fits("type", "type"))
                && (query["startDate"].map { made >= day($0) } ?? true) && (query["endDate"].map { made <= day($0) } ?? true)
        }
        let sorted = found.map {
            ($0["createdAt"]?.string.flatMap { Timestamp($0) }?.millisecondsSince1970 ?? 0, $0["id"]?.string ?? "")
        }.sorted { $0 < $1 }
        return (query["sort"] == "createdAt:asc" ? sorted : sorted.reversed()).map(\.1)
    }
}
