import BursarEngine

/// The reference's section on answers that were lost, made from the probes themselves.
enum ProbeSection {
    static var markdown: String {
        "# Probes\n\n" + introduction + "\n\n" + ProbeReference.entries.map(text).joined(separator: "\n\n") + "\n"
    }

    private static let introduction = """
        When a write was sent and no trustworthy answer came back, its operation's probe looks for the effect before anything is sent \
        again. Found, it is adopted. Absent for certain, once its settling time has passed, it is sent again. Otherwise it stays in \
        doubt until a person decides.

        A probe only reads. A read that fails, a list that does not bring all the rows it speaks of, or one that lacks an object known to \
        be in it is never taken for absence. Operations are listed in the order of the contract; "again" is what a second sending does \
        where the first was carried out after all.
        """

    private static func text(_ entry: ProbeReference.Entry) -> String {
        switch entry.body {
        case .probe(let search, let presence, let absence, let repetition, let settling):
            """
            \(entry.operation)
            - looks at: \(search).
            - happened: \(presence).
            - absent: \(absence).
            - settles in: \(settling.components.seconds) seconds.
            - again: \(repetition).
            """
        case .impossible(let reason):
            """
            \(entry.operation)
            - no probe: \(reason).
            """
        }
    }
}
