public import Foundation

/// The instants at which a cron expression fires in a time zone, in rising order.
///
/// Where the clocks of the zone are changed:
/// - A time that does not exist, because the clocks were put forward over it, fires once, at the first instant after the gap.
/// - A time that exists twice, because the clocks were put back over it, fires once, at the first of the two.
/// - An expression whose minute or hour begins with `*` (`*/15 * * * *`, `30 * * * *`) follows the clock on the wall instead: it fires
///   at each instant at which the clock shows such a time. So an hourly job stays hourly: it skips the hour that does not exist, and
///   fires in both of those that have the same name.
///
/// This is the rule of Vixie's cron, for a change of any size.
public struct FiringTimes: Sequence, IteratorProtocol, Sendable {
    private let expression: CronExpression
    private let time: LocalTime
    private let seconds: [Int]
    private let start: Int
    /// The next day to read.
    private var day: CivilDate
    private let lastDay: Int
    /// What the days that were read gave, in rising order, from `position` on.
    private var pending: [Int] = []
    private var position = 0

    /// - Parameter instant: the first one is later than this.
    public init(_ expression: CronExpression, in time: LocalTime, after instant: Date) {
        self.expression = expression
        self.time = time
        seconds = expression.minutesOfDay.map { $0 * 60 }
        start = Int(instant.timeIntervalSince1970.rounded(.down))
        // Times of the day before may come out today.
        day = CivilDate(number: time.date(at: instant).number - 2)
        // 29 February on one day of the week: at most 40 years apart.
        lastDay = day.number + 42 * 366
    }

    /// Nil past the next 42 years.
    public mutating func next() -> Date? {
        while true {
            // A day that was not read begins, wherever on earth, at most 15 hours before it does in UTC.
            if position < pending.count, pending[position] < day.number * 86_400 - 15 * 3600 || day.number > lastDay {
                defer { position += 1 }
                return Date(timeIntervalSince1970: Double(pending[position]))
            }
            guard day.number <= lastDay else { return nil }
            read()
        }
    }

    private mutating func read() {
        guard expression.months.contains(day.month) else {
            day = day.firstOfNextMonth
            return
        }
        if expression.fires(on: day) {
            pending.removeFirst(position)
            position = 0
            pending = Set(pending + instants().filter { $0 > start }).sorted()
        }
        day = day.next
    }

    /// Of one day.
    private func instants() -> [Int] {
        if let offset = time.steadyOffset(on: day) { return seconds.map { day.number * 86_400 + $0 - offset } }
        return seconds.flatMap { second in
            switch time.occurrence(of: day, second: second) {
            case .once(let instant): [instant]
            case .twice(let first, let second): expression.followsWallClock ? [first, second] : [first]
            case .never(let next): expression.followsWallClock ? [] : [next]
            }
        }
    }
}
