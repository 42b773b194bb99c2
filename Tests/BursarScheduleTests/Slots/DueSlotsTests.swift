import BursarSchedule
import Foundation
import Fuzzing
import Testing

@Suite("The slots that are due")
struct DueSlotsTests {
    private func due(
        _ schedule: Schedule, since: String, at now: String, holidays: Holidays = Holidays(), past: Set<String> = []
    ) throws -> DueSlots {
        try DueSlots(of: schedule, since: instant(since), at: instant(now), leavingOut: holidays) { past.contains(utc($0.time)) }
    }

    private func run(_ slots: DueSlots) -> [String] { slots.run.map { utc($0.time) } }

    @Test("are those since the last time, the moment itself included")
    func simple() throws {
        let hourly = try schedule()
        #expect(try run(due(hourly, since: "2026-11-30T01:00:00Z", at: "2026-11-30T01:59:00Z")) == [])
        #expect(try run(due(hourly, since: "2026-11-30T01:59:00Z", at: "2026-11-30T02:00:00Z")) == ["2026-11-30T02:00:00Z"])
        #expect(try run(due(hourly, since: "2026-11-30T02:00:00Z", at: "2026-11-30T02:01:00Z")) == [])
        let off = try schedule { $0.isEnabled = false }
        #expect(try run(due(off, since: "2026-11-30T01:59:00Z", at: "2026-11-30T02:00:00Z")) == [])
    }

