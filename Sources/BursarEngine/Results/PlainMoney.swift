import ExactJSON

extension JSON {
    /// The value as it leaves Bursar: a script's money travels as `{"$money": ["150.00", "ARS"]}`, and is read by people and
    /// programs as `{"amount": "150.00", "currency": "ARS"}`.
    var withPlainMoney: JSON {
        switch self {
        case .object(let object):
            if object.count == 1, let parts = object["$money"]?.array, parts.count == 2 {
                return ["amount": parts[0], "currency": parts[1]]
            }
            return .object(JSONObject(unchecked: object.members.map { (key: $0.key, value: $0.value.withPlainMoney) }))
        case .array(let items): return .array(items.map(\.withPlainMoney))
        default: return self
        }
    }
}
