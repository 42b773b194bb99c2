import Foundation
import Testing

/// Completions as the shells themselves come to them.
@Suite("Completions")
struct CompletionTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        _ = try folder.write(
            "bursar.yaml", "environments:\n  bank:\n    base_url: http://127.0.0.1:1\n  'b$(touch hit)':\n    parallel: 2\n")
        _ = try folder.write(
            "pay.lua", "job { name = 'pay', args = { input = { 'file', help = 'CSV' }, day = 'date' } }\nlog.info('never')\n")
        _ = try folder.write("rows.csv", "id\n1\n")
        for shell in ["bash", "zsh", "fish"] {
            let script = try BursarProgram.run(["completions", shell])
            try #require(script.exitCode == 0)
            _ = try folder.write("bursar.\(shell)", script.output)
        }
        let added = try BursarProgram.run(
            ["schedule", "add", "nightly", "30 3 * * *", "pay.lua", "--env", "local", "--time-zone", "UTC"], in: folder.path)
        try #require(added.exitCode == 0, "\(added.errors)")
        let run = try BursarProgram.run(
            ["run", "pay.lua", "input=rows.csv", "day=2026-01-01", "--state", ".bursar"], in: folder.path)
        try #require(run.exitCode == 0, "\(run.errors)")
    }

    private func shell(_ name: String, _ script: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [name, "-c", script]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.environment = ["PATH": BursarProgram.folder.path + ":/usr/bin:/bin", "HOME": folder.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }

    /// What bash offers for the last of these words.
    private func bash(_ words: String...) throws -> [String] {
        let quoted = words.map { "'\($0)'" }.joined(separator: " ")
        return try shell(
            "bash",
            """
            source bursar.bash
            COMP_WORDS=(\(quoted)); COMP_CWORD=\(words.count - 1); COMP_LINE="${COMP_WORDS[*]}"; COMP_POINT=${#COMP_LINE}
            cur="${COMP_WORDS[COMP_CWORD]}"; [ "$cur" = "=" ] && cur=
            __bursar_without_space bursar "$cur" "${COMP_WORDS[COMP_CWORD-1]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        ).split(separator: "\n").map(String.init)
    }

    @Test("bash is offered commands, operations, topics, environments, schedules, runs and files")
    func words() throws {
        #expect(try bash("bursar", "sch") == ["schedule"])
        #expect(try bash("bursar", "api", "call", "payments.refund_").contains("payments.refund_summary"))
        #expect(try bash("bursar", "docs", "for_") == ["for_each"])
        #expect(try bash("bursar", "schedule", "remove", "") == ["nightly"])
        #expect(try bash("bursar", "schedule", "status", "n") == ["nightly"])
        let runs = try bash("bursar", "show", "")
        #expect(runs.first == "last" && runs.count == 2, "\(runs)")
        #expect(try bash("bursar", "run", "pay").contains("pay.lua"))
    }

    @Test("a script's arguments are offered from its declaration, without those that are given, and files for a file")
    func arguments() throws {
        #expect(try Set(bash("bursar", "run", "pay.lua", "")).isSuperset(of: ["input=", "day="]))
        #expect(try bash("bursar", "run", "pay.lua", "in") == ["input="])
        #expect(try bash("bursar", "run", "pay.lua", "input", "=", "ro") == ["rows.csv"])
        #expect(try bash("bursar", "run", "pay.lua", "input", "=", "rows.csv", "d") == ["day="])
    }

    @Test("what a shell would act on is not offered, and nothing is run")
    func hostileNames() throws {
        #expect(try bash("bursar", "run", "pay.lua", "--env", "") == ["local", "sandbox", "production", "bank"])
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/hit"))
    }

    @Test("where nothing is known nothing is offered and nothing is printed")
    func nothing() throws {
        #expect(try bash("bursar", "show", "--state", "/nonexistent", "") == ["last"])
        _ = try folder.write("bursar.yaml", "environments: [\n")
        #expect(try bash("bursar", "run", "pay.lua", "--env", "").isEmpty)
        #expect(try bash("bursar", "schedule", "remove", "").isEmpty)
    }

    private static func has(_ shell: String) -> Bool { FileManager.default.isExecutableFile(atPath: "/usr/bin/" + shell) }

    @Test("zsh takes the script", .enabled(if: CompletionTests.has("zsh")))
    func zsh() throws { #expect(try shell("zsh", "zsh -n bursar.zsh") == "") }

    // What it offers can be asked of an interactive fish only.
    @Test("fish takes the script", .enabled(if: CompletionTests.has("fish")))
    func fish() throws { #expect(try shell("fish", "fish -n bursar.fish") == "") }

    @Test("a request that makes no sense is answered with nothing")
    func nonsense() throws {
        let result = try BursarProgram.run(["---completion", "shwo", "--", "positional@0", "1", "0", "bursar"])
        #expect(result.output.isEmpty && result.errors.isEmpty)
    }
}
