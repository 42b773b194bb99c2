import ConomyAPI

/// What the reference says of probes, made from the probes themselves.
public enum ProbeReference {
    /// How one write operation is found again.
    public struct Entry: Sendable {
        public let operation: String
        public let body: Body

        public enum Body: Sendable {
            case probe(search: String, presence: String, absence: String, repetition: String, settling: Duration)
            /// No read can tell; why.
            case impossible(String)
        }
    }

    /// Every write operation of the contract, in its order.
    public static var entries: [Entry] {
        Catalogue.conomy.operations.filter { $0.effect != .read }.map { operation in
            guard let probe = Probes.probe(for: operation.name) else {
                return Entry(operation: operation.name, body: .impossible(Probes.impossible[operation.name] ?? ""))
            }
            return Entry(
                operation: operation.name,
                body: .probe(
                    search: probe.search, presence: probe.presence, absence: probe.absence, repetition: probe.repetition,
                    settling: probe.settling))
        }
    }
}
