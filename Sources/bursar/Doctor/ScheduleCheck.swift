import BursarEngine
import BursarSchedule
import Foundation

/// Whether `schedules.yaml` is valid, and what it names is there.
struct ScheduleCheck: Check {
    let options: ScheduleOptions

    /// True where there are schedules that run by themselves, as far as the file can be read.
    var hasSchedules: Bool { (try? options.read(isNew: true))?.schedules.contains(where: \.isEnabled) ?? false }

    func results() -> [CheckResult] {
        let file: ScheduleFile
        do throws(RunFailure) { file = try options.read(isNew: true) } catch { return [.failed("schedules", error)] }
        let folder = (file.path as NSString).deletingLastPathComponent
        let lost = file.schedules.compactMap { schedule -> CheckResult? in
            let script = schedule.script.hasPrefix("/") ? schedule.script : "\(folder)/\(schedule.script)"
            guard FileManager.default.fileExists(atPath: script) else {
                return .failed(
                    "schedules", .invalid, "\(schedule.name) runs \(script), which does not exist",
                    hint: "correct it in \(file.path), or bursar schedule remove \(schedule.name)")
            }
            do { _ = try ScheduleView.holidays(schedule, folder: folder) } catch {
                return .failed("schedules", .invalid, "\(schedule.name): \(error)", hint: "correct that file")
            }
            return nil
        }
        if !lost.isEmpty { return lost }
        return [
            .ok(
                "schedules",
                file.schedules.isEmpty
                    ? "there are none"
                    : "\(file.schedules.count) in \(file.path), \(file.schedules.count(where: \.isEnabled)) enabled")
        ]
    }
}
