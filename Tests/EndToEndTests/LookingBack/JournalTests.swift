import BursarJournal
import ConomyAPI
import ExactJSON
import Foundation
import Testing

@Suite("The journal as a whole, seen by every command that looks back")
struct JournalTests {
    private static let looks = [
        ["runs"], ["show", "last"], ["show", "last", "--csv"], ["why", "p1"], ["doubts"], ["journal", "verify"],
        ["logs", "last"],
    ]

    @Test("verify reads everything and says that it is whole")
    func whole() async throws {
        let journal = try JournalFixture()
        try await journal.mixedRun()
        #expect(
            try journal.bursar("journal", "verify").output == """
                \(journal.journalFolder.path) is whole
                  jobs       1
                  job events 1
                  effects    4
                  attempts   5
                  steps      0

                """)
        let json = try journal.bursar("journal", "verify", "--json").json()
        #expect(json["ok"] == true && json["rows"]?["attempts"] == 5)
    }

    @Test("a changed record and an older state that was put back are damage: 12")
    func damaged() async throws {
        let journal = try JournalFixture()
        try await journal.mixedRun()
        try journal.change("PRAGMA optimize")
        let older = try journal.databaseFile
        try journal.reopen()
        try await journal.mixedRun(job: "later")
        try journal.change("UPDATE attempts SET outcome = 'absent' WHERE id = 3")
        let changed = try journal.bursar("journal", "verify")
        #expect(changed.exitCode == 12 && changed.output.isEmpty)
        #expect(changed.errors.contains("row 3 of its table attempts is not what was written"))
        try journal.replaceDatabase(with: older)
        let rolledBack = try journal.bursar("journal", "verify", "--json")
        #expect(rolledBack.exitCode == 12)
        #expect(try rolledBack.json()["failure"]?["message"]?.string?.contains("an older state was put back") == true)
        try FileManager.default.removeItem(atPath: journal.journalFolder.path + "/journal.head")
        #expect(try journal.bursar("journal", "verify").exitCode == 12)
    }

    @Test("no journal, a newer one and a file that is none are told apart, by every command", arguments: looks)
    func unreadable(arguments: [String]) async throws {
        let empty = try TemporaryFolder()
        let missing = try BursarProgram.run(arguments + ["--state", empty.path])
        #expect(missing.exitCode == 3 && missing.output.isEmpty)
        #expect(missing.errors.contains("there is no journal in \(empty.path)\n  hint: a run makes one"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: empty.path).isEmpty)
        // What schedules and listeners did in the embedded bank is near by.
        try FileManager.default.createDirectory(atPath: empty.path + "/local", withIntermediateDirectories: true)
        _ = try empty.write("local/journal.sqlite", "x")
        let beside = try BursarProgram.run(arguments + ["--state", empty.path])
        #expect(beside.errors.contains("--state \(empty.path)/local"), "\(beside.errors)")

        let journal = try JournalFixture()
        try await journal.mixedRun()
        try journal.change("PRAGMA user_version = 99")
        let newer = try BursarProgram.run(arguments + ["--state", journal.journalFolder.path])
        #expect(newer.exitCode == 3 && newer.errors.contains("a newer Bursar wrote it"), "\(newer.errors)")
        try journal.replaceDatabase(with: Data(repeating: 0x41, count: 8192))
        let rubbish = try BursarProgram.run(arguments + ["--state", journal.journalFolder.path])
        #expect(rubbish.exitCode == 12 && rubbish.errors.hasPrefix("error: the journal is damaged: "), "\(rubbish.errors)")
    }

    @Test("looking changes nothing, and a run that goes on writes on meanwhile", arguments: looks)
    func readOnly(arguments: [String]) async throws {
        let journal = try JournalFixture()
        try await journal.mixedRun()
        let job = try await journal.begin(holder: .current)
        func files() throws -> [Data] {
            try ["journal.sqlite", "journal.sqlite-wal", "journal.head"].map {
                try Data(contentsOf: URL(fileURLWithPath: journal.journalFolder.path + "/" + $0))
            }
        }
        try await job.flush()
        job.stopRenewing()
        let before = try files()
        let program = try BursarProgram.Running(arguments + ["--state", journal.journalFolder.path])
        _ = program.wait()
        #expect(try files() == before)
        let beside = try BursarProgram.Running(arguments + ["--state", journal.journalFolder.path])
        for number in 0..<20 { _ = try await JournalFixture.intend("x\(number)", in: job) }
        #expect(beside.wait().errors.contains("locked") == false)
    }

    @Test("at 60 columns no line is longer, but for commands to copy and paths", arguments: looks)
    func narrow(arguments: [String]) async throws {
        let journal = try JournalFixture()
        try await journal.mixedRun()
        let result = try BursarProgram.run(
            arguments + ["--state", journal.journalFolder.path], environment: ["COLUMNS": "60"])
        guard !arguments.contains("--csv") else { return }
        for line in result.output.split(separator: "\n") where !line.contains("  bursar ") && !line.contains(" is whole") {
            #expect(line.count <= 60, "\(line)")
        }
    }

    @Test("the journal is where --state says, else beside bursar.yaml, else in the user's state folder")
    func path() throws {
        let folder = try TemporaryFolder()
        func path(_ arguments: String..., environment: [String: String] = [:], below: String = "") throws -> String {
            try BursarProgram.run(["journal", "path"] + arguments, environment: environment, in: folder.path + below).output
        }
        let home = ["HOME": "/home/nobody"]
        #expect(try path(environment: home) == "/home/nobody/.local/state/bursar\n")
        #expect(try path(environment: ["XDG_STATE_HOME": "/var/state"]) == "/var/state/bursar\n")
        #expect(try path("--state", "here", environment: home) == folder.path + "/here\n")
        _ = try folder.write("bursar.yaml", "default_environment: local\n")
        try FileManager.default.createDirectory(atPath: folder.path + "/below", withIntermediateDirectories: true)
        #expect(try path(environment: home, below: "/below") == folder.path + "/.bursar\n")
        _ = try folder.write("bursar.yaml", "nonsense: 1\n")
        let broken = try BursarProgram.run(["journal", "path"], in: folder.path)
        #expect(broken.exitCode == 3 && broken.errors.contains("--state DIR"))
        #expect(try path("--state", "/x") == "/x\n")
    }
}
