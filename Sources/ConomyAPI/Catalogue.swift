import ExactJSON
import Synchronization

/// All operations of the contract. Parsed once, on first use, in well under a millisecond.
public struct Catalogue: Sendable {
    /// The contract this program was built with.
    public static let conomy = Catalogue()

    /// The contract's version, also the value of the header `conomyhq-api-version`.
    public static let version = GeneratedContract.version

    /// The operations scripts and people can call, in the order of the contract.
    public let operations: [Operation]
    /// The exchange of credentials for a token; scripts never see it.
    public let authenticate: Operation
    private let byName: [String: Int]

    /// The operation with this name, `payments.refund`.
    public subscript(name: String) -> Operation? { byName[name].map { operations[$0] } }

    /// The name that was probably meant.
    public func suggestion(for name: String) -> String? { closest(to: name, among: operations.map(\.name)) }

    private init() {
        let all = GeneratedContract.operations.map { text -> Operation in
            let json = try? JSON(parsing: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
            // The generated file is compiled in and covered by a test: this cannot depend on anything at run time.
            guard let operation = json.flatMap(Operation.init(json:)) else {
                preconditionFailure("unreadable catalogue entry: \(text)")
            }
            return operation
        }
        guard let authenticate = all.first(where: { !$0.needsToken }) else { preconditionFailure("the catalogue has no /auth") }
        self.authenticate = authenticate
        operations = all.filter(\.needsToken)
        byName = Dictionary(operations.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    }
}

/// The schemas of the contract, each parsed when it is first needed and then kept.
enum Schemas {
    private static let parsed = Mutex<[String: Schema]>([:])

    static func named(_ name: String) -> Schema {
        if let known = parsed.withLock({ $0[name] }) { return known }
        guard let text = GeneratedContract.schema(name) else { preconditionFailure("the contract has no schema \(name)") }
        do {
            let json = try JSON(parsing: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
            let schema = Schema(json: json, name: name)
            parsed.withLock { $0[name] = schema }
            return schema
        } catch {
            // As in Catalogue: compiled in, covered by a test.
            preconditionFailure("the compiled schema \(name) cannot be read: \(error)")
        }
    }
}
