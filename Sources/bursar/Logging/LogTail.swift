import Synchronization

/// The last lines of a log, for whoever is told how a run ended.
final class LogTail: Sendable {
    private let lines = Mutex<[String]>([])
    private static let most = 40

    func write(_ line: String) {
        lines.withLock { lines in
            // Let go of in portions: most lines cost no move of the others.
            if lines.count >= 2 * LogTail.most { lines.removeFirst(LogTail.most) }
            lines.append(line)
        }
    }

    /// The oldest first, as other sinks have them: secrets are taken out. That is done here, since few lines are ever asked for.
    var last: [String] { lines.withLock { $0.suffix(LogTail.most) }.map { Output.visible(Output.redacted($0)) } }
}
