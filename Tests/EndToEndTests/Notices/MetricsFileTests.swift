import Foundation
import Testing

@Suite("--metrics-file")
struct MetricsFileTests {
    private func series(_ text: String, _ start: String) -> [Substring] {
        text.split(separator: "\n").filter { $0.hasPrefix(start) }
    }

    @Test("counts the main job exactly, and once however often it is run")
    func mainJob() throws {
        let folder = try TemporaryFolder()
        let refunds = [
            "run", MainJobTests.examples + "/bulk-refunds/refund.lua", "input=\(BursarProgram.data)/refunds.csv", "--state",
            "state",
            "--world", BursarProgram.data + "/world.json", "--on-invalid-row", "skip", "--quiet", "--metrics-file", "m.prom",
        ]
        #expect(try BursarProgram.run(refunds, in: folder.path).exitCode == 6)
        let first = folder.text("m.prom")
        let settled = series(first, "bursar_effects_total").first { $0.contains("state=\"settled\"") }
        #expect(settled?.hasSuffix("operation=\"payments.refund\",state=\"settled\"} 1175") == true, "\(first)")
        #expect(series(first, "bursar_amount_total").contains { $0.hasSuffix("currency=\"CLP\"} 95732190") }, "\(first)")
        #expect(try BursarProgram.run(refunds, in: folder.path).exitCode == 6)
        let second = folder.text("m.prom")
        #expect(series(second, "bursar_amount_total") == series(first, "bursar_amount_total"), "\(second)")
        #expect(series(second, "bursar_runs_total").map { $0.suffix(2) } == [" 2"])
        let mode = try FileManager.default.attributesOfItem(atPath: folder.path + "/m.prom")[.posixPermissions] as? Int
        #expect(mode == 0o644, "whoever collects it is another user")
    }

    @Test("loses no run of many that end at the same time")
    func together() throws {
        let folder = try TemporaryFolder()
        let script = try folder.write("t.lua", "")
        let runs = try (0..<12).map { _ in
            try BursarProgram.Running(["run", script, "--metrics-file", "m.prom"], in: folder.path)
        }
        #expect(runs.allSatisfy { $0.wait().exitCode == 0 })
        #expect(series(folder.text("m.prom"), "bursar_runs_total").map { $0.suffix(3) } == [" 12"], "\(folder.text("m.prom"))")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).allSatisfy { !$0.hasPrefix("m.prom.") })
    }

    @Test("counts a run that could not begin, and leaves a file of others alone")
    func refusals() throws {
        let folder = try TemporaryFolder()
        _ = try BursarProgram.run(["run", "nightly.lua", "--metrics-file", "m.prom"], in: folder.path)
        #expect(series(folder.text("m.prom"), "bursar_runs_total").first?.contains("job=\"nightly\"") == true)
        _ = try folder.write("other.prom", "node_load1 0.5\n")
        let script = try folder.write("t.lua", "log.info('ran')")
        let refused = try BursarProgram.run(["run", script, "--metrics-file", "other.prom"], in: folder.path)
        #expect(refused.exitCode == 3 && !refused.errors.contains("ran"), "\(refused.errors)")
        #expect(refused.errors.contains("other.prom is no file of Bursar's metrics"), "\(refused.errors)")
        #expect(folder.text("other.prom") == "node_load1 0.5\n")
    }

    @Test("a link to it stays one")
    func link() throws {
        let folder = try TemporaryFolder()
        let script = try folder.write("t.lua", "")
        try FileManager.default.createDirectory(atPath: folder.path + "/real", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/m.prom", withDestinationPath: "real/m.prom")
        for _ in 1...2 {
            #expect(try BursarProgram.run(["run", script, "--metrics-file", "m.prom"], in: folder.path).exitCode == 0)
        }
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.path + "/m.prom") == "real/m.prom")
        #expect(series(folder.text("real/m.prom"), "bursar_runs_total").map { $0.suffix(2) } == [" 2"])
    }
}
