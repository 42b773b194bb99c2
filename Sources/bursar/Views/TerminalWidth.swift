import Foundation

/// How wide lines may be.
enum TerminalWidth {
    /// The terminal's columns; 100 where there is none.
    static var columns: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
        return max(40, Int(size.ws_col))
    }
}
