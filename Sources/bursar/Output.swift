import ConomyClient
import Foundation
import Synchronization

/// The program's two streams. Everything that is printed passes through here: secrets are taken out, control characters are
/// made visible, and lines do not run into the progress line.
enum Output {
    private struct State {
        /// What stands on the terminal's current line, to be wiped before something else is printed.
        var hasProgress = false
    }
    private static let state = Mutex(State())

    /// Why standard output could not take everything: a full disk, say. A reader that went away is no loss.
    static var loss: String? { lostOutput.withLock { $0 } }
    private static let lostOutput = Mutex<String?>(nil)

    /// True once the reader of standard output went away: it has seen enough, and nothing further need be made for it.
    static var isUnread: Bool { unread.withLock { $0 } }
    private static let unread = Mutex(false)

    static let isTerminal = isatty(STDERR_FILENO) == 1
    /// The one point at which secrets are taken out, whatever the sink.
    static let redaction = Redaction()

    static func hide(_ secrets: [Secret]) { for secret in secrets { redaction.add(secret) } }

    static func redacted(_ text: String) -> String { redaction.redact(text) }

    /// A result: to standard output.
    static func result(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// Everything else: to standard error.
    static func error(_ text: String) { write(text, to: STDERR_FILENO) }

    /// A question, on standard error; the answer is typed behind it.
    static func prompt(_ text: String) {
        state.withLock { state in
            wipe(&state)
            put(visible(text), STDERR_FILENO)
        }
    }

    /// Replaces the progress line; on a terminal only.
    static func progress(_ text: String) {
        state.withLock { state in
            state.hasProgress = true
            put("\r\u{1B}[2K" + text, STDERR_FILENO)
        }
    }

    static func endProgress() { state.withLock { wipe(&$0) } }

    private static func write(_ text: String, to descriptor: Int32) {
        state.withLock { state in
            wipe(&state)
            put(visible(redacted(text)) + (text.hasSuffix("\n") ? "" : "\n"), descriptor)
        }
    }

    private static func wipe(_ state: inout State) {
        guard state.hasProgress else { return }
        state.hasProgress = false
        put("\r\u{1B}[2K", STDERR_FILENO)
    }

    private static func put(_ text: String, _ descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            // A reader that went away (head, less) has seen enough.
            guard written > 0 else {
                guard descriptor == STDOUT_FILENO else { return }
                if errno == EPIPE {
                    unread.withLock { $0 = true }
                } else {
                    lostOutput.withLock { $0 = String(cString: strerror(errno)) }
                }
                return
            }
            bytes = bytes.dropFirst(written)
        }
    }

    /// Control characters, escape sequences and marks that turn text around are shown, not obeyed.
    static func visible(_ text: String) -> String {
        guard text.utf8.contains(where: mayBeInvisible), text.unicodeScalars.contains(where: isInvisible) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isInvisible(scalar) {
                // The form JSON has for it: a document that is printed stays one.
                result += "\\u" + String(String(0x10000 + scalar.value, radix: 16).dropFirst())
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Whether a character that has this byte in it may be one of those below: plain text is passed over by its bytes.
    private static func mayBeInvisible(_ byte: UInt8) -> Bool { byte < 0x20 && byte != 0x0A || byte >= 0x7F }

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A, 0x09: false
        case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0x2028, 0x2029, 0xFEFF: true
        default: false
        }
    }
}
