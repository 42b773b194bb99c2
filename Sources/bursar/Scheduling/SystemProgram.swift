import BursarEngine
import BursarJournal
import Foundation

/// A program of the system that is run to its end.
struct SystemProgram {
    let name: String
    private let path: String

    struct Result {
        let status: Int32
        let output: [UInt8]
        let errors: String
    }

    /// Looks for it as a shell would.
    /// - Throws: `RunFailure` when it is not there.
    init(_ name: String, hint: String) throws(RunFailure) {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        guard let path = folders.map({ "\($0)/\(name)" }).first(where: FileManager.default.isExecutableFile(atPath:)) else {
            throw RunFailure(.invalid, "\(name) is not installed", hint: hint)
        }
        self.name = name
        self.path = path
    }

    /// - Parameter input: what it reads; it must read all of it before it writes much.
    /// - Throws: `RunFailure` when it cannot be started.
    func run(_ arguments: [String], input: [UInt8] = []) throws(RunFailure) -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        // Its sentences are compared.
        process.environment = ProcessInfo.processInfo.environment.merging(["LC_ALL": "C"]) { $1 }
        let (standardInput, standardOutput, standardError) = (Pipe(), Pipe(), Pipe())
        process.standardInput = standardInput
        process.standardOutput = standardOutput
        process.standardError = standardError
        do {
            try process.run()
            // One that ends without reading has an opinion in its status.
            try? standardInput.fileHandleForWriting.write(contentsOf: Data(input))
            try? standardInput.fileHandleForWriting.close()
            let output = try standardOutput.fileHandleForReading.readToEnd() ?? Data()
            let errors = try standardError.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            return Result(
                status: process.terminationStatus, output: Array(output),
                errors: String(decoding: errors, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
        } catch {
            throw RunFailure(.temporary, "\(path) cannot be run: \(error.systemReason)")
        }
    }
}
