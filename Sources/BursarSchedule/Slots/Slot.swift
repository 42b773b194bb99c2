public import Foundation

/// One firing of a schedule: what a job is done once for.
public struct Slot: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let schedule: String
    /// When the cron expression fires, without the jitter.
    public let time: Date

    public init(schedule: String, time: Date) {
        self.schedule = schedule
        self.time = time
    }

    /// `nightly-refunds@2026-04-05T03:30:00Z`: its identity, whoever fires it.
    public var description: String { "\(schedule)@\(time.formatted(.iso8601))" }

    /// Reads what `description` writes; nil for all else.
    public init?(_ description: String) {
        guard let at = description.lastIndex(of: "@"), at != description.startIndex,
            let time = try? Date(String(description[description.index(after: at)...]), strategy: .iso8601)
        else { return nil }
        self.init(schedule: String(description[..<at]), time: time)
        guard self.description == description else { return nil }
    }

    /// How much later than its time it is due. The same for everybody who asks, spread evenly up to `most` over slots and names.
    func delay(most: Duration) -> TimeInterval {
        let seconds = UInt64(max(0, most.components.seconds))
        // FNV-1a, and a finish that mixes the last characters, in which slots differ, into all bits.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in description.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
        return TimeInterval((hash ^ (hash >> 31)) % (seconds + 1))
    }

    public static func < (a: Slot, b: Slot) -> Bool { (a.time, a.schedule) < (b.time, b.schedule) }
}
