import ConomyAPI
import ExactJSON

struct RulesDeleteProbe: GoneProbe {
    let operation = "rules.delete"
    let reading = "rules.get"
    let search = "the rule by its id"
}
