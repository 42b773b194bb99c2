import ArgumentParser
import BursarEngine
import Foundation

/// What bounds a script, and its process, which starts with these before anything else is read.
struct LimitOptions: ParsableArguments {
    @Option(help: "The longest the run may take, such as 30s, 10m or 2h.")
    var timeLimit: String?

    @Option(help: "How much memory the script may take, such as 256M or 2G.")
    var memoryLimit: String?

    @Option(help: "How much the script may emit, log and print, such as 100M or 5G.")
    var outputLimit: String?

    @Option(help: "How many of the script's requests may wait for an answer at once.")
    var inFlightLimit: Int?

    @Option(help: "How many files, lists and loops the script may have open at once.")
    var openLimit: Int?

    @Flag(help: "Run the script although this system cannot confine its process wholly.")
    var allowUnconfined = false

    mutating func validate() throws {
        if let timeLimit, Span.read(timeLimit) ?? .zero <= .zero {
            throw ValidationError("--time-limit \(timeLimit) is no length of time; write 30s, 10m or 2h.")
        }
        for (name, text) in [("--memory-limit", memoryLimit), ("--output-limit", outputLimit)] {
            if let text, ByteSize.read(text) == nil {
                throw ValidationError("\(name) \(text) is no size from 1M to 64G; write 256M or 2G.")
            }
        }
        for (name, number) in [("--in-flight-limit", inFlightLimit), ("--open-limit", openLimit)] {
            if let number, !(1...1_000_000).contains(number) { throw ValidationError("\(name) must be from 1 to 1000000.") }
        }
    }

    var limits: ScriptLimits {
        var limits = ScriptLimits()
        limits.time = timeLimit.flatMap(Span.read)
        if let bytes = memoryLimit.flatMap(ByteSize.read) { limits.memory = bytes }
        if let bytes = outputLimit.flatMap(ByteSize.read) { limits.output = bytes }
        if let inFlightLimit { limits.requestsInFlight = inFlightLimit }
        if let openLimit { limits.openAtOnce = openLimit }
        return limits
    }

    /// The path of the worker, which lies beside this program.
    static var worker: String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let own =
            length > 0
            ? String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self) : CommandLine.arguments[0]
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("bursar-worker").path
    }

    func startProcess() throws(RunFailure) -> ScriptProcess {
        try ScriptProcess(path: LimitOptions.worker, limits: limits)
    }
}

/// Sizes as people write them.
enum ByteSize {
    /// Bytes of `256M` or `2G`; nil outside 1M to 64G.
    static func read(_ text: String) -> Int? {
        let units = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
        guard let last = text.last, let unit = units[last.uppercased()], let number = Int(text.dropLast()), number > 0,
            number <= 64 << 20
        else { return nil }
        let bytes = number * unit
        return (1 << 20...64 << 30).contains(bytes) ? bytes : nil
    }
}
