/// A script that is run at times: an entry of `schedules.yaml`.
public struct Schedule: Sendable, Equatable {
    /// What happens to a slot that comes while an earlier one of the schedule still runs.
    public enum Overlap: String, Sendable, CaseIterable {
        /// It is not run.
        case skip
        /// It waits for the earlier one.
        case queue
        /// The earlier one is stopped.
        case replace
    }

    /// Which slots are made up for that nobody fired in time.
    public enum Missed: String, Sendable, CaseIterable {
        case none
        /// The latest one, instead of all.
        case last
        case all
    }

    /// Letters, digits, `-` and `_`: it is part of file names and of job identities.
    public let name: String
    public var cron: CronExpression
    public var time: LocalTime
    /// Relative to the folder of the file.
    public var script: String
    /// What stands behind the script on the command line of `bursar run`.
    public var arguments: [String] = []
    public var environment: String
    public var isEnabled = true
    public var overlap = Overlap.skip
    public var missed = Missed.last
    /// Slots that are older are not made up for.
    public var missedWithin = Duration.seconds(86_400)
    /// Slots are put off by up to this long, each by an amount that its name and time decide.
    public var jitter = Duration.zero
    /// A run that takes longer is stopped; nil for no limit.
    public var timeLimit: Duration?
    /// A file of dates on which no slot is; relative to the folder of the file.
    public var leaveOut: String?

    /// - Throws: `ScheduleError` when the name is none.
    public init(
        name: String, cron: CronExpression, time: LocalTime, script: String, environment: String
    ) throws(ScheduleError) {
        guard (1...60).contains(name.utf8.count), name.utf8.allSatisfy(Schedule.isOfName), !name.hasPrefix("-") else {
            throw ScheduleError(
                .name, "\"\(name)\" is no name for a schedule",
                hint: "write at most 60 letters (a to z), digits, - and _, such as nightly-refunds")
        }
        self.name = name
        self.cron = cron
        self.time = time
        self.script = script
        self.environment = environment
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
