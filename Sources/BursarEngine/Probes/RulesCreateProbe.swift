import ConomyAPI
import ExactJSON

/// A rule has no reference of ours. Two like FEE rules take the fee twice, so anything near is reason enough to ask a person.
struct RulesCreateProbe: CreationProbe {
    let operation = "rules.create"
    let search = "all rules of the identity with the type that was sent"
    let presence =
        "exactly one that no other effect is known to have made reads back as sent in every member, and was not made before"
    let absence = "every other rule differs in target, precedence, value or key"
    let repetition = "makes a second rule; a fee is taken twice then"

    func listing(_ call: Call) -> (operation: String, query: [(name: String, value: String)]) {
        ("rules.list", ["identityId", "type"].flatMap { filter($0, call.body?[$0]?.string) })
    }

    func likeness(_ sent: JSON) -> Likeness {
        Likeness(
            names: sent.object?.keys ?? [],
            decisive: ["type", "target", "identityId", "overwrites", "feeRule.value", "allowedValuesRule.key"])
    }
}
