public import BursarJournal
import Foundation

/// Whether the journal opens and is whole, and whether something in it is in doubt.
public struct JournalCheck: Check {
    private let folder: JournalFolder
    /// What is read whole, in bytes; of a larger journal only what is read to open it.
    private static let most = 256 << 20

    public init(folder: JournalFolder) { self.folder = folder }

    public func results() -> [CheckResult] {
        let library =
            SQLiteLibrary.hasResetError
            ? "\(SQLiteLibrary.version), which can lose a log that two connections move; only one here ever may"
            : SQLiteLibrary.version
        var found = [CheckResult.ok("sqlite", library)]
        do throws(JournalError) {
            try found += folder.exists ? look() : [.ok("journal", "there is none in \(folder.path) yet; a run makes one")]
        } catch { found.append(.failed("journal", RunFailure(error))) }
        return found
    }

    private func look() throws(JournalError) -> [CheckResult] {
        let reader = try JournalReader(folder: folder)
        let size = (try? FileManager.default.attributesOfItem(atPath: folder.database)[.size] as? Int) ?? 0
        var found: [CheckResult] = []
        if size <= JournalCheck.most {
            let rows = try reader.verify().reduce(0) { $0 + $1.rows }
            found.append(.ok("journal", "\(folder.path) is whole: \(rows) records"))
        } else {
            found.append(
                .ok("journal", "\(folder.path) opens; with \(size >> 20) MB it was not read whole (bursar journal verify does)"))
        }
        let doubts = try countDoubts(reader)
        found.append(
            doubts == 0
                ? .ok("doubts", "nothing is in doubt")
                : .warning(
                    "doubts", "\(doubts) \(doubts == 1 ? "effect" : "effects") may or may not have happened",
                    hint: "bursar doubts lists them, and how to find out"))
        return found
    }

    /// Without those whose run goes on: their answers may be there in a moment.
    private func countDoubts(_ reader: JournalReader) throws(JournalError) -> Int {
        var (count, after) = (0, Int64(0))
        var goesOn: [Int64: Bool] = [:]
        while true {
            let page = try reader.effects(.open, after: after)
            guard let last = page.last else { return count }
            for effect in page {
                if goesOn[effect.job] == nil { goesOn[effect.job] = try reader.runningRun(ofJob: effect.job) != nil }
                if effect.outcome == .inDoubt || goesOn[effect.job] == false { count += 1 }
            }
            after = last.id
        }
    }
}
