import BursarJournal
import ConomyAPI

/// The journal of a listener. After a failure it is opened anew: a disk that was full may have room again, and a listener stays.
actor EventStore {
    private let folder: JournalFolder
    private var journal: Journal?

    init(_ folder: JournalFolder) { self.folder = folder }

    /// - Throws: `JournalError`.
    func open() throws(JournalError) { _ = try current() }

    private func current() throws(JournalError) -> Journal {
        if let journal { return journal }
        let opened = try Journal(folder: folder)
        journal = opened
        return opened
    }

    /// Does something with the journal; what it writes is durable on return.
    /// - Throws: `JournalError`.
    func write<Value: Sendable>(_ body: @Sendable (Journal) async throws(JournalError) -> Value) async throws(JournalError)
        -> Value
    {
        let used = try current()
        do throws(JournalError) { return try await body(used) } catch {
            // Others may have opened another one meanwhile.
            if let journal, journal === used {
                self.journal = nil
                used.close()
            }
            throw error
        }
    }

    func close() {
        journal?.close()
        journal = nil
    }
}
