import Foundation

/// Lines that a person types.
enum TerminalLine {
    /// Asks and reads one; nil where nobody sits at a terminal.
    static var reader: (@Sendable (_ prompt: String) async -> String?)? {
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else { return nil }
        return { prompt in
            Output.prompt(prompt)
            // Reading stands still until somebody has typed: on a thread of its own.
            return await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    continuation.resume(returning: readLine()?.trimmingCharacters(in: .whitespaces))
                }
            }
        }
    }
}
