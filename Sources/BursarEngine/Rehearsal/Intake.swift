import ConomyAPI
import ExactJSON

/// What an effect of a rehearsal needs, once it has been taken in.
struct Intake: Sendable {
    /// A fact about an object of the target's, `payments/42`.
    struct Fact: Sendable {
        let object: String
        let fact: Findings.Fact
    }

    /// As the rehearsal's bank is asked.
    var call: Call
    /// Given already, where the object acted on is not there or cannot be read: the target's own answer.
    var answer: Answer?
    /// What the effect acts on, `payments/42`.
    var objects: [String] = []
    var facts: [Fact] = []
    var assumptions: [String] = []
    /// Members of the answer that nobody can know.
    var unknownMembers: [String] = []
    /// Members that the bank was not asked with, and that the answer repeats.
    var restored: [(name: String, value: JSON)] = []

    init(_ call: Call) { self.call = call }

    mutating func assume(_ sentences: [String]) {
        for sentence in sentences where !assumptions.contains(sentence) { assumptions.append(sentence) }
    }

    /// The same call with another body.
    mutating func ask(with body: JSONObject) {
        var changed = Call(
            call.operation, pathParameters: call.pathParameters, query: call.query, body: .object(body), money: call.money)
        changed.key = call.key
        changed.row = call.row
        changed.location = call.location
        call = changed
    }
}

/// What became of taking an object in.
struct Taken: Sendable {
    enum Place: Sendable {
        /// It is in the rehearsal's bank.
        case here
        /// The target has none, in its own words.
        case absent(Answer)
        /// The target does not show it, in its own words.
        case unreadable(Answer)
    }
    let place: Place
    /// What had to be assumed for it.
    var assumptions: [String] = []

    var isHere: Bool { if case .here = place { true } else { false } }
    /// The target's answer, where the object is not here.
    var refusal: Answer? {
        switch place {
        case .here: nil
        case .absent(let answer), .unreadable(let answer): answer
        }
    }
}
