import BursarEngine
import ExactJSON

/// What is different between two plans, for people.
enum PlanDifferenceView {
    private static let most = 50

    static func text(_ difference: PlanDifference, width: Int) -> String {
        guard !difference.isEmpty else { return "The plans are the same." }
        var blocks = [
            "\(difference.added.count) added, \(difference.removed.count) removed, \(difference.changed.count) changed"
        ]
        let parts = [
            ("Made of something else:", difference.made), ("Added:", difference.added), ("Removed:", difference.removed),
            ("Changed:", difference.changed),
        ]
        for (title, changes) in parts where !changes.isEmpty {
            var lines = [title]
            for change in changes.prefix(most) { lines += self.lines(change, width) }
            if changes.count > most { lines.append("  and \(changes.count - most) more (--json has all)") }
            blocks.append(lines.joined(separator: "\n"))
        }
        return blocks.joined(separator: "\n\n")
    }

    private static func lines(_ change: PlanDifference.Change, _ width: Int) -> [String] {
        var lines = ["  " + FieldLines.single(change.name)]
        for (mark, value) in [("-", change.before), ("+", change.after)] {
            if let value {
                lines += ReportView.wrapped("    \(mark) \(FieldLines.single(value.text(.canonical)))", width, indent: 8)
            }
        }
        return lines
    }
}
