import BursarJournal
import ConomyAPI
import Foundation
import Synchronization

/// Whether a listener that shares the run's journal has stored an event about an object.
final class EventNews: Sendable {
    private let reader: JournalReader
    private let object: String
    private let seen = Mutex(Timestamp(millisecondsSince1970: 0))

    /// How often it is looked for: a look into the journal costs nothing that anybody notices.
    static let interval = Duration.milliseconds(200)

    /// Nil where there is no journal to look into, and in a rehearsal, whose world nobody tells of.
    init?(_ options: RunOptions, about object: String?) {
        guard let object, !options.isRehearsal, case .folder(let folder) = options.job.place,
            let reader = try? JournalReader(folder: folder)
        else { return nil }
        self.reader = reader
        self.object = object
    }

    /// The object is about to be read: what came before is no news.
    func look() {
        let now = Timestamp.now
        seen.withLock { $0 = now }
    }

    /// A journal that cannot be read has no news: the object is read when its time comes.
    var hasCome: Bool { (try? reader.hasEvent(about: object, since: seen.withLock { $0 })) ?? false }
}
