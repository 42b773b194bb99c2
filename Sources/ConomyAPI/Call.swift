public import ExactJSON

/// An operation with its arguments, checked against the contract and ready to travel.
public struct Call: Sendable {
    public let operation: Operation
    public let pathParameters: [String: String]
    /// Name and value in the order they travel; values are not percent-encoded yet.
    public let query: [(name: String, value: String)]
    /// Nil where the operation has no body, or an optional one that was left out.
    public let body: JSON?
    /// The money a script gave with its currency, by field path: `["amount": 150.00 ARS]`. What travels is the text alone;
    /// the currency lets later steps notice an amount that is meant in another currency than the object's.
    public let money: [String: Money]

    /// The effect's key within its job, `refunds/p1/payments.refund#1`; nil for reads and for calls that no script asked for.
    public var key: String?
    /// The row of a loop it belongs to, `refunds/p1`; nil outside of rows.
    public var row: String?
    /// Where in the script's course it was asked for: places within strands and rows, outermost first. They compare as the script reads,
    /// whatever answers came first.
    public var course: [Int] = []
    /// The line of the script that asked, `refunds.lua:12`.
    public var location: String?
    /// The status that the caller waits for, of a read that is made for this alone.
    public var awaited: String?
    /// The money it moves, one amount a currency, where a limit had to find that out; nil where nobody did, or could.
    public var moved: [Money]?
    /// Asked in the last moment before the call leaves, after all waiting: why it must not; nil lets it go.
    public var departure: (@Sendable () async -> CallFailure?)?

    public init(
        _ operation: Operation, pathParameters: [String: String] = [:], query: [(name: String, value: String)] = [],
        body: JSON? = nil, money: [String: Money] = [:]
    ) {
        self.operation = operation
        self.pathParameters = pathParameters
        self.query = query
        self.body = body
        self.money = money
    }

    /// Path and query, percent-encoded: `/payments/42/refund`, `/payments?limit=50`.
    public var target: String {
        let path = operation.path(with: pathParameters)
        guard !query.isEmpty else { return path }
        return path + "?" + query.map { percentEncoded($0.name) + "=" + percentEncoded($0.value) }.joined(separator: "&")
    }

    /// The id in the path that names the object acted on, where there is one.
    public var objectID: String? { operation.pathParameters.first.flatMap { pathParameters[$0.name] } }
}
