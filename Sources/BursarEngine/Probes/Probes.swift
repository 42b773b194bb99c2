import ConomyAPI

/// The probes by operation.
enum Probes {
    static let all: [any Probe] = [
        PaymentsCreateProbe(), PaymentsCaptureProbe(), PaymentsRefundProbe(),
    ]

    private static let byOperation = Dictionary(all.map { ($0.operation, $0) }, uniquingKeysWith: { first, _ in first })

    /// Nil for an operation that no read can find again.
    static func probe(for operation: String) -> (any Probe)? { byOperation[operation] }
}
