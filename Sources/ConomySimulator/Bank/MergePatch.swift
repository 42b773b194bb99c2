import ExactJSON

/// RFC 7386: objects are merged, null removes, everything else replaces.
func merged(_ old: JSON?, _ new: JSON) -> JSON? {
    // A bare nil would be JSON's null here.
    guard case .object(let patch) = new else { return new.isNull ? JSON?.none : new }
    var result = old?.object ?? [:]
    for (key, value) in patch.members { result[key] = merged(result[key], value) }
    return .object(result)
}
