public import ConomyAPI
public import ExactJSON

/// Reads all pages of a list, one after the other, over any performer.
///
/// Lists move while they are read. For lists that page by `offset`:
/// - A row that stays in the list from the first request to the last is returned, exactly once, however many others are added or
///   removed meanwhile, as long as the order of the rest stays. Each page reads the last rows of the one before again; where
///   these are not found, rows went missing before them, and the reader steps back until it finds its place.
/// - A row that is added or removed meanwhile may be returned or not.
/// - "Once" is judged by the row's id, remembered for the last 10,000 rows: memory stays bounded, and a list that
///   moves by more than that between two pages may repeat rows.
///
/// Lists that page by a cursor alone (`identities.list`, `payment_attempts.list`) are as safe as the server's cursor; repeated
/// rows are dropped. Lists without pages are read once.
public struct PageReader: Sendable {
    /// Rows asked for at a time, unless the call says otherwise or the contract allows fewer.
    public static let defaultPageSize = 50

    /// The API's refusal that `next` failed with, when it was one.
    public private(set) var refusal: APIError?
    /// How many rows there are in all, as the last page that said so has it; nil where none did.
    public private(set) var total: Int?

    private enum Style { case offset, cursor, single }

    private let performer: any Performer
    private let call: Call
    private let style: Style
    private let limit: Int
    /// Rows of the page before that each page reads again.
    private let overlap: Int
    private let start: Int
    /// The offset after the last row that was read.
    private var position: Int
    private var cursor: String?
    private var known = RecentKeys(capacity: 10_000)
    private var isFinished = false
    /// Rows of the largest page so far, and the first and last row of the first page.
    private var largestPage = 0
    private var endsOfFirstPage: [String] = []
    /// Rows that are still to come, where the API says how many there are; and the fewest so far.
    private var left: Int?
    private var leastLeft = Int.max
    private var pagesWithoutProgress = 0

    /// - Parameter call: of a list operation. Its `limit` is the page size, its `offset` where reading begins.
    public init(performer: any Performer, call: Call) {
        self.performer = performer
        self.call = call
        let parameters = call.operation.queryParameters
        func given(_ name: String) -> Int? { call.query.first { $0.name == name }.flatMap { Int($0.value) } }
        let hasLimit = parameters.contains { $0.name == "limit" }
        style =
            !hasLimit
            ? .single
            : parameters.contains { $0.name == "offset" }
                ? .offset : parameters.contains { $0.name == "next" } ? .cursor : .single
        let most = parameters.first { $0.name == "limit" }?.schema.resolved.maximum ?? Int.max
        let wanted = given("limit").flatMap { $0 > 0 ? $0 : nil } ?? PageReader.defaultPageSize
        limit = min(wanted, most)
        overlap = limit == 1 ? 0 : max(1, limit / 10)
        start = max(0, given("offset") ?? 0)
        position = start
        cursor = call.query.first { $0.name == "next" }?.value
    }

    /// The next rows, at least one; nil after the last.
    /// - Throws: what the performer throws. Where the API refused: `invalid` for a 4xx and `unreachable` for a 5xx, and
    ///   `refusal` has its words. `unreachable` with code `paging_stuck` when the list does not come to an end. The reader can be
    ///   asked again; it goes on where it stood.
    public mutating func next() async throws(CallFailure) -> [JSON]? {
        while !isFinished {
            guard pagesWithoutProgress < 20 else {
                pagesWithoutProgress = 0
                throw stuck()
            }
            let fresh =
                switch style {
                case .offset: try await nextByOffset()
                case .cursor: try await nextByCursor()
                case .single: try await whole()
                }
            // The end comes nearer, or the list grows as fast as it is read.
            let comesNearer = left.map { $0 < leastLeft } ?? true
            leastLeft = min(leastLeft, left ?? .max)
            pagesWithoutProgress = comesNearer && !fresh.isEmpty ? 0 : pagesWithoutProgress + 1
            if !fresh.isEmpty { return fresh }
        }
        return nil
    }

    private mutating func whole() async throws(CallFailure) -> [JSON] {
        let page = try await page([])
        isFinished = true
        return page.rows
    }

    private mutating func nextByOffset() async throws(CallFailure) -> [JSON] {
        var offset = max(start, position - overlap)
        var page = try await page([("offset", String(offset))])
        // None of the rows read last is here: what stood before them has gone, and unread rows have moved to where nobody looks.
        while overlap > 0, offset > start, !page.rows.contains(where: { known.contains(rowKey($0)) }) {
            offset = max(start, offset - max(1, limit - overlap))
            page = try await self.page([("offset", String(offset))])
        }
        let fresh = remember(page.rows)
        let end = offset + page.rows.count
        if let total = page.total, total >= page.rows.count {
            isFinished = page.rows.isEmpty || end >= total
            left = total - end
        } else {
            isFinished = isLast(page.rows, at: offset, bringsNothing: fresh.isEmpty)
        }
        position = end
        return fresh
    }

    /// Nobody says how many rows there are: the last page is one that is shorter than others were.
    private mutating func isLast(_ rows: [JSON], at offset: Int, bringsNothing: Bool) -> Bool {
        if rows.count < largestPage { return true }
        largestPage = rows.count
        let ends = [rows.first, rows.last].compactMap { $0.map(rowKey) }
        if position == start {
            endsOfFirstPage = ends
            return rows.isEmpty
        }
        // All rows at once, whatever the offset, is how some lists are answered.
        return bringsNothing && (offset + rows.count <= position || ends == endsOfFirstPage)
    }

    private mutating func nextByCursor() async throws(CallFailure) -> [JSON] {
        let page = try await page(cursor.map { [("next", $0)] } ?? [])
        position += page.rows.count
        let isComplete = page.total.map { $0 >= page.rows.count && position >= $0 } ?? false
        isFinished = page.rows.isEmpty || page.next == nil || isComplete
        if !isFinished, page.next == cursor { throw stuck() }
        cursor = page.next
        return remember(page.rows)
    }

    private mutating func remember(_ rows: [JSON]) -> [JSON] { rows.filter { known.insert(rowKey($0)) } }

    private mutating func page(_ place: [(name: String, value: String)]) async throws(CallFailure) -> Page {
        var query = call.query
        if style != .single {
            query.removeAll { ["limit", "offset", "next"].contains($0.name) }
            query += [("limit", String(limit))] + place
        }
        let answer = try await performer.perform(
            Call(call.operation, pathParameters: call.pathParameters, query: query, body: call.body))
        guard answer.isSuccess else {
            let error = APIError(status: answer.status, body: answer.body)
            refusal = error
            throw CallFailure(
                answer.status < 500 ? .invalid : .unreachable, code: error.family.rawValue,
                "\(call.operation.name) could not be read on: \(error)")
        }
        guard let page = answer.body.flatMap(Page.init) else {
            throw CallFailure(
                .unreachable, code: "rubbish_answer", "the answer of \(call.operation.name) has no list in it",
                hint: "call it as an ordinary operation")
        }
        total = page.total ?? total
        return page
    }

    private func stuck() -> CallFailure {
        CallFailure(
            .unreachable, code: "paging_stuck", "\(call.operation.name) brings no new rows, and says there are more",
            hint: "narrow the filter, or sort so that new rows come last, such as sort = \"createdAt:asc\"")
    }
}
