import ConomyAPI
import ConomyClient
import ConomySimulator
import ExactJSON

/// Lists of the target, with what the rehearsal made, changed and removed.
///
/// What the rehearsal made, or changed so that a filter now finds it, stands before the target's own rows (behind them where the
/// oldest come first), newest first. Rows that it changed stand where they stood, as they are now; rows that a filter no longer finds
/// are left out. Offsets count in the whole that comes of this, so pages fit together.
extension Overlay {
    private struct Changes {
        /// Not in the target's list.
        var added: [JSON] = []
        /// In both, and different: before and after, by key.
        var changed: [String: (before: JSON, after: JSON)] = [:]
        /// In the target's list, and no longer.
        var removed: [JSON] = []

        var isEmpty: Bool { added.isEmpty && changed.isEmpty && removed.isEmpty }
    }

    func readList(_ call: Call) async throws(CallFailure) -> Answer {
        let isAscending = call.query.first { $0.name == "sort" }?.value.hasSuffix(":asc") ?? false
        guard let changes = changes(call, isAscending: isAscending), !changes.isEmpty else { return try await reads.pass(call) }
        let window = Window(call)
        guard let place = window.place(added: changes.added) else {
            // Reading goes on behind a row of the target's: what was added stands before it.
            let answer = try await reads.pass(call)
            return rebuilt(answer, changes, rows: nil, window, shift: changes.added.count - changes.removed.count)
        }
        let before = isAscending ? 0 : changes.added.count
        let start = max(0, place - before)
        var rows: [JSON] = []
        var first: Answer?
        var total: Int?
        let wanted = window.limit + changes.removed.count
        repeat {
            let answer = try await reads.pass(window.call(offset: start + rows.count, limit: wanted - rows.count))
            guard answer.isSuccess, let page = answer.body.flatMap(Page.init) else { return answer }
            if first == nil { first = answer }
            total = page.total
            rows += page.rows
            if page.rows.isEmpty || window.limit == 0 { break }
            if let total, start + rows.count >= total { break }
            if total == nil { break }
        } while rows.count < wanted
        guard let first else { return try await reads.pass(call) }

        // Rows that were removed before the first that was read moved all others up.
        let passed = rows.first.map { row in changes.removed.count { comesBefore($0, row, isAscending: isAscending) } } ?? 0
        let hidden = Set((changes.removed + changes.added).map(rowKey))
        let kept = rows.filter { !hidden.contains(rowKey($0)) }.map { row -> JSON in
            changes.changed[rowKey(row)].map { merged(row, before: $0.before, after: $0.after) } ?? row
        }
        let page: [JSON]
        if isAscending {
            let theirs = kept.dropFirst(passed).prefix(window.limit)
            let end = (total ?? rows.count) - changes.removed.count
            let own = changes.added.reversed().dropFirst(max(0, place - end)).prefix(window.limit - theirs.count)
            page = Array(theirs) + (place + theirs.count >= end ? Array(own) : [])
        } else {
            let own = changes.added.dropFirst(place).prefix(window.limit)
            // The target's rows from the place where the added ones end, or from the start of the page.
            let skipped = place >= before ? passed : 0
            page = Array(own) + kept.dropFirst(skipped).prefix(window.limit - own.count)
        }
        return rebuilt(first, changes, rows: page, window, shift: changes.added.count - changes.removed.count, at: place)
    }

    /// What the rehearsal changed of what the call lists; nil where its bank does not understand the call.
    private func changes(_ call: Call, isAscending: Bool) -> Changes? {
        guard let before = all(call, of: { rehearsal.original.answer($0) }),
            let after = all(call, of: { rehearsal.own.answer($0) })
        else { return nil }
        var changes = Changes()
        var old = Dictionary(before.map { (rowKey($0), $0) }, uniquingKeysWith: { first, _ in first })
        for row in after {
            let key = rowKey(row)
            guard let was = old.removeValue(forKey: key) else {
                changes.added.append(row)
                continue
            }
            if was != row { changes.changed[key] = (was, row) }
        }
        changes.removed = before.filter { old[rowKey($0)] != nil }
        changes.added.sort { comesBefore($0, $1, isAscending: false) }
        return changes
    }

