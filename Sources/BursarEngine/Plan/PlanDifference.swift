import ConomyAPI
public import ExactJSON

/// What is different in a second plan.
public struct PlanDifference: Sendable, Equatable {
    public struct Change: Sendable, Equatable {
        /// An effect's key, or the name of a part of the plan: `seed`, `source input /srv/refunds.csv`.
        public let name: String
        /// Nil where there was none.
        public let before: JSON?
        /// Nil where there is none any more.
        public let after: JSON?
    }

    /// What the plans were made of: sources, arguments, the environment, the seed.
    public let made: [Change]
    /// Effects in the order of the second plan, those that it does not have last.
    public let effects: [Change]

    public var isEmpty: Bool { made.isEmpty && effects.isEmpty }
    public var added: [Change] { effects.filter { $0.before == nil } }
    public var removed: [Change] { effects.filter { $0.after == nil } }
    public var changed: [Change] { effects.filter { $0.before != nil && $0.after != nil } }

    public init(_ a: Plan, _ b: Plan) {
        var made: [Change] = []
        func compare(_ name: String, _ before: JSON?, _ after: JSON?) {
            if before != after { made.append(Change(name: name, before: before, after: after)) }
        }
        let (old, new) = (a.json, b.json)
        // Where, when and by whom it was made makes no other plan; what the seed and the time do shows in the effects.
        for name in ["arguments", "environment", "options"] { compare(name, old[name], new[name]) }
        for name in Set(a.sources.keys).union(b.sources.keys).sorted() {
            compare("source \(name)", a.sources[name].map(JSON.string), b.sources[name].map(JSON.string))
        }
        self.made = made

        let before = Dictionary(a.effects.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        let after = Set(b.effects.map(\.key))
        var effects: [Change] = []
        for effect in b.effects {
            let earlier = before[effect.key]?.essence
            if earlier != effect.essence { effects.append(Change(name: effect.key, before: earlier, after: effect.essence)) }
        }
        for effect in a.effects where !after.contains(effect.key) {
            effects.append(Change(name: effect.key, before: effect.essence, after: nil))
        }
        self.effects = effects
    }

    public var json: JSON {
        func list(_ changes: [Change]) -> JSON {
            .array(
                changes.map { change in
                    var object: JSONObject = ["name": .string(change.name)]
                    object["before"] = change.before
                    object["after"] = change.after
                    return .object(object)
                })
        }
        return [
            "same": .bool(isEmpty), "made_of": list(made), "added": list(added), "removed": list(removed),
            "changed": list(changed),
        ]
    }
}

extension PlannedEffect {
    /// What an effect is, without what the making of its plan left in it: ids that were made up, and the script's line.
    fileprivate var essence: JSON {
        var object: JSONObject = ["state": .string(state.rawValue), "request": request]
        // A decline's sentence may carry the number of a request.
        object["reason"] = refusal.map { .string($0.message) } ?? decline?.body?["detail"]
        object["amount"] = amount.map { .string($0.description) }
        return .object(object)
    }
}
