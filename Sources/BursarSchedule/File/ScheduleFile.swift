import Foundation
import Yams

/// `schedules.yaml`: the schedules of a folder, by name. People read it, change it and keep its versions; `ScheduleFile+Edit` changes
/// it for them, and leaves alone what it does not change.
///
///     nightly-refunds:
///       cron: "30 3 * * 1-5"
///       time_zone: America/Santiago
///       script: refunds.lua
///       arguments: ["input=refunds.csv"]
///       environment: sandbox
public struct ScheduleFile: Sendable {
    public static let name = "schedules.yaml"

    public let path: String
    public let text: String
    /// In the order of the file.
    public let schedules: [Schedule]
    /// The line of each schedule's name, from 1.
    let lines: [Int]

    /// What the program reads alike in all its files.
    public struct Reading: Sendable {
        /// The word that was probably meant.
        let closest: @Sendable (_ word: String, _ among: [String]) -> String?
        /// A length of time such as `15m`; nil when it is none.
        let length: @Sendable (String) -> Duration?

        public init(
            closest: @escaping @Sendable (_ word: String, _ among: [String]) -> String?,
            length: @escaping @Sendable (String) -> Duration?
        ) {
            self.closest = closest
            self.length = length
        }
    }
    let reading: Reading

    static let keys = [
        "cron", "time_zone", "script", "arguments", "environment", "enabled", "overlap", "missed", "missed_within", "jitter",
        "time_limit", "leave_out",
    ]

    /// - Throws: `ScheduleError` with file and line; an unknown key is an error.
    public init(text: String, path: String, reading: Reading) throws(ScheduleError) {
        self.text = text
        self.path = path
        self.reading = reading
        let root: Node?
        do { root = try Yams.compose(yaml: text) } catch {
            throw ScheduleError(.file, "is not YAML: \(error)", place: path)
        }
        var schedules: [Schedule] = []
        var lines: [Int] = []
        let reader = Reader(path: path, reading: reading)
        // A file of comments alone is a null.
        if let root, root.null == nil {
            for (name, key, value) in try reader.members(of: root, "a schedule's name") {
                schedules.append(try reader.schedule(named: name, key, value))
                lines.append(key.mark?.line ?? 1)
            }
        }
        self.schedules = schedules
        self.lines = lines
    }

    public func schedule(named name: String) -> Schedule? { schedules.first { $0.name == name } }
}

/// Takes the nodes of the file apart, so that every error has its line.
private struct Reader {
    let path: String
    let reading: ScheduleFile.Reading

    private func place(_ node: Node) -> String { node.mark.map { "\(path):\($0.line)" } ?? path }

    private func error(_ node: Node, _ problem: String, hint: String? = nil) -> ScheduleError {
        ScheduleError(.file, problem, hint: hint, place: place(node))
    }

    func members(of node: Node, _ what: String) throws(ScheduleError) -> [(String, Node, Node)] {
        guard let mapping = node.mapping else {
            throw error(node, "a mapping belongs here", hint: "write \(what), a colon and its value")
        }
        var result: [(String, Node, Node)] = []
        for (key, value) in mapping {
            guard let name = key.string else { throw error(key, "\(what) must be a text") }
            guard !result.contains(where: { $0.0 == name }) else {
                throw error(key, "\(name) stands twice", hint: "take one out")
            }
            result.append((name, key, value))
        }
        return result
    }

    func schedule(named name: String, _ key: Node, _ node: Node) throws(ScheduleError) -> Schedule {
        var values: [String: Node] = [:]
        for (name, key, value) in try members(of: node, "a key of a schedule") {
            guard ScheduleFile.keys.contains(name) else {
                let near = reading.closest(name, ScheduleFile.keys).map { "did you mean \($0)?" }
                throw error(
                    key, "\"\(name)\" is not a key of a schedule",
                    hint: near ?? "the keys are \(ScheduleFile.keys.joined(separator: ", "))")
            }
            values[name] = value
        }
        func required(_ name: String) throws(ScheduleError) -> Node {
            guard let value = values[name] else { throw error(key, "the schedule has no \(name)", hint: "add it") }
            return value
        }
        let (cron, zone) = (try required("cron"), try required("time_zone"))
        let (script, environment) = (try required("script"), try required("environment"))
        var schedule: Schedule
        do throws(ScheduleError) {
            schedule = try Schedule(
                name: name, cron: located(cron) { text throws(ScheduleError) in try CronExpression(text) },
                time: located(zone) { text throws(ScheduleError) in try LocalTime(zone: text) },
                script: text(script, "script"), environment: text(environment, "environment"))
        } catch { throw error.place == nil ? error.at(place(key)) : error }
        for (name, value) in values {
            switch name {
            case "arguments": schedule.arguments = try texts(value, name)
            case "enabled":
                guard let flag = value.bool else { throw error(value, "enabled must be true or false") }
                schedule.isEnabled = flag
            case "overlap": schedule.overlap = try choice(value, name)
            case "missed": schedule.missed = try choice(value, name)
            case "missed_within": schedule.missedWithin = try length(value, name)
            case "jitter": schedule.jitter = try length(value, name)
            case "time_limit": schedule.timeLimit = try length(value, name)
            case "leave_out": schedule.leaveOut = try text(value, name)
            default: break
            }
        }
        return schedule
    }

    private func located<Value>(
        _ node: Node, _ read: (String) throws(ScheduleError) -> Value
    ) throws(ScheduleError) -> Value {
        do throws(ScheduleError) { return try read(node.scalar?.string ?? "") } catch { throw error.at(place(node)) }
    }

    private func text(_ node: Node, _ key: String) throws(ScheduleError) -> String {
        guard let text = node.scalar?.string, !text.isEmpty else { throw error(node, "\(key) must be a text") }
        return text
    }

    private func texts(_ node: Node, _ key: String) throws(ScheduleError) -> [String] {
        guard let list = node.sequence else {
            throw error(node, "\(key) must be a list", hint: "write [\"input=refunds.csv\"]")
        }
        var result: [String] = []
        for node in list {
            guard let text = node.scalar?.string else { throw error(node, "\(key) must be a list of texts") }
            result.append(text)
        }
        return result
    }

    private func choice<Value: RawRepresentable & CaseIterable>(
        _ node: Node, _ key: String
    ) throws(ScheduleError) -> Value where Value.RawValue == String {
        guard let value = node.scalar.flatMap({ Value(rawValue: $0.string) }) else {
            throw error(node, "\(key) must be one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return value
    }

    private func length(_ node: Node, _ key: String) throws(ScheduleError) -> Duration {
        guard let length = node.scalar.flatMap({ reading.length($0.string) }), length.components.attoseconds == 0 else {
            throw error(node, "\(key) must be whole seconds, at most 30 days", hint: "write 30s, 15m, 2h or 1d")
        }
        return length
    }
}
