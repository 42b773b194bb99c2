import ConomyAPI
import ExactJSON
import Fuzzing
import Testing

@testable import ConomySimulator

@Suite("Payments that are taken out of a bank")
struct SetAsideTests {
    @Test("are, when they are back, what they were, with all that lists and sums say of them")
    func roundTrip() throws {
        let failure = try fuzz(rounds: 12) { random in
            let seed = random.next()
            var options = SmallBank.options(seed)
            options.rejectsRepeatedExternalIDs = false
            let bank = try Simulator(world: SmallBank.world, options: options)
            var generator = CallGenerator(seed: random.next(), world: SmallBank.world)
            for _ in 0..<400 {
                let step = generator.next()
                generator.learn(step, step.happen(to: bank))
            }
            let twin = bank.copy()
            let ids = (bank.snapshot().json["payments"]?.array ?? []).compactMap { $0["id"]?.string }
            let roots = ids.filter { bank.family(of: $0) == $0 }
            let out = bank.setAside(families: roots)
            let gone = zip(roots, out).filter { $0.1 != nil }
            guard gone.count > 4 else { return "only \(gone.count) were set aside" }
            if let here = gone.first(where: { bank.has(.payments, $0.0) }) { return "\(here.0) is still here" }
            // Some places are taken by others meanwhile, and the order of coming back is another one.
            for (_, entries) in gone.reversed() { try bank.takeBack(entries ?? []) }
            for seconds in [0, 100, 400_000] {
                bank.advance(by: .seconds(seconds))
                twin.advance(by: .seconds(seconds))
                if let found = difference(bank, twin, ids) { return found }
            }
            return nil
        }
        #expect(failure == nil)
    }

    private func difference(_ bank: Simulator, _ twin: Simulator, _ ids: [String]) -> String? {
        if bank.balances != twin.balances { return "balances differ" }
        func payments(_ bank: Simulator) -> [String] {
            (bank.snapshot().json["payments"]?.array ?? []).map { $0.text() }.sorted()
        }
        let (given, wanted) = (payments(bank), payments(twin))
        if given != wanted { return "payments differ: \(Set(given).symmetricDifference(wanted).sorted().prefix(4))" }
        let lists: [(String, [(String, String)])] = [
            ("payments.list", []), ("refunds.list", []), ("payments.unassigned", []), ("payments.list", [("status", "SETTLED")]),
            ("payments.list", [("accountNumber", SmallBank.number(0))]), ("payments.list", [("identityId", SmallBank.owners[0])]),
        ]
        for (name, query) in lists {
            guard let operation = Catalogue.conomy[name] else { continue }
            let call = Call(operation, query: query + [("limit", "50")])
            let (given, wanted) = (bank.answer(call), twin.answer(call))
            if given.isSuccess || wanted.isSuccess, given.body != wanted.body { return "\(name) \(query) differs" }
        }
        for id in ids {
            for name in ["payments.refund_summary", "payments.refunds", "payments.get"] {
                guard let operation = Catalogue.conomy[name], let parameter = operation.pathParameters.first else { continue }
                let call = Call(operation, pathParameters: [parameter.name: id])
                let (given, wanted) = (bank.answer(call), twin.answer(call))
                if given.isSuccess || wanted.isSuccess, given.body != wanted.body { return "\(name) of \(id) differs" }
            }
        }
        return nil
    }

    @Test("stay where something is still to come of them, or where they have very many refunds")
    func stays() throws {
        let desk = try Desk(world: World.paying([.init("a", "RECEIVED"), .init("b", "SETTLED"), .init("c", "SETTLED")]))
        for _ in 0..<17 { try desk.get("payments.refund", "b", body: ["amount": "1.00"]) }
        let out = desk.simulator.setAside(families: ["a", "b", "c", "d"])
        #expect(out.map { $0?.count } == [nil, nil, 1, 0])
    }

    @Test("what a former payment had planned does not happen to the one that has its place")
    func numbers() throws {
        let desk = try Desk(world: World.paying([.init("a", "SETTLED"), .init("b", "SETTLED")]))
        _ = desk.simulator.setAside(families: ["a", "b"])
        let first = try desk.get("payments.create", body: Desk.topup("10.00"))["id"]?.string ?? ""
        #expect(try desk.status(first) == "CREATED")
        desk.simulator.withBank { bank in
            guard let position = bank.payments.position(first) else { return }
            #expect(position < 2 && bank.payments.number(position) >= 2)
            bank.due.plan(.expire(payment: position, number: position), at: bank.now)
        }
        #expect(try desk.status(first) == "CREATED")
    }
}
