import ExactJSON

/// RFC 7386: objects are merged, null removes, everything else replaces.
func merged(_ old: JSON?, _ new: JSON) -> JSON? {
    guard case .object(let patch) = new else { return new.isNull ? nil : new }
    var result = old?.object ?? [:]
    for (key, value) in patch.members { result[key] = merged(result[key], value) }
    return .object(result)
}