    @Test("that were missed are made up for as the schedule says")
    func missed() throws {
        func after(_ missed: Schedule.Missed, _ now: String, within: Duration = .seconds(86_400), past: Set<String> = []) throws
            -> DueSlots
        {
            let hourly = try schedule {
                $0.missed = missed
                $0.missedWithin = within
            }
            return try due(hourly, since: "2026-11-30T01:30:00Z", at: now, past: past)
        }
        // Late by more than five minutes, there is none in time.
        #expect(try run(after(.none, "2026-11-30T04:30:00Z")) == [])
        #expect(try run(after(.none, "2026-11-30T04:05:00Z")) == ["2026-11-30T04:00:00Z"])
        #expect(try run(after(.none, "2026-11-30T04:05:01Z")) == [])
        #expect(try run(after(.last, "2026-11-30T04:30:00Z")) == ["2026-11-30T04:00:00Z"])
        #expect(
            try run(after(.all, "2026-11-30T04:30:00Z"))
                == ["2026-11-30T02:00:00Z", "2026-11-30T03:00:00Z", "2026-11-30T04:00:00Z"])
        #expect(
            try run(after(.all, "2026-11-30T04:30:00Z", within: .seconds(5400)))
                == ["2026-11-30T03:00:00Z", "2026-11-30T04:00:00Z"])
        #expect(try run(after(.last, "2026-11-30T04:30:00Z", within: .seconds(600))) == [])
        // What was run is not run again, and what is left follows the policy.
        #expect(
            try run(after(.all, "2026-11-30T04:30:00Z", past: ["2026-11-30T03:00:00Z"]))
                == ["2026-11-30T02:00:00Z", "2026-11-30T04:00:00Z"])
        let passed = try after(.last, "2026-11-30T04:30:00Z").passedOver
        #expect(passed.map { utc($0.slot.time) } == ["2026-11-30T02:00:00Z", "2026-11-30T03:00:00Z"])
        #expect(passed.allSatisfy { $0.reason == .missed })
    }

    @Test("that were missed give way to a later one, also to one that was run before")
    func givingWay() throws {
        for (missed, left) in [
            (Schedule.Missed.none, []), (.last, []), (.all, ["2026-11-30T02:00:00Z", "2026-11-30T03:00:00Z"]),
        ] {
            let slots = try due(
                schedule { $0.missed = missed }, since: "2026-11-30T01:30:00Z", at: "2026-11-30T04:01:00Z",
                past: ["2026-11-30T04:00:00Z"])
            #expect(run(slots) == left)
            #expect(slots.inTime == nil)
            #expect(
                slots.passedOver.map { utc($0.slot.time) }
                    == (left.isEmpty ? ["2026-11-30T02:00:00Z", "2026-11-30T03:00:00Z"] : []))
        }
    }

    @Test("of three days asleep are at most those of the window")
    func asleep() throws {
        let often = try schedule("often", "* * * * *") { $0.missed = .all }
        let slots = try due(often, since: "2026-11-27T12:00:00Z", at: "2026-11-30T12:00:00Z")
        #expect(slots.run.count == 1441)
        #expect(run(slots).first == "2026-11-29T12:00:00Z")
        let daily = try schedule("daily", "30 3 * * *", zone: "America/Santiago") {
            $0.missed = .all
            $0.missedWithin = .seconds(7 * 86_400)
        }
        #expect(
            try run(due(daily, since: "2026-11-27T12:00:00Z", at: "2026-11-30T12:00:00Z"))
                == ["2026-11-28T06:30:00Z", "2026-11-29T06:30:00Z", "2026-11-30T06:30:00Z"])
    }

    @Test("are none on a date that is left out, in the schedule's own time zone")
    func holidays() throws {
        let holidays = try Holidays(text: "2026-11-29", path: "h")
        let daily = try schedule("late", "30 23 * * *", zone: "America/Santiago") { $0.missed = .all }
        // 02:30 on the 30th in UTC is still the 29th there.
        let slots = try due(daily, since: "2026-11-30T02:00:00Z", at: "2026-11-30T02:30:00Z", holidays: holidays)
        #expect(slots.run == [])
        #expect(slots.passedOver.map(\.reason) == [.leftOut])
        #expect(
            try run(due(daily, since: "2026-11-29T02:00:00Z", at: "2026-11-29T02:31:00Z", holidays: holidays))
                == ["2026-11-29T02:30:00Z"])
    }

    @Test("where the clocks are changed are one a slot, both ways, in three zones")
    func changes() throws {
        for (zone, cron, since, now, expected) in [
            ("America/Santiago", "30 0 * * *", "2026-09-05T12:00:00Z", "2026-09-06T12:00:00Z", "2026-09-06T04:00:00Z"),
            ("America/Santiago", "30 23 * * *", "2026-04-04T12:00:00Z", "2026-04-05T12:00:00Z", "2026-04-05T02:30:00Z"),
            ("America/New_York", "30 2 * * *", "2026-03-07T12:00:00Z", "2026-03-08T12:00:00Z", "2026-03-08T07:00:00Z"),
            ("America/New_York", "30 1 * * *", "2026-10-31T12:00:00Z", "2026-11-01T12:00:00Z", "2026-11-01T05:30:00Z"),
            ("Europe/Berlin", "30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z", "2026-03-29T01:00:00Z"),
            ("Europe/Berlin", "30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z", "2026-10-25T00:30:00Z"),
        ] {
            let schedule = try schedule("daily", cron, zone: zone) { $0.missed = .all }
            #expect(try run(due(schedule, since: since, at: now)) == [expected], "\(cron) in \(zone)")
        }
    }

    @Test("are put off by the jitter, always by as much, and by amounts of the whole range")
    func jitter() throws {
        let hourly = try schedule("spread", "0 * * * *") {
            $0.jitter = .seconds(600)
            $0.missed = .all
        }
        var delays: [TimeInterval] = []
        for hour in 0..<200 {
            let time = try instant("2026-11-01T00:00:00Z") + Double(hour) * 3600
            let asked = DueSlots(of: hourly, since: time - 60, at: time, leavingOut: Holidays()) { _ in false }
            let due = asked.waiting.first?.due ?? time
            delays.append(due.timeIntervalSince(time))
            // Not a second before, and at that second.
            #expect(asked.run.isEmpty == (due > time))
            if due > time {
                #expect(DueSlots(of: hourly, since: time - 60, at: due - 1, leavingOut: Holidays()) { _ in false }.run == [])
            }
            #expect(
                DueSlots(of: hourly, since: time - 60, at: due, leavingOut: Holidays()) { _ in false }.run.map(\.time) == [time])
        }
        #expect(delays.allSatisfy { (0...600).contains($0) })
        #expect(Set(delays).count > 100)
        #expect((240...360).contains(delays.reduce(0, +) / 200))
        // A fixed one: what hosts with different versions must agree on.
        #expect(delays[0] == 69)
    }

    @Test("are the same whoever asks and however often, over any instants of asking")
    func partition() throws {
        let failure = try fuzz(rounds: 200) { random in
            let zone = random.one(of: ["America/Santiago", "Europe/Berlin", "UTC"])
            let cron = random.one(of: ["*/7 * * * *", "30 2,23 * * *", "0,30 0 * * *", "15 */2 * * 0,6", "59 23 4,5 4 *"])
            let schedule = try schedule("any", cron, zone: zone) {
                $0.missed = .all
                $0.missedWithin = .seconds(30 * 86_400)
                $0.jitter = .seconds(random.one(of: [0, 30, 600, 7200]))
            }
            let start = try instant(random.one(of: ["2026-04-04T00:00:00Z", "2026-09-05T00:00:00Z", "2026-10-24T00:00:00Z"]))
            let end = start + 3 * 86_400
            func slots(_ since: Date, _ now: Date) -> [Slot] {
                DueSlots(of: schedule, since: since, at: now, leavingOut: Holidays()) { _ in false }.run
            }
            var pieces: [Slot] = []
            var from = start
            while from < end {
                let to = min(end, from + Double(random.number(1...40_000)))
                pieces += slots(from, to)
                from = to
            }
            let whole = slots(start, end)
            guard Set(pieces).count == pieces.count else { return "\(cron) in \(zone): a slot came twice" }
            return pieces.sorted() == whole ? nil : "\(cron) in \(zone): \(pieces.count) slots in pieces, \(whole.count) at once"
        }
        #expect(failure == nil)
    }

    @Test("have a name that says schedule and instant")
    func identity() throws {
        #expect(
            try Slot(schedule: "nightly", time: instant("2026-04-05T03:30:00Z")).description == "nightly@2026-04-05T03:30:00Z")
    }
}
