import ExactJSON
import Foundation
import Testing

/// A folder with a script and a configuration.
final class ScheduleFixture {
    let folder: TemporaryFolder
    /// The path of the folder, links resolved: as the program names it.
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = URL(fileURLWithPath: folder.path).resolvingSymlinksInPath().path
        _ = try folder.write("refunds.lua", "print(1)\n")
        _ = try folder.write("bursar.yaml", "environments:\n  bank:\n    base_url: http://127.0.0.1:1\n")
    }

    func run(_ arguments: [String]) throws -> BursarProgram.Result {
        try BursarProgram.run(
            ["schedule"] + arguments, environment: ["HOME": path, "PATH": "/usr/bin:/bin"], in: path)
    }

    /// Adds a schedule that must be taken.
    func add(_ name: String, _ cron: String, _ more: [String] = [], zone: String = "America/Santiago") throws {
        let result = try run(["add", name, cron, "refunds.lua", "--env", "sandbox", "--time-zone", zone] + more)
        try #require(result.exitCode == 0, "\(result.errors)")
    }

    var schedules: String { folder.text("schedules.yaml") }
}
