import ConomyAPI
import Fuzzing
import Testing

@testable import BursarReport

@Suite("A time line")
struct TimelineTests {
    private let start = Timestamp(millisecondsSince1970: 1_795_570_267_000)

    @Test("has a step for each second, and wider ones when there would be too many")
    func steps() {
        var timeline = Timeline(from: start)
        timeline.add(.settled, at: start)
        timeline.add(.failed, at: start.adding(milliseconds: 999))
        timeline.add(.open, at: start.adding(milliseconds: 2500))
        #expect(timeline.steps.map(\.total) == [2, 0, 1])
        #expect(timeline.steps[0][.settled] == 1 && timeline.steps[0][.failed] == 1 && timeline.steps[2][.open] == 1)
        timeline.add(.settled, at: start.adding(milliseconds: 120_000))
        #expect(timeline.stepSeconds == 2)
        #expect(timeline.steps.count == 61)
        #expect(timeline.steps[0].total == 2 && timeline.steps[1].total == 1 && timeline.steps[60].total == 1)
        timeline.add(.settled, at: start.adding(milliseconds: -5000))
        #expect(timeline.steps[0].total == 3)
    }

    @Test("loses nothing, stays small, and does not depend on the order")
    func anyOrder() {
        let failure = fuzz(rounds: 300) { random in
            let instants = (0..<random.number(1...200)).map { _ in
                start.adding(milliseconds: Int64(random.number(0...(1 << random.number(10...34)))))
            }
            let kinds = instants.map { _ in random.one(of: Timeline.Kind.allCases) }
            var (one, other) = (Timeline(from: start), Timeline(from: start))
            for (instant, kind) in zip(instants, kinds) { one.add(kind, at: instant) }
            for (instant, kind) in zip(instants, kinds).reversed() { other.add(kind, at: instant) }
            guard one.steps.count <= Timeline.most, one.steps.reduce(0, { $0 + $1.total }) == instants.count else {
                return "\(one.steps.count) steps of \(instants.count) effects"
            }
            guard one.steps == other.steps, one.stepSeconds == other.stepSeconds else { return "the order matters" }
            for kind in Timeline.Kind.allCases where one.steps.reduce(0, { $0 + $1[kind] }) != kinds.count(where: { $0 == kind })
            {
                return "\(kind) is miscounted"
            }
            return nil
        }
        #expect(failure == nil)
    }
}
