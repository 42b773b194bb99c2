import Foundation

/// Input, output and errors, which whoever starts a program may have closed.
enum StandardStreams {
    /// Opens nothing in the place of those that are closed: the next file that is opened would have their number otherwise, and take in what is
    /// printed.
    static func keep() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
            // The lowest free number is this one: those before it are open by now.
            _ = open("/dev/null", O_RDWR)
        }
    }
}
