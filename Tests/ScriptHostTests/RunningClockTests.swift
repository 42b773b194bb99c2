import Testing

@testable import ScriptHost

@Suite struct RunningClockTests {
    private let zero = ContinuousClock.now

    private func at(_ milliseconds: Int) -> ContinuousClock.Instant { zero.advanced(by: .milliseconds(milliseconds)) }

    @Test("time passes from the first turn's start to the last turn's end")
    func turns() {
        var clock = RunningClock()
        #expect(clock.ran(at: at(100)) == .zero)
        #expect(clock.instant(ofHavingRun: .seconds(1)) == nil)
        clock.turnBegins(at: at(100))
        clock.turnBegins(at: at(150))
        clock.turnEnds(at: at(180))
        #expect(clock.isRunning)
        clock.turnEnds(at: at(200))
        #expect(!clock.isRunning)
        #expect(clock.ran(at: at(900)) == .milliseconds(100))
        clock.turnBegins(at: at(1000))
        #expect(clock.ran(at: at(1050)) == .milliseconds(150))
        #expect(clock.instant(ofHavingRun: .milliseconds(300)) == at(1200))
    }

    @Test("while the host does not read, time stands still")
    func held() {
        var clock = RunningClock()
        clock.turnBegins(at: at(0))
        clock.hold(true, at: at(10))
        clock.hold(true, at: at(20))
        #expect(clock.ran(at: at(500)) == .milliseconds(10))
        clock.hold(false, at: at(500))
        #expect(clock.ran(at: at(505)) == .milliseconds(15))
    }

    @Test("a waiting that nobody asked for does not run time backwards")
    func extra() {
        var clock = RunningClock()
        clock.turnEnds(at: at(0))
        clock.turnBegins(at: at(1))
        #expect(clock.isRunning)
    }
}
