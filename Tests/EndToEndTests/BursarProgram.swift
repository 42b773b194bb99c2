import ExactJSON
import Foundation
import Synchronization
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The built program, run as its users run it.
enum BursarProgram {
    struct Result {
        let exitCode: Int32
        let output: String
        let errors: String

        /// Standard output as JSON.
        func json() throws -> JSON { try JSON(parsing: output) }
    }

    /// The folder of the test binary is where the build puts the programs.
    static let folder: URL = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: own).deletingLastPathComponent()
    }()

    static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    static let data = sources.appendingPathComponent("Data").path

    /// Runs `bursar` to its end. The environment is empty but for what is given.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], in folder: String? = nil, program: URL? = nil
    ) throws -> Result {
        let process = try Running(arguments, environment: environment, in: folder, program: program)
        return process.wait()
    }

    /// A program that runs beside the test.
    final class Running {
        private let process = Process()
        private let folder: TemporaryFolder
        var processIdentifier: Int32 { process.processIdentifier }

        init(
            _ arguments: [String], environment: [String: String] = [:], in workingFolder: String? = nil, program: URL? = nil
        ) throws {
            folder = try TemporaryFolder()
            process.executableURL = program ?? BursarProgram.folder.appendingPathComponent("bursar")
            process.arguments = arguments
            // What a program keeps for its user goes with the test.
            process.environment = environment.merging(["HOME": folder.path]) { given, _ in given }
            process.currentDirectoryURL = URL(fileURLWithPath: workingFolder ?? folder.path)
            process.standardInput = FileHandle.nullDevice
            // Files, not pipes: nobody has to read while the program runs.
            process.standardOutput = try folder.handle("stdout")
            process.standardError = try folder.handle("stderr")
            try process.run()
        }

        deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

        var output: String { folder.text("stdout") }
        var errors: String { folder.text("stderr") }

        var isRunning: Bool { process.isRunning }

        /// Whether a signal has a handler by now.
        func catches(_ number: Int32) -> Bool {
            let status = (try? String(contentsOfFile: "/proc/\(processIdentifier)/status", encoding: .utf8)) ?? ""
            let mask = status.split(separator: "\n").first { $0.hasPrefix("SigCgt:") }?.split(separator: "\t").last
            return mask.flatMap { UInt64($0, radix: 16) }.map { $0 & 1 << UInt64(number - 1) != 0 } ?? false
        }

        func signal(_ number: Int32) { kill(process.processIdentifier, number) }

        func wait() -> Result {
            process.waitUntilExit()
            return Result(exitCode: process.terminationStatus, output: output, errors: errors)
        }

        /// Waits until something is true of the running program, at most a minute.
        func until(_ condition: () async throws -> Bool) async throws {
            for _ in 0..<6000 {
                if try await condition() { return }
                guard process.isRunning else { break }
                try await Task.sleep(for: .milliseconds(10))
            }
            Issue.record("the program did not come to what was waited for; it said:\n\(output)\n\(errors)")
            throw Expired()
        }

        struct Expired: Error {}
    }
}

/// A folder that goes away with the test that made it.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "bursar-end-to-end-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
        return path + "/" + name
    }

    func text(_ name: String) -> String { (try? String(contentsOfFile: path + "/" + name, encoding: .utf8)) ?? "" }

    func handle(_ name: String) throws -> FileHandle {
        _ = FileManager.default.createFile(atPath: path + "/" + name, contents: nil)
        return try #require(FileHandle(forWritingAtPath: path + "/" + name))
    }
}

/// A simulated bank in a process of its own, with the environment and the configuration that lead to it.
final class SandboxServer {
    private let program: BursarProgram.Running
    let folder: TemporaryFolder
    let url: String
    let environment: [String: String]

    init(world: String? = nil, settings: String = "", arguments: [String] = []) async throws {
        program = try BursarProgram.Running(
            ["sandbox", "--port", "0", "--seed", "7"] + (world.map { ["--world", $0] } ?? []) + arguments)
        try await program.until { [program] in program.output.split(separator: "\n").count >= 2 }
        let lines = program.output.split(separator: "\n")
        url = String(lines[0].split(separator: " ").last ?? "")
        environment = Dictionary(
            lines[1].split(separator: " ").compactMap { pair in
                let parts = pair.split(separator: "=", maxSplits: 1)
                return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
            }, uniquingKeysWith: { first, _ in first })
        folder = try TemporaryFolder()
        _ = try folder.write(
            "bursar.yaml", "default_environment: bank\nenvironments:\n  bank:\n    base_url: \(url)\n\(settings)")
    }

    deinit { program.signal(SIGTERM) }

    /// Asks the bank to end, and waits for it.
    func stop() -> BursarProgram.Result {
        program.signal(SIGTERM)
        return program.wait()
    }

    /// Runs `bursar` where its configuration leads to this bank.
    func run(_ arguments: [String]) throws -> BursarProgram.Result {
        try BursarProgram.run(arguments, environment: environment, in: folder.path)
    }

    /// Orders something of the bank itself.
    func control(_ path: String, method: String = "POST", _ body: JSON) async throws {
        var request = URLRequest(url: try #require(URL(string: url + path)))
        request.httpMethod = method
        request.httpBody = Data(body.text().utf8)
        let (data, response) = try await URLSession.shared.data(for: request)
        #expect((response as? HTTPURLResponse)?.statusCode == 200, "\(String(decoding: data, as: UTF8.self))")
    }

    /// What the bank was asked over HTTP, oldest first.
    func calls() async throws -> [JSON] {
        let (data, _) = try await URLSession.shared.data(from: try #require(URL(string: url + "/_sim/calls")))
        return try JSON(parsing: data)["calls"]?.array ?? []
    }

    /// The bank's own books: every movement of money.
    func ledger() async throws -> [JSON] {
        let (data, _) = try await URLSession.shared.data(from: try #require(URL(string: url + "/_sim/ledger")))
        let body = try JSON(parsing: data)
        return body.array ?? body["entries"]?.array ?? []
    }
}
