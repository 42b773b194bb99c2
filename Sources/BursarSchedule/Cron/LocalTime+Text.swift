public import Foundation

extension LocalTime {
    /// The instant at which the clocks show `2026-04-05T03:30` or, at midnight, `2026-04-05`; of two, the first. Nil where they never
    /// show it, and for all else.
    public func instant(_ text: String) -> Date? {
        let parts = text.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
        guard let date = CivilDate(parts[0]) else { return nil }
        var minute = 0
        if parts.count == 2 {
            let numbers = parts[1].split(separator: ":", omittingEmptySubsequences: false)
            guard numbers.count == 2, numbers.allSatisfy({ $0.utf8.count == 2 && $0.allSatisfy { $0.isASCII && $0.isNumber } }),
                let hour = Int(numbers[0]), hour < 24, let ofHour = Int(numbers[1]), ofHour < 60
            else { return nil }
            minute = hour * 60 + ofHour
        }
        switch occurrence(of: date, second: minute * 60) {
        case .once(let instant), .twice(let instant, _): return Date(timeIntervalSince1970: Double(instant))
        case .never: return nil
        }
    }
}
