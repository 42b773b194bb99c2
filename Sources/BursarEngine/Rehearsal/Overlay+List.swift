import ConomyAPI
import ConomyClient
import ConomySimulator
import ExactJSON

/// Lists of the target, with what the rehearsal made, changed and removed.
///
/// What the rehearsal made stands before the target's own rows, newest first (behind them where the oldest come first). Rows that it
/// changed stand where they stood, as they are now; those that a filter finds only now stand where their time of creation puts
/// them, and those that it no longer finds are left out. Offsets count in the whole that comes of this, so pages fit together.
extension Overlay {
    private struct Changes {
        /// Made by the rehearsal: not in the target's list. Newest first.
        var new: [JSON] = []
        /// There before, and not in the target's list. In the list's order.
        var found: [JSON] = []
        /// In both, and different: before and after, by key.
        var changed: [String: (before: JSON, after: JSON)] = [:]
        /// In the target's list, and no longer.
        var removed: [JSON] = []

        /// How many rows there are more.
        var shift: Int { new.count + found.count - removed.count }

        /// Rows of the target as they are now.
        func shown(_ rows: [JSON]) -> [JSON] {
            let hidden = Set((removed + found + new).map(rowKey))
            return rows.filter { !hidden.contains(rowKey($0)) }.map { row in
                changed[rowKey(row)].map { merged(row, before: $0.before, after: $0.after) } ?? row
            }
        }

        var isEmpty: Bool { new.isEmpty && found.isEmpty && changed.isEmpty && removed.isEmpty }
    }

