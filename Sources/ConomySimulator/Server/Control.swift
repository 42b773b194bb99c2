import ConomyAPI
import ExactJSON

/// What a test or an operator may do to the simulator itself, under `/_sim/`. Only this machine may; no token is needed.
///
/// - `GET clock`, `POST clock` with `{"advanceSeconds": n}` or `{"set": "2026-04-17T14:37:44Z"}`: both answer `{now, isManual}`
/// - `GET ledger?after=SEQUENCE&limit=N`: `{total, entries}`, oldest first, all of them where no limit is given
/// - `GET world`: the state, as a world that opens the same bank
/// - `POST deposits` with `{rail, amount, currency, code?, originator?, reference?}`: money arrives; answers `{paymentId}`
/// - `POST payments/{id}/fail`: the rail breaks
/// - `POST tokens/expire`: every token is over
struct Control {
    let simulator: Simulator

    init(_ simulator: Simulator) { self.simulator = simulator }

    func answer(_ request: WireRequest, _ path: Substring, _ query: Substring) -> Answer {
        do throws(Refusal) {
            guard request.isLocal else {
                throw Refusal(.forbiddenOperation, "the simulator is controlled from its own machine only")
            }
            var body: JSON = [:]
            if let bytes = request.body, !bytes.isEmpty {
                do { body = try JSON(parsing: bytes) } catch { throw Refusal(.parsingResource, "the body is not JSON: \(error)") }
            }
            return Answer(
                status: 200,
                body: try perform(request.method, path.dropFirst(6).split(separator: "/").map(String.init), query, body))
        } catch {
            return simulator.withBank { error.answer(traceID: $0.identifiers.uuid()) }
        }
    }

    private func perform(_ method: String, _ path: [String], _ query: Substring, _ body: JSON) throws(Refusal) -> JSON {
        switch (method, path.first, path.count) {
        case ("GET", "clock", 1): return clock
        case ("POST", "clock", 1): return try move(body)
        case ("GET", "ledger", 1): return ledger(QueryValues(try Door.read(query)))
        case ("GET", "world", 1): return simulator.snapshot().json
        case ("POST", "deposits", 1): return try deposit(body)
        case ("POST", "tokens", 2) where path[1] == "expire":
            simulator.expireTokens()
            return [:]
        case ("POST", "payments", 3) where path[2] == "fail":
            guard simulator.fail(payment: path[1]) else { throw .state("there is no payment \(path[1]) that could fail") }
            return [:]
        default: throw .notFound("control", "\(method) /_sim/\(path.joined(separator: "/"))")
        }
    }

    private var clock: JSON {
        simulator.withBank { bank in
            if case .manual(let now) = bank.clock { return ["now": .string(now.description), "isManual": true] }
            return ["now": .string(bank.clock.now.description), "isManual": false]
        }
    }

    private func move(_ body: JSON) throws(Refusal) -> JSON {
        if let seconds = body["advanceSeconds"]?.integer {
            guard seconds >= 0, seconds < 10_000_000_000 else { throw .invalid("advanceSeconds is \(seconds)") }
            simulator.advance(by: .seconds(seconds))
        } else if let text = body["set"]?.string {
            guard let instant = Timestamp(text) else {
                throw .invalid("set is \"\(text)\", which is not a time as 2026-04-17T14:37:44Z")
            }
            if !simulator.setClock(instant) {
                // A clock of the machine stands still from here on.
                simulator.advance(by: .zero)
                simulator.setClock(instant)
            }
        } else {
            throw .missing("one of advanceSeconds, set is missing")
        }
        return clock
    }

    private func ledger(_ query: QueryValues) -> JSON {
        let entries = simulator.ledger
        let after = query["after"].flatMap { Int($0) } ?? 0
        let limit = query["limit"].flatMap { Int($0) } ?? entries.count
        let shown = entries.dropFirst(max(0, after)).prefix(max(0, limit))
        return ["total": .integer(entries.count), "entries": .array(shown.map(\.json))]
    }

    private func deposit(_ body: JSON) throws(Refusal) -> JSON {
        for member in ["rail", "amount", "currency"] where body[member]?.string == nil { throw .missing("\(member) is missing") }
        let amount: Money
        do { amount = try Money(body["amount"]?.string ?? "", Currency(body["currency"]?.string ?? "")) } catch {
            throw .invalid("amount: \(error)")
        }
        let id = simulator.deposit(
            rail: body["rail"]?.string ?? "", amount: amount, code: body["code"]?.string, originator: body["originator"],
            reference: body["reference"]?.string)
        guard let id else { throw .invalid("\(body["rail"]?.string ?? "") is no push rail that carries \(amount)") }
        return ["paymentId": .string(id)]
    }
}
