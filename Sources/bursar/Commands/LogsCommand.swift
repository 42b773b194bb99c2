import ArgumentParser
import BursarEngine
import BursarJournal
import Foundation

struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Print what a run logged.",
        discussion: """
            Examples:
              bursar logs last
              bursar logs last --follow
              bursar logs 4f2a --json
            """)

    @Argument(help: "The run's name, a part of it that only one has, or last.", completion: Candidates.runs)
    var run: String

    @Flag(help: "Go on until the run has ended.")
    var follow = false

    @OptionGroup var options: LookBackOptions

    func run() async throws {
        try await options.look { reader in
            let entry = try reader.find(run: run)
            let path = reader.folder.log(ofRun: entry.run.name)
            var lines = LogLines(path: path)
            var isRunning = entry.run.state == "running"
            while true {
                // Asked before reading: what was logged until the end is there then.
                if follow, isRunning { isRunning = try reader.run(entry.run.id)?.state == "running" }
                let isLast = !follow || !isRunning
                while let page = lines.next(isLast: isLast) {
                    Output.result(page.map { options.json ? $0 : LogView.text($0) }.joined(separator: "\n"))
                    if Output.isUnread { return .done }
                }
                if isLast { break }
                try await Task.sleep(for: .milliseconds(200))
            }
            guard lines.isThere else {
                throw RunFailure(
                    .invalid, "run \(entry.run.name) has no log: there is no file \(path)",
                    hint: isRunning
                        ? "it has logged nothing so far; --follow waits"
                        : "bursar show \(entry.run.name) tells what is known of it")
            }
            return .done
        }
    }
}

/// The lines of a log that may grow, in portions: first of the file that it was before it was full, then of the one that it is.
struct LogLines {
    private let path: String
    private var handle: FileHandle?
    private var rest = Data()
    private static let portion = 1 << 18

    init(path: String) { self.path = path }

    /// False when there was no file so far.
    var isThere: Bool { handle != nil }

    /// Whole lines that were not given yet; nil when there are none now.
    /// - Parameter isLast: nothing is written any more: what follows the last line break is a line, too.
    mutating func next(isLast: Bool) -> [String]? {
        if handle == nil { handle = LogFile.parts(of: path).lazy.compactMap { FileHandle(forReadingAtPath: $0) }.first }
        while let handle {
            // Asked before reading: what went into the file while it had the name is read then.
            let newer = newer(than: handle)
            let portion = (try? handle.read(upToCount: LogLines.portion)) ?? Data()
            rest.append(portion)
            let end = rest.lastIndex(of: 0x0A).map { $0 + 1 } ?? rest.startIndex
            if end == rest.startIndex, !portion.isEmpty { continue }
            var whole = rest[..<end]
            rest = Data(rest[end...])
            if portion.isEmpty, isLast || newer != nil, !rest.isEmpty {
                whole += rest
                rest = Data()
            }
            if whole.isEmpty {
                guard portion.isEmpty, let newer else { return nil }
                self.handle = newer
                continue
            }
            return String(decoding: whole, as: UTF8.self).split(separator: "\n").map(String.init)
        }
        return nil
    }

    /// The file that has the name now, where that is another one.
    private func newer(than handle: FileHandle) -> FileHandle? {
        var (own, named) = (stat(), stat())
        guard fstat(handle.fileDescriptor, &own) == 0, stat(path, &named) == 0,
            own.st_ino != named.st_ino || own.st_dev != named.st_dev
        else { return nil }
        return FileHandle(forReadingAtPath: path)
    }
}
