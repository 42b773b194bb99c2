import Foundation

/// What everybody on this machine, or its owner, can read of a program and those it has started, at one instant.
struct ProcessTree {
    /// As `ps` prints them.
    let commandLines: [String]
    /// Of the processes in which scripts run.
    let workerEnvironments: [String]
    let environments: [String]

    init(of root: Int32) throws {
        var processes = [root]
        var next = 0
        while next < processes.count {
            processes += try LifeTests().children(of: processes[next])
            next += 1
        }
        commandLines = processes.map { ProcessTree.read($0, "cmdline") }
        environments = processes.map { ProcessTree.read($0, "environ") }
        workerEnvironments = zip(commandLines, environments).filter { $0.0.contains("bursar-worker") }.map(\.1)
    }

    private static func read(_ process: Int32, _ name: String) -> String {
        (try? String(contentsOfFile: "/proc/\(process)/\(name)", encoding: .utf8))?
            .replacingOccurrences(of: "\0", with: " ") ?? ""
    }
}
