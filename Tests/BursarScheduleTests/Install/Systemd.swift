import Foundation
import Testing

/// `systemd-analyze`, where there is one.
enum Systemd {
    static let program = ["/usr/bin/systemd-analyze", "/bin/systemd-analyze"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }.map { URL(fileURLWithPath: $0) }

    /// Everything it says, and how it ended.
    static func analyze(_ arguments: [String]) throws -> (output: String, status: Int32) {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.environment = ["TZ": "UTC", "LC_ALL": "C", "PATH": "/usr/bin:/bin", "SYSTEMD_PAGER": ""]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (output, process.terminationStatus)
    }

    /// The next instants of a calendar event.
    static func elapses(_ event: String, after start: Date, _ count: Int) throws -> [Date] {
        let base = start.formatted(.iso8601).replacing("T", with: " ").replacing("Z", with: "")
        let (output, status) = try analyze(["calendar", "--iterations=\(count)", "--base-time=\(base)", event])
        try #require(status == 0, "\(output)")
        return try output.split(separator: "\n").filter { $0.contains("Next elapse:") || $0.contains("Iter. #") }.map { line in
            let words = line.split(separator: " ")
            try #require(words.count >= 4 && words.last == "UTC", "\(line)")
            return try instant("\(words[words.count - 3])T\(words[words.count - 2])Z")
        }
    }
}
