import ConomyAPI
import ExactJSON

/// What tells the object a call made from the others of a list.
///
/// Members are named by their path. A row is *ours* when it repeats all `names` as they were sent; a *stranger* when it shows
/// another value in a decisive member; everything else *could be* ours, and stands in the way of "absent".
struct Likeness {
    /// Members that name the object. Where one of them was not sent, no row is recognised.
    var names: [String]
    /// True for names that should never come twice: then a row that repeats them is no stranger, whatever else it shows.
    var isUnique = false
    /// Members that an object of this call cannot show otherwise.
    var decisive: [String]
    /// Members that a recognised row must not contradict, though they may be rewritten on the way.
    var others: [String] = []

    enum Kinship { case ours, possible, stranger }

    func kinship(of row: JSON, to sent: JSON) -> Kinship {
        func agreement(_ path: String) -> Agreement? {
            sent.at(path).map {
                Agreement(sent: $0, shown: row.at(path), name: path.split(separator: ".").last.map(String.init) ?? path)
            }
        }
        let isNamed = !names.isEmpty && names.allSatisfy { agreement($0) == .same }
        if decisive.contains(where: { agreement($0) == .different }) { return isNamed && isUnique ? .possible : .stranger }
        return isNamed && !others.contains { agreement($0) == .different } ? .ours : .possible
    }
}

extension Doubt {
    /// Finds the call's object among the rows of a complete list.
    ///
    /// Rows that other effects are known to have made are left out. Of the others exactly one must be ours; where the stamp names
    /// it, nothing else counts. A row that merely could be ours is no proof in either direction.
    /// - Parameter answer: what the API would have said, made from the row.
    func recognise(
        _ likeness: Likeness, as sent: JSON, among rows: [JSON], answer: (JSON) -> Answer
    ) async throws(CallFailure) -> Finding {
        let noun = call.operation.resource
        let stamped = stamp.map { stamp in rows.filter { row in likeness.names.contains { row.at($0)?.string == stamp } } } ?? []
        if let row = stamped.first {
            let id = row["id"]?.string ?? ""
            let claim = try await claim(id)
            guard stamped.count == 1, likeness.kinship(of: row, to: sent) == .ours, case .none = claim else {
                return .unknown(
                    "the stamp \(stamp ?? "") stands in \(stamped.map { $0["id"]?.string ?? "" }.joined(separator: ", ")), which does not fit this effect"
                )
            }
            return .present(answer(row), evidence: "\(id) carries the stamp \(stamp ?? "")")
        }
        var ours: [JSON] = []
        var possible: [JSON] = []
        for row in rows {
            let kinship = likeness.kinship(of: row, to: sent)
            guard kinship != .stranger else { continue }
            let id = row["id"]?.string ?? ""
            switch try await claim(id) {
            case .none: break
            case .anothers: continue
            case .doubtful(let key):
                // A row that merely could be ours is left to whoever has it.
                guard kinship == .ours else { continue }
                return .unknown("\(id) fits this effect, and is recorded as what \(key) made, which it does not fit")
            }
            if kinship == .ours { ours.append(row) } else { possible.append(row) }
        }
        if ours.count > 1 { ours = ours.filter(isAfterIntent) + (ours.contains(where: isAfterIntent) ? [] : ours) }
        if let row = ours.first {
            let ids = ours.map { $0["id"]?.string ?? "" }.joined(separator: ", ")
            guard ours.count == 1 else { return .unknown("\(ids) look alike, and nothing tells which one is this effect's") }
            guard !isTooOld(row) else { return .unknown("\(ids) looks like it, and was made before this effect was sent") }
            return .present(answer(row), evidence: "\(ids) repeats \(likeness.names.joined(separator: ", ")) as sent")
        }
        guard possible.isEmpty else {
            let ids = possible.prefix(5).map { $0["id"]?.string ?? "" }.joined(separator: ", ")
            return .unknown("\(ids) could be it, and nothing tells whether it is")
        }
        return .absent(evidence: "none of \(rows.count) \(noun) could be it")
    }

    /// Made before the effect can have happened, by the bank's own clock. Where that is not known, nothing is too old: the bank's clock
    /// may be far from ours.
    func isTooOld(_ row: JSON) -> Bool {
        guard let notBefore, let made = row["createdAt"]?.string.flatMap(Timestamp.init), made.isInstant else { return false }
        return made < notBefore
    }

    /// Tells rows apart that look alike; proves nothing by itself.
    func isAfterIntent(_ row: JSON) -> Bool {
        guard let made = row["createdAt"]?.string.flatMap(Timestamp.init), made.isInstant else { return false }
        return made >= notBefore ?? intendedAt
    }
}
