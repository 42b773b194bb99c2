import Foundation

/// Changes of the text. After each the text is read again: what does not come out as it was meant is an error, never a changed file.
extension ScheduleFile {
    static let heading = """
        # Schedules of Bursar, written by `bursar schedule add` and by people; see bursar schedule --help.
        # Paths are relative to this folder.

        """

    /// With one more schedule, at the end.
    /// - Throws: `ScheduleError` when its name is taken.
    public func adding(_ schedule: Schedule) throws(ScheduleError) -> ScheduleFile {
        if let index = schedules.firstIndex(where: { $0.name == schedule.name }) {
            throw ScheduleError(
                .name, "there is a schedule \(schedule.name) already", hint: "remove it first, or take another name",
                place: "\(path):\(lines[index])")
        }
        let text = self.text.isEmpty ? ScheduleFile.heading : self.text
        let joint = text.hasSuffix("\n") ? "\n" : "\n\n"
        return try read(again: text + joint + ScheduleFile.entry(schedule), expecting: schedules + [schedule])
    }

    /// Without a schedule. Comments around it stay.
    /// - Throws: `ScheduleError` when there is none of the name.
    public func removing(_ name: String) throws(ScheduleError) -> ScheduleFile {
        let index = try index(of: name)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var range = range(ofEntry: index, lines)
        // The blank line that divided it from its neighbour goes with it.
        if range.lowerBound > 0, ScheduleFile.isBlank(lines[range.lowerBound - 1]),
            range.upperBound >= lines.count || ScheduleFile.isBlank(lines[range.upperBound])
        {
            range = range.lowerBound - 1..<range.upperBound
        }
        lines.removeSubrange(range)
        var rest = schedules
        rest.remove(at: index)
        return try read(again: lines.joined(separator: "\n"), expecting: rest)
    }

    /// - Throws: `ScheduleError` when there is none of the name.
    public func setting(_ name: String, enabled: Bool) throws(ScheduleError) -> ScheduleFile {
        let index = try index(of: name)
        guard schedules[index].isEnabled != enabled else { return self }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let range = range(ofEntry: index, lines.map { $0[...] })
        if let at = range.first(where: { lines[$0].drop { $0 == " " }.hasPrefix("enabled:") }),
            let old = lines[at].range(of: schedules[index].isEnabled ? "true" : "false")
        {
            lines[at].replaceSubrange(old, with: enabled ? "true" : "false")
        } else {
            let member = range.dropFirst().first { !ScheduleFile.isBlank(lines[$0][...]) }
            let indent = member.map { String(lines[$0].prefix { $0 == " " }) } ?? "  "
            lines.insert("\(indent)enabled: \(enabled)", at: range.lowerBound + 1)
        }
        var changed = schedules
        changed[index].isEnabled = enabled
        return try read(again: lines.joined(separator: "\n"), expecting: changed)
    }

    private func index(of name: String) throws(ScheduleError) -> Int {
        if let index = schedules.firstIndex(where: { $0.name == name }) { return index }
        throw unknown(name)
    }

    /// What to say where a schedule is asked for that there is not.
    public func unknown(_ name: String) -> ScheduleError {
        let names = schedules.map(\.name)
        let all =
            names.isEmpty ? "there are none yet; bursar schedule add makes one" : "there are \(names.joined(separator: ", "))"
        return ScheduleError(
            .name, "there is no schedule \"\(name)\"", hint: reading.closest(name, names).map { "did you mean \($0)?" } ?? all,
            place: path)
    }

    /// From the line of its name to its last line that is indented; comments of the next one are not its own.
    private func range(ofEntry index: Int, _ text: [Substring]) -> Range<Int> {
        let start = lines[index] - 1
        let end = index + 1 < lines.count ? lines[index + 1] - 1 : text.count
        let last = (start..<end).last { $0 == start || text[$0].hasPrefix(" ") && !ScheduleFile.isBlank(text[$0]) }
        return start..<(last ?? start) + 1
    }

    private static func isBlank(_ line: Substring) -> Bool { line.allSatisfy(\.isWhitespace) }

    private func read(again text: String, expecting schedules: [Schedule]) throws(ScheduleError) -> ScheduleFile {
        let problem = ScheduleError(
            .file, "is written in a way that only a person can change", hint: "change it in an editor", place: path)
        let changed: ScheduleFile
        do throws(ScheduleError) { changed = try ScheduleFile(text: text, path: path, reading: reading) } catch { throw problem }
        guard changed.schedules == schedules else { throw problem }
        return changed
    }

    /// A schedule as the file has it; what is as usual is left out.
    private static func entry(_ schedule: Schedule) -> String {
        var lines = [
            "\(quotedIfNeeded(schedule.name)):", "  cron: \(quoted(schedule.cron.description))",
            "  time_zone: \(schedule.time.name)", "  script: \(quotedIfNeeded(schedule.script))",
        ]
        if !schedule.arguments.isEmpty {
            lines.append("  arguments: [\(schedule.arguments.map(quoted).joined(separator: ", "))]")
        }
        lines.append("  environment: \(quotedIfNeeded(schedule.environment))")
        if !schedule.isEnabled { lines.append("  enabled: false") }
        if schedule.overlap != .skip { lines.append("  overlap: \(schedule.overlap.rawValue)") }
        if schedule.missed != .last { lines.append("  missed: \(schedule.missed.rawValue)") }
        if schedule.missedWithin != .seconds(86_400) { lines.append("  missed_within: \(length(schedule.missedWithin))") }
        if schedule.jitter != .zero { lines.append("  jitter: \(length(schedule.jitter))") }
        if let limit = schedule.timeLimit { lines.append("  time_limit: \(length(limit))") }
        if let file = schedule.leaveOut { lines.append("  leave_out: \(quotedIfNeeded(file))") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// In the largest unit that it is a whole number of.
    private static func length(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        let unit = [(86_400, "d"), (3600, "h"), (60, "m")].first { seconds > 0 && seconds % $0.0 == 0 }
        return "\(seconds / (unit?.0 ?? 1))\(unit?.1 ?? "s")"
    }

    private static func quotedIfNeeded(_ text: String) -> String {
        let isPlain =
            text.first?.isASCII == true && text.first?.isLetter == true
            && text.utf8.allSatisfy { $0 < 0x80 && ($0 == 0x2D || $0 == 0x2E || $0 == 0x2F || $0 == 0x5F || isAlphanumeric($0)) }
        let isWord = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
        return isPlain && !isWord ? text : quoted(text)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    /// A double-quoted scalar: on one line, whatever is in it.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _
            where scalar.value < 0x20 || scalar.value == 0x7F || (0x80..<0xA0).contains(scalar.value)
                || scalar.value == 0x2028 || scalar.value == 0x2029 || scalar.value == 0xFEFF:
                result += "\\u" + String(String(0x10000 + scalar.value, radix: 16).dropFirst())
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
