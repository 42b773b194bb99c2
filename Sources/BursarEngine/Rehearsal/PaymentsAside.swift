import BursarJournal
import ConomyAPI
import ConomySimulator
import ExactJSON
import Synchronization

/// Keeps a rehearsal's banks small: payments that have ended and that nobody has named for a while are on disk, each with its refunds and
/// with what is known of them, and are back before a call that names them is answered.
///
/// A call that may look at payments it does not name brings all of them back. After that twice as many stay, so that a script that makes
/// such calls all the time is not held up.
final class PaymentsAside: Sendable {
    private struct State {
        /// Nil before the first was set aside.
        var store: SpillStore?
        /// Payments in the banks: the number of the newest call when each was last needed. What is of no use to be set aside is not here.
        var lastNeeded: [String: Int] = [:]
        var newestCall = 0
        /// Calls that have begun, and whether they need all payments.
        var underWay: [Int: Bool] = [:]
        var most: Int
        /// There is no place to set anything aside.
        var isOver = false
    }

    private let banks: (original: Simulator, own: Simulator)
    private let memory: ObjectMemory
    private let state: Mutex<State>

    /// - Parameters:
    ///   - memory: what else is remembered of them.
    ///   - most: so many payments, with their refunds, are in the banks before some are set aside.
    init(original: Simulator, own: Simulator, memory: ObjectMemory, most: Int) {
        banks = (original, own)
        self.memory = memory
        state = Mutex(State(most: most))
    }

    /// A call begins: what it names is in the banks until it has ended.
    /// - Parameter needsAll: it may look at payments that it does not name.
    /// - Returns: its number, for `end`.
    /// - Throws: where what was set aside cannot be read. Nothing is known of the call then.
    func begin(_ call: Call, needsAll: Bool) throws(CallFailure) -> Int {
        try state.withLock { state throws(CallFailure) in
            state.newestCall += 1
            if needsAll {
                try takeAllBack(&state)
            } else if state.store != nil {
                for id in PaymentsAside.names(in: call) { try takeBack(id, &state) }
            }
            state.underWay[state.newestCall] = needsAll
            return state.newestCall
        }
    }

    /// A payment is needed by a call that is under way, whether or not the call names it.
    func need(_ id: String) throws(CallFailure) {
        try state.withLock { state throws(CallFailure) in
            try takeBack(id, &state)
            if let family = banks.own.family(of: id) { state.lastNeeded[family] = state.newestCall }
        }
    }

    func end(_ call: Int) {
        state.withLock { state in
            state.underWay[call] = nil
            guard !state.isOver, state.lastNeeded.count > state.most, !state.underWay.values.contains(true) else { return }
            setAside(&state)
        }
    }

    // There

    private func setAside(_ state: inout State) {
        // What was needed after the oldest call had begun may be needed by it.
        let oldest = state.underWay.keys.min() ?? .max
        let idle = state.lastNeeded.filter { $0.value < oldest }.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
        // A few at a time: meanwhile all calls wait.
        let families = idle.prefix(state.lastNeeded.count - state.most + state.most / 16).map(\.key)
        let own = banks.own.setAside(families: families)
        let original = banks.original.setAside(families: families)
        var asides: [Aside] = []
        for (index, family) in families.enumerated() {
            state.lastNeeded[family] = nil
            // Both or neither.
            guard let after = own[index], let before = original[index] else {
                takeBack(Aside(original: original[index] ?? [], own: own[index] ?? []))
                continue
            }
            var aside = Aside(original: before, own: after)
            aside.remembered = memory.forget(payments: aside.ids)
            asides.append(aside)
        }
        do throws(JournalError) {
            if state.store == nil { state.store = try SpillStore() }
            try state.store?.put(asides.map { SpillStore.Entry(names: $0.ids, text: $0.json.text()) })
        } catch {
            // There is no place for them: they stay in memory, which grows from here on. Those of earlier can still be read.
            for aside in asides { takeBack(aside) }
            state.isOver = true
        }
    }

    // Back

    private func takeBack(_ id: String, _ state: inout State) throws(CallFailure) {
        guard let store = state.store else { return }
        do throws(JournalError) {
            guard let text = try store.take(id) else { return }
            let aside = try PaymentsAside.read(text)
            takeBack(aside)
            if let family = aside.ids.first { state.lastNeeded[family] = state.newestCall }
        } catch { throw PaymentsAside.failure(error) }
    }

    private func takeAllBack(_ state: inout State) throws(CallFailure) {
        guard let store = state.store else { return }
        var asides: [Aside] = []
        do throws(JournalError) {
            var failure: JournalError?
            try store.each { text in
                guard failure == nil else { return }
                do throws(JournalError) { asides.append(try PaymentsAside.read(text)) } catch { failure = error }
            }
            if let failure { throw failure }
        } catch { throw PaymentsAside.failure(error) }
        for aside in asides {
            takeBack(aside)
            if let family = aside.ids.first { state.lastNeeded[family] = state.newestCall }
        }
        state.store = nil
        if !asides.isEmpty { state.most = max(state.most, 2 * state.lastNeeded.count) }
    }

    private func takeBack(_ aside: Aside) {
        do throws(WorldError) {
            try banks.original.takeBack(aside.original)
            try banks.own.takeBack(aside.own)
        } catch {
            // Both read what they wrote themselves.
            preconditionFailure("\(error)")
        }
        memory.remember(aside.remembered)
    }

    private static func read(_ text: String) throws(JournalError) -> Aside {
        guard let aside = (try? JSON(parsing: text)).flatMap(Aside.init) else {
            throw JournalError(.storage, "a temporary file holds what was not written to it", hint: "rehearse again")
        }
        return aside
    }

    private static func failure(_ error: JournalError) -> CallFailure {
        CallFailure(.refused, code: "not_rehearsed", error.message, hint: "nothing was sent; \(error.hint)")
    }

    /// All texts of a call: any of them may be an id.
    private static func names(in call: Call) -> [String] {
        var names = Array(call.pathParameters.values) + call.query.map(\.value)
        func add(_ value: JSON) {
            switch value {
            case .string(let text): names.append(text)
            case .array(let values): values.forEach(add)
            case .object(let object): for member in object.members { add(member.value) }
            default: break
            }
        }
        if let body = call.body { add(body) }
        return names
    }
}

/// A payment with its refunds, as both banks had them.
private struct Aside {
    let original: [JSONObject]
    let own: [JSONObject]
    /// What else is remembered of them.
    var remembered: JSON = .null

    init(original: [JSONObject], own: [JSONObject]) {
        self.original = original
        self.own = own
    }

    init?(_ json: JSON) {
        guard let own = json["own"]?.array?.compactMap(\.object) else { return nil }
        self.own = own
        // Most are the same in both: nothing was done to the payment itself.
        original = json["original"]?.array?.compactMap { $0.integer.map { own[$0] } ?? $0.object } ?? []
        remembered = json["remembered"] ?? .null
    }

    /// The payment's own is the first.
    var ids: [String] {
        var seen: Set<String> = []
        return (own + original).compactMap { $0["id"]?.string }.filter { seen.insert($0).inserted }
    }

    var json: JSON {
        [
            "own": .array(own.map(JSON.object)),
            "original": .array(
                original.enumerated().map { place, object in
                    place < own.count && own[place] == object ? .integer(place) : .object(object)
                }),
            "remembered": remembered,
        ]
    }
}
