import BursarEngine
import BursarJournal
import BursarSchedule
import Foundation

/// The folder in which a user's units, or the system's, are kept, and `systemctl`, which reads it.
struct SystemdFolder {
    let path: String
    private let isSystem: Bool

    /// - Throws: `RunFailure` when there is no home folder.
    init(isSystem: Bool, environment: [String: String]) throws(RunFailure) {
        self.isSystem = isSystem
        if isSystem {
            path = "/etc/systemd/system"
        } else if let settings = environment["XDG_CONFIG_HOME"], settings.hasPrefix("/") {
            path = settings + "/systemd/user"
        } else if let home = environment["HOME"], home.hasPrefix("/") {
            path = home + "/.config/systemd/user"
        } else {
            throw RunFailure(.invalid, "there is no HOME to keep units in", hint: "set it, or use --system")
        }
    }

    /// Writes the units, starts their timers, and takes away those of schedules that are gone.
    /// - Throws: `RunFailure`; where a unit of that name is somebody else's, before anything is changed.
    func install(_ units: SystemdUnits, for file: String) throws(RunFailure) {
        for unit in units.files {
            guard let text = text(of: unit.name), !SystemdUnits.isOwn(text, of: file) else { continue }
            throw RunFailure(
                .invalid, "\(path)/\(unit.name) is not of \(file)", hint: "give the schedule another name, or take that unit away"
            )
        }
        let stale = own(file).filter { name in !units.files.contains { $0.name == name } }
        try remove(stale)
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch { throw RunFailure(.invalid, "\(path) cannot be made: \(error.systemReason)") }
        for unit in units.files { try OutputFile.write(unit.text, to: "\(path)/\(unit.name)") }
        try control(["daemon-reload"])
        // A timer that runs already reads its times anew.
        if !units.timers.isEmpty {
            try control(["enable"] + units.timers)
            try control(["restart"] + units.timers)
        }
    }

    /// - Returns: the names of the units that were there.
    /// - Throws: `RunFailure`.
    func uninstall(_ file: String) throws(RunFailure) -> [String] {
        let names = own(file)
        guard !names.isEmpty else { return [] }
        try remove(names)
        try control(["daemon-reload"])
        return names
    }

    /// Whether it has a timer for a schedule of this file.
    func keeps(_ schedule: String, of file: String) -> Bool {
        text(of: "bursar-\(schedule).timer").map { SystemdUnits.isOwn($0, of: file) } ?? false
    }

    private func own(_ file: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted().filter { name in
            name.hasPrefix("bursar-") && (text(of: name).map { SystemdUnits.isOwn($0, of: file) } ?? false)
        }
    }

    private func text(of name: String) -> String? { try? String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }

    private func remove(_ names: [String]) throws(RunFailure) {
        let timers = names.filter { $0.hasSuffix(".timer") }
        if !timers.isEmpty { try control(["disable", "--now"] + timers) }
        for name in names {
            do { try FileManager.default.removeItem(atPath: "\(path)/\(name)") } catch {
                throw RunFailure(.invalid, "\(path)/\(name) cannot be removed: \(error.systemReason)")
            }
        }
    }

    private func control(_ arguments: [String]) throws(RunFailure) {
        let words = (isSystem ? [] : ["--user"]) + arguments
        let result = try SystemProgram("systemctl", hint: "install systemd, or use --cron").run(words)
        guard result.status == 0 else {
            throw RunFailure(
                .temporary, "systemctl \(words.joined(separator: " ")) ended with \(result.status): \(result.errors)",
                hint: "the units are in \(path); do the same again when systemd runs")
        }
    }
}
