import Foundation

/// How the system's scheduler calls Bursar for the schedules of one file.
public struct Invocation: Sendable {
    public let program: String
    public let folder: String
    public let file: String

    /// - Parameters:
    ///   - program: the absolute path of `bursar`.
    ///   - file: the absolute path of the schedules; their folder is the working folder.
    /// - Throws: `ScheduleError` for a path that crontabs and units cannot hold.
    public init(program: String, file: String) throws(ScheduleError) {
        folder = (file as NSString).deletingLastPathComponent
        for path in [program, file, folder] {
            guard path.hasPrefix("/"), !path.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }),
                path.last != "\\", path.last?.isWhitespace == false
            else {
                throw ScheduleError(
                    .install, "the path \"\(path)\" cannot stand in a crontab or a unit file",
                    hint: "it must be absolute, without control characters and without a blank or a backslash at its end")
            }
        }
        self.program = program
        self.file = file
    }

    /// The words after the program. Slots are Bursar's to derive, so nothing but the file and perhaps a name is said.
    func arguments(_ schedule: String?) -> [String] {
        ["schedule", "tick"] + (schedule.map { [$0] } ?? []) + ["--file", file, "--quiet"]
    }

    /// One line for all schedules of the file. It asks every minute; what is due, in which time zone, is not for cron to know.
    public var crontabLine: String {
        func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-")
        func word(_ text: String) -> String { text.allSatisfy(plain.contains) ? text : quoted(text) }
        let command = ([program] + arguments(nil)).map(word).joined(separator: " ")
        // Cron takes a percent sign for the end of the line.
        return "* * * * * cd \(word(folder)) && exec \(command)".replacing("%", with: "\\%")
    }
}
