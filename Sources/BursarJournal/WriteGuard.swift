import GRDB
import Synchronization

/// Says whether one run may still write. It is asked once in each transaction that writes for the run, before anything is written;
/// after its first no it says nothing else.
final class WriteGuard: Sendable {
    private let question: @Sendable (Database) throws -> JournalError?
    private let refusal = Mutex<JournalError?>(nil)

    /// - Parameter question: returns why the run may not write; nil when it may.
    init(_ question: @escaping @Sendable (Database) throws -> JournalError?) { self.question = question }

    /// Why nothing is written for the run any more; nil while it may write.
    var failure: JournalError? { refusal.withLock { $0 } }

    func ask(_ db: Database) throws -> JournalError? {
        if let failure { return failure }
        guard let answer = try question(db) else { return nil }
        refusal.withLock { $0 = $0 ?? answer }
        return answer
    }
}
