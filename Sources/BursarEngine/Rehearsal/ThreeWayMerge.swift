import ExactJSON

/// The target's own answer, with what a rehearsal changed in it.
///
/// - Parameters:
///   - target: as it was read.
///   - before: what the rehearsal's bank made of it when it was taken in.
///   - after: what it is there now.
/// - Returns: `target` with the members that differ between the two others as they are now. Lists are taken whole.
func merged(_ target: JSON, before: JSON, after: JSON) -> JSON {
    guard before != after else { return target }
    guard var result = target.object, let before = before.object, let after = after.object else { return after }
    for key in before.keys + after.keys.filter({ before[$0] == nil }) where before[key] != after[key] {
        guard let now = after[key] else {
            result[key] = nil
            continue
        }
        if let old = before[key], let there = result[key] {
            result[key] = merged(there, before: old, after: now)
        } else {
            result[key] = now
        }
    }
    return .object(result)
}
