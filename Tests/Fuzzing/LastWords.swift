#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What is being tried, said on standard error when the program dies of it: a trap leaves no time to report a failure.
public enum LastWords {
    private static let room = 4096
    // Written by the test that runs, read by the handler of the signal that ends it. Should others write meanwhile, a torn text
    // is still better than none.
    nonisolated(unsafe) private static let text = UnsafeMutablePointer<UInt8>.allocate(capacity: room)
    nonisolated(unsafe) private static var headLength = 0
    nonisolated(unsafe) private static var length = 0
    // Written once, before any of our handlers is in place.
    nonisolated(unsafe) private static let earlier = UnsafeMutablePointer<sigaction>.allocate(capacity: 32)

    /// What is being tried from now on.
    public static func set(_ words: String) {
        _ = handlers
        headLength = put("\n\(words)\n", at: 0)
        length = headLength
    }

    /// The step of it that comes now.
    public static func step(_ words: String) { length = put("\(words)\n", at: headLength) }

    private static func put(_ words: String, at start: Int) -> Int {
        var end = start
        for byte in words.utf8.prefix(room - start) {
            text[end] = byte
            end += 1
        }
        return end
    }

    /// Each says the words and steps aside; the instruction that failed fails again, before whoever was there earlier.
    private static let handlers: Void = {
        for number in [SIGILL, SIGTRAP, SIGSEGV, SIGABRT] {
            var ours = sigaction()
            #if canImport(Darwin)
                ours.__sigaction_u.__sa_handler = { LastWords.say($0) }
            #else
                ours.__sigaction_handler.sa_handler = { LastWords.say($0) }
            #endif
            sigaction(number, &ours, earlier + Int(number))
        }
    }()

    private static func say(_ number: Int32) {
        _ = write(2, text, length)
        sigaction(number, earlier + Int(number), nil)
    }
}
