import BursarJournal
import Foundation
import Synchronization

/// Credentials that a program prints, such as one that asks a password manager.
enum CredentialsCommand {
    private static let patience: TimeInterval = 60

    /// Runs it to its end, without a shell. It may ask on the terminal; what it prints is shown to nobody.
    /// - Throws: `RunFailure` of kind credentials.
    static func run(_ words: [String]) throws(RunFailure) -> [String: String] {
        let program = words[0]
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program.hasPrefix("/") ? program : "/usr/bin/env")
        process.arguments = program.hasPrefix("/") ? Array(words.dropFirst()) : words
        let pipe = Pipe()
        process.standardOutput = pipe
        do { try process.run() } catch {
            throw RunFailure(
                .credentials, "the credentials' command \(program) cannot be run: \(error.systemReason)",
                hint: "credentials: command in bursar.yaml names it")
        }
        let isLate = Mutex(false)
        let alarm = DispatchWorkItem {
            isLate.withLock { $0 = true }
            process.terminate()
        }
        DispatchQueue.global().asyncAfter(deadline: .now() + patience, execute: alarm)
        let data = (try? pipe.fileHandleForReading.read(upToCount: 65_536)) ?? Data()
        process.waitUntilExit()
        alarm.cancel()
        guard !isLate.withLock({ $0 }) else {
            throw RunFailure(
                .credentials, "the credentials' command \(program) came to no end within \(Int(patience)) seconds",
                hint: "run it by hand and see what it waits for")
        }
        guard process.terminationStatus == 0 else {
            throw RunFailure(
                .credentials, "the credentials' command \(program) ended with \(process.terminationStatus)",
                hint: "run it by hand and see what it says")
        }
        guard let texts = RunCredentials.parse(String(decoding: data, as: UTF8.self)) else {
            throw RunCredentials.unreadable("the command \(program)")
        }
        return texts
    }
}
