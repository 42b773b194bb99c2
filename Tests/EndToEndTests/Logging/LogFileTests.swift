import Foundation
import Testing

@testable import bursar

@Suite("A log file that is full")
struct LogFileTests {
    private func lines(_ folder: TemporaryFolder, _ name: String) -> [Substring] { folder.text(name).split(separator: "\n") }

    @Test("becomes NAME.1, and that NAME.2; the last is let go, and no line is lost or cut before that")
    func moving() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/a.log"
        let log = try LogFile(path: path, limits: .init(size: 1000, older: 2))
        for number in 1...100 { log.write("line \(number) " + String(repeating: "-", count: 40)) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["a.log", "a.log.1", "a.log.2"])
        let all = LogFile.parts(of: path).map { ($0 as NSString).lastPathComponent }
        #expect(all == ["a.log.2", "a.log.1", "a.log"])
        let kept = all.flatMap { lines(folder, $0) }
        #expect(kept.last?.hasPrefix("line 100 ") == true)
        #expect(kept.allSatisfy { $0.hasSuffix(" " + String(repeating: "-", count: 40)) })
        let numbers = kept.compactMap { Int($0.split(separator: " ")[1]) }
        #expect(numbers == Array(101 - kept.count...100), "\(numbers)")
        #expect(folder.text("a.log.1").utf8.count >= 1000)
    }

    @Test("grows where it is to have no end, and is gone where no older one is kept")
    func ends() throws {
        let folder = try TemporaryFolder()
        let endless = try LogFile(path: folder.path + "/a", limits: .init(size: nil, older: 2))
        let short = try LogFile(path: folder.path + "/b", limits: .init(size: 100, older: 0))
        for number in 1...100 {
            endless.write("line \(number)")
            short.write("line \(number)")
        }
        #expect(lines(folder, "a").count == 100)
        #expect(lines(folder, "b").count < 20 && lines(folder, "b").last == "line 100")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["a", "b"])
    }

    @Test("is moved once by many who write it at the same time, and all go on in the new one")
    func together() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/a.log"
        // Each has the file open by itself, as a process of its own has.
        await withTaskGroup(of: Void.self) { group in
            for writer in 1...8 {
                group.addTask {
                    guard let log = try? LogFile(path: path, limits: .init(size: 4000, older: 200)) else { return }
                    for number in 1...500 { log.write("writer \(writer) line \(number)") }
                }
            }
        }
        let all = LogFile.parts(of: path).flatMap { lines(folder, ($0 as NSString).lastPathComponent) }
        #expect(all.count == 4000)
        #expect(Set(all).count == 4000)
        for writer in 1...8 {
            let numbers = all.filter { $0.hasPrefix("writer \(writer) ") }.compactMap { Int($0.split(separator: " ")[3]) }
            #expect(numbers.sorted() == Array(1...500))
        }
        // One that was moved twice would have left a short one.
        #expect(
            LogFile.parts(of: path).dropLast().allSatisfy { part in
                ((try? FileManager.default.attributesOfItem(atPath: part)[.size]) as? Int ?? 0) >= 4000
            })
    }

    @Test("a link to it stays one, and what it leads to is moved")
    func link() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path + "/real", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/a.log", withDestinationPath: "real/b.log")
        let log = try LogFile(path: folder.path + "/a.log", limits: .init(size: 10, older: 1))
        for number in 1...3 { log.write("line number \(number)") }
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.path + "/a.log") == "real/b.log")
        #expect(folder.text("real/b.log") == "line number 3\n" && folder.text("real/b.log.1") == "line number 2\n")
    }

    @Test("on a disk that takes no more, it is told once, also with --quiet; a pipe that nobody reads is refused")
    func losses() throws {
        let folder = try TemporaryFolder()
        let script = try folder.write("t.lua", "for i = 1, 20 do log.info('x') end")
        let lost = try BursarProgram.run(["run", script, "--quiet", "--log-file", "/dev/full"])
        #expect(lost.exitCode == 0)
        #expect(
            lost.errors.split(separator: "\n").count == 1 && lost.errors.contains("/dev/full does not take"), "\(lost.errors)")
        mkfifo(folder.path + "/pipe", 0o600)
        #expect(try BursarProgram.run(["run", script, "--log-file", folder.path + "/pipe"]).exitCode == 3)
    }

    @Test("that cannot be moved goes on as it is")
    func unmovable() throws {
        let log = try LogFile(path: "/dev/null", limits: .init(size: 1, older: 2))
        log.write("a")
        log.write("b")
        #expect(access("/dev/null.1", F_OK) != 0)
    }

    @Test("is read from its oldest part, also while it is moved")
    func reading() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/a.log"
        let log = try LogFile(path: path, limits: .init(size: 400, older: 1))
        for number in 1...12 { log.write("line \(number) " + String(repeating: "-", count: 40)) }
        var reader = LogLines(path: path)
        var read: [String] = []
        func take(isLast: Bool) { while let page = reader.next(isLast: isLast) { read += page } }
        take(isLast: false)
        #expect(read.last?.hasPrefix("line 12 ") == true && read.count > 8)
        for number in 13...16 { log.write("line \(number) " + String(repeating: "-", count: 40)) }
        take(isLast: false)
        for number in 17...22 { log.write("line \(number) " + String(repeating: "-", count: 40)) }
        take(isLast: true)
        let numbers = read.compactMap { Int($0.split(separator: " ")[1]) }
        #expect(numbers == Array(numbers[0]...22), "\(numbers)")
    }

    @Test(
        "flags that make no sense are refused",
        arguments: [["--log-file-size", "10"], ["--log-file-size", "x"], ["--log-file-older", "-1"]])
    func flags(flags: [String]) throws {
        let folder = try TemporaryFolder()
        let script = try folder.write("t.lua", "")
        let result = try BursarProgram.run(["run", script, "--log-file", "a.log"] + flags, in: folder.path)
        #expect(result.exitCode == 2, "\(result.errors)")
    }
}
