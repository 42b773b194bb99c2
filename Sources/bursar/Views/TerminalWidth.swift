import Foundation

/// How wide lines may be.
enum TerminalWidth {
    /// The terminal's columns; where there is none, what `COLUMNS` says, or 100.
    static var columns: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) }.map { min(1000, max(40, $0)) } ?? 100
        }
        return max(40, Int(size.ws_col))
    }
}
