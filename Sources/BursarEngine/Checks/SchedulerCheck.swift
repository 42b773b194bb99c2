import Foundation

/// Whether something on this machine can fire schedules: cron, or systemd's timers.
public struct SchedulerCheck: Check {
    private let hasSchedules: Bool
    private let processes: String
    private let systemd: String

    /// - Parameters:
    ///   - hasSchedules: nothing is amiss where there are none.
    ///   - processes: the kernel's folder of them.
    ///   - systemd: a folder that is there while systemd runs the machine.
    public init(hasSchedules: Bool, processes: String = "/proc", systemd: String = "/run/systemd/system") {
        self.hasSchedules = hasSchedules
        self.processes = processes
        self.systemd = systemd
    }

    public func results() -> [CheckResult] {
        var ways: [String] = []
        if isCronRunning { ways.append("cron runs") }
        if FileManager.default.fileExists(atPath: systemd) { ways.append("systemd runs, and has timers") }
        if !ways.isEmpty { return [.ok("scheduler", ways.joined(separator: "; "))] }
        return hasSchedules
            ? [
                .warning(
                    "scheduler", "neither cron nor systemd runs on this machine, and nothing else fires schedules",
                    hint: "start cron (service cron start), or run them on a machine that has either")
            ] : [.ok("scheduler", "neither cron nor systemd runs; there are no schedules that need one")]
    }

    private var isCronRunning: Bool {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: processes)) ?? []
        return names.lazy.filter { $0.allSatisfy(\.isNumber) }.contains { name in
            let command = FileManager.default.contents(atPath: "\(processes)/\(name)/comm").map {
                String(decoding: $0, as: UTF8.self)
            }
            return ["cron\n", "crond\n", "fcron\n"].contains(command)
        }
    }
}