    func readList(_ call: Call) async throws(CallFailure) -> Answer {
        // What waits longest to be assigned comes first.
        let isAscending =
            call.query.first { $0.name == "sort" }?.value.hasSuffix(":asc") ?? (call.operation.name == "payments.unassigned")
        guard let changes = changes(call, isAscending: isAscending), !changes.isEmpty else { return try await reads.pass(call) }
        let window = Window(call)
        guard let place = window.place(new: changes.new) else {
            // Reading goes on behind a row of the target's: what is new stands before it.
            let answer = try await reads.pass(call)
            let rows = answer.body.flatMap(Page.init)?.rows ?? []
            return rebuilt(answer, changes, rows: changes.shown(rows), window, at: nil)
        }
        let new = isAscending ? [] : changes.new
        let start = max(0, place - new.count - changes.found.count)
        let wanted = window.limit + changes.removed.count + changes.found.count
        var rows: [JSON] = []
        var first: Answer?
        var total: Int?
        var isEnd = false
        repeat {
            let answer = try await reads.pass(window.call(offset: start + rows.count, limit: wanted - rows.count))
            guard answer.isSuccess, let page = answer.body.flatMap(Page.init) else { return answer }
            first = first ?? answer
            rows += page.rows
            total = page.total
            isEnd = page.rows.isEmpty || (page.total.map { start + rows.count >= $0 } ?? true)
        } while rows.count < wanted && !isEnd && window.limit > 0
        guard let first else { return try await reads.pass(call) }

        // From here on the list is the new rows, and then `tail`, which begins at `begin`.
        func precedes(_ row: JSON) -> Bool { rows.first.map { comesBefore(row, $0, isAscending: isAscending) } ?? true }
        let found = start == 0 ? changes.found : changes.found.filter { !precedes($0) }
        let passed = start == 0 ? 0 : changes.removed.count(where: precedes)
        // Behind the target's last row there is nothing to count from but their number.
        let theirs = rows.isEmpty ? min(start, total ?? start) : start
        let begin = new.count + theirs - passed + changes.found.count - found.count
        var tail: [JSON] = []
        var rest = found[...]
        for row in changes.shown(rows) {
            while let next = rest.first, comesBefore(next, row, isAscending: isAscending) { tail.append(rest.removeFirst()) }
            tail.append(row)
        }
        if isEnd { tail += rest + (isAscending ? changes.new.reversed() : []) }
        let before = new.dropFirst(place).prefix(window.limit)
        let page = Array(before) + tail.dropFirst(max(0, place - begin)).prefix(window.limit - before.count)
        return rebuilt(first, changes, rows: page, window, at: place)
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
                if isKnown(row, to: rehearsal.original, call) { changes.found.append(row) } else { changes.new.append(row) }
                continue
            }
            if was != row { changes.changed[key] = (was, row) }
        }
        changes.removed = before.filter { old[rowKey($0)] != nil }
        if isAscending { changes.new.reverse() }
        changes.found.sort { comesBefore($0, $1, isAscending: isAscending) }
        return changes
    }

    /// True for a row that was taken in, whatever it was then.
    private func isKnown(_ row: JSON, to bank: Simulator, _ call: Call) -> Bool {
        let resource = ["refunds", "deposits"].contains(call.operation.resource) ? "payments" : call.operation.resource
        return Call.get(resource + ".get", rowKey(row)).map { bank.answer($0).isSuccess } ?? false
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
    /// - Parameter place: where the page begins; nil where nobody knows.
    private func rebuilt(_ answer: Answer, _ changes: Changes, rows: [JSON], _ window: Window, at place: Int?) -> Answer {
        guard answer.isSuccess, let body = answer.body else { return answer }
        var result = Overlay.placing(rows, in: body, window, changes.shift, place)
        if var object = result.object, let sum = Overlay.sum(object["totalAmount"], object["currency"], changes) {
            object["totalAmount"] = sum
            result = .object(object)
        }
        return Answer(status: answer.status, body: result, isAssumed: true)
    }

    private static func placing(_ rows: [JSON], in body: JSON, _ window: Window, _ shift: Int, _ place: Int?) -> JSON {
        guard var object = body.object else { return body.array == nil ? body : .array(rows) }
        let total = body["total"]?.integer.map { max(0, $0 + shift) }
        for (key, value) in object.members {
            switch (key, value) {
            case ("results", .array), ("data", .array), ("payments", .array), ("customers", .array), ("refunds", .array),
                ("deposits", .array):
                object[key] = .array(rows)
            case ("pagination", .object): object[key] = placing(rows, in: value, window, shift, place)
            case ("total", .integer): object[key] = total.map(JSON.integer)
            case ("next", .integer), ("count", .integer):
                if let place, let total { object[key] = .integer(min(place, total) + rows.count) }
            case ("previous", .integer): if let place { object[key] = .integer(max(0, place - window.limit)) }
            default: break
            }
        }
        return .object(object)
    }

    /// A sum of deposits without those that wait no longer, and with those that wait again; nil where there is none.
    private static func sum(_ sum: JSON?, _ currency: JSON?, _ changes: Changes) -> JSON? {
        guard let code = currency?.string, let text = sum?.string, var total = try? Money(text, Currency(code)) else { return nil }
        func amounts(_ rows: [JSON]) -> [Money] {
            rows.filter { $0["currency"]?.string == code }.compactMap { $0["amount"]?.string.flatMap { try? Money($0, Currency(code)) } }
        }
        for amount in amounts(changes.found + changes.new) { total = total + amount }
        for amount in amounts(changes.removed) { total = total - amount ?? .zero(total.currency) }
        return .string(total.text)
    }

    /// What waits to be assigned, without what the rehearsal assigned, and with what it approved.
    func readUnassigned(_ call: Call) async throws(CallFailure) -> Answer {
        let answer = try await reads.pass(call)
        guard answer.isSuccess, var body = answer.body?.object, let list = Catalogue.conomy["payments.unassigned"],
            let changes = changes(Call(list, query: call.query), isAscending: false), changes.shift != 0 || !changes.removed.isEmpty
        else { return answer }
        let gone = Set(changes.removed.map(rowKey))
        body["totalAmount"] = Overlay.sum(body["totalAmount"], body["currency"], changes) ?? body["totalAmount"]
        if let count = body["count"]?.integer { body["count"] = .integer(max(0, count + changes.shift)) }
        if let urgent = body["urgent"]?.array { body["urgent"] = .array(urgent.filter { !gone.contains(rowKey($0)) }) }
        return Answer(status: answer.status, body: .object(body), isAssumed: true)
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
        func place(new: [JSON]) -> Int? {
            func value(_ name: String) -> String? { source.query.first { $0.name == name }.map(\.value) }
            if let offset = value("offset").flatMap({ Int($0) }) { return max(0, offset) }
            guard let next = value("next"), !next.isEmpty else { return 0 }
            if let index = new.firstIndex(where: { rowKey($0) == next }) { return index + 1 }
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