    /// All rows that match in a bank.
    private func all(_ call: Call, of bank: (Call) -> Answer) -> [JSON]? {
        let known = ["limit", "offset", "next", "count", "clientId"]
        var query = call.query.filter { !known.contains($0.name) }
        // The rehearsal's bank has one client only.
        if call.operation.queryParameters.contains(where: { $0.name == "clientId" && $0.isRequired }) {
            query.append(("clientId", Rehearsal.clientID))
        }
        let most = call.operation.queryParameters.first { $0.name == "limit" }?.schema.resolved.maximum ?? 100
        let byOffset = call.operation.queryParameters.contains { $0.name == "offset" }
        var rows: [JSON] = []
        while true {
            var page = query + [("limit", String(most))]
            if !rows.isEmpty { page.append((byOffset ? "offset" : "next", String(rows.count))) }
            let answer = bank(Call(call.operation, query: page))
            guard answer.isSuccess, let found = answer.body.flatMap(Page.init) else { return nil }
            rows += found.rows
            guard found.rows.count == most else { return rows }
        }
    }

    /// Lists stand in the order of creation, the newest first.
    private func comesBefore(_ a: JSON, _ b: JSON, isAscending: Bool) -> Bool {
        func time(_ row: JSON) -> Timestamp? {
            (row["createdAt"] ?? row["receivedAt"])?.string.flatMap { Timestamp($0) }
        }
        let (first, second) = (time(a), time(b))
        if let first, let second, first != second { return isAscending ? first < second : first > second }
        return isAscending ? rowKey(a) < rowKey(b) : rowKey(a) > rowKey(b)
    }

    /// The target's answer with other rows, and with the numbers that belong to them.
    private func rebuilt(_ answer: Answer, _ changes: Changes, rows: [JSON]?, _ window: Window, shift: Int, at place: Int? = nil)
        -> Answer
    {
        guard answer.isSuccess, let body = answer.body, let page = Page(body) else { return answer }
        let hidden = Set((changes.removed + changes.added).map(rowKey))
        let rows =
            rows
            ?? page.rows.filter { !hidden.contains(rowKey($0)) }.map { row in
                changes.changed[rowKey(row)].map { merged(row, before: $0.before, after: $0.after) } ?? row
            }
        return Answer(status: answer.status, body: Overlay.placing(rows, in: body, window, shift, place), isAssumed: true)
    }

    private static func placing(_ rows: [JSON], in body: JSON, _ window: Window, _ shift: Int, _ place: Int?) -> JSON {
        guard var object = body.object else { return body.array == nil ? body : .array(rows) }
        for (key, value) in object.members {
            switch (key, value) {
            case ("results", .array), ("data", .array), ("payments", .array), ("customers", .array), ("refunds", .array),
                ("deposits", .array):
                object[key] = .array(rows)
            case ("pagination", .object): object[key] = placing(rows, in: value, window, shift, place)
            case ("total", .integer(let total)): object[key] = .integer(max(0, total + shift))
            case ("next", .integer), ("count", .integer):
                if let place, body["total"] != nil { object[key] = .integer(place + rows.count) }
            case ("previous", .integer): if let place { object[key] = .integer(max(0, place - window.limit)) }
            default: break
            }
        }
        return .object(object)
    }

    /// The part of a list that a call asks for.
    private struct Window {
        let source: Call
        let limit: Int
        private let byOffset: Bool
        private let most: Int

        init(_ call: Call) {
            source = call
            func whole(_ name: String) -> Int? { call.query.first { $0.name == name }.flatMap { Int($0.value) } }
            limit = max(0, whole("limit") ?? whole("count") ?? PageReader.defaultPageSize)
            byOffset = call.operation.queryParameters.contains { $0.name == "offset" }
            most = call.operation.queryParameters.first { $0.name == "limit" }?.schema.resolved.maximum ?? max(limit, 100)
        }

        /// Where it begins; nil where it begins behind a row of the target's.
        func place(added: [JSON]) -> Int? {
            func value(_ name: String) -> String? { source.query.first { $0.name == name }.map(\.value) }
            if let offset = value("offset").flatMap({ Int($0) }) { return max(0, offset) }
            guard let next = value("next"), !next.isEmpty else { return 0 }
            if let index = added.firstIndex(where: { rowKey($0) == next }) { return index + 1 }
            return next.utf8.count < 12 ? Int(next) : nil
        }

        func call(offset: Int, limit: Int) -> Call {
            var query = source.query.filter { !["limit", "offset", "next", "count"].contains($0.name) }
            query.append(("limit", String(min(limit, most))))
            if offset > 0 { query.append((byOffset ? "offset" : "next", String(offset))) }
            var call = Call(source.operation, query: query)
            call.location = source.location
            return call
        }
    }
}
