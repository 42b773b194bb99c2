import ConomyAPI
import Testing

@testable import ConomyClient

@Suite("The life of a token")
struct TokenLifeTests {
    private func advice(_ life: inout TokenLife, at seconds: Int) -> String {
        switch life.need(at: .seconds(seconds)) {
        case .use(let token): "use \(token.generation)"
        case .useAndRenew(let token): "use \(token.generation), renew"
        case .renewAndWait: "renew, wait"
        case .wait: "wait"
        case .fail(let failure): "fail \(failure.kind.rawValue)"
        }
    }

    @Test("the first caller fetches, the others wait")
    func first() {
        var life = TokenLife()
        #expect(advice(&life, at: 0) == "renew, wait")
        #expect(advice(&life, at: 0) == "wait")
        _ = life.renewed("Bearer a", lifetime: .seconds(3600), requestedAt: .zero)
        #expect(advice(&life, at: 1) == "use 1")
    }

    @Test(
        "it is renewed by one caller at 80 % of its life or a minute before the end, but never in its first half",
        arguments: [
            (3600, 2880), (300, 240), (200, 140), (100, 50), (60, 30), (2, 1), (86_400, 69_120),
        ])
    func ahead(lifetime: Int, renewal: Int) {
        var life = TokenLife()
        _ = life.need(at: .zero)
        _ = life.renewed("Bearer a", lifetime: .seconds(lifetime), requestedAt: .zero)
        #expect(advice(&life, at: renewal - 1) == "use 1")
        #expect(advice(&life, at: renewal) == "use 1, renew")
        #expect(advice(&life, at: renewal) == "use 1")
        #expect(advice(&life, at: lifetime) == "wait")
        _ = life.renewed("Bearer b", lifetime: .seconds(lifetime), requestedAt: .seconds(lifetime))
        #expect(advice(&life, at: lifetime) == "use 2")
    }

    @Test("a 401 ends the token it was about, and not its successor")
    func rejected() {
        var life = TokenLife()
        _ = life.need(at: .zero)
        let old = life.renewed("Bearer a", lifetime: .seconds(3600), requestedAt: .zero)
        life.rejected(old)
        #expect(life.usable(at: .zero) == nil)
        #expect(advice(&life, at: 0) == "renew, wait")
        life.rejected(old)
        #expect(advice(&life, at: 0) == "wait")
        _ = life.renewed("Bearer b", lifetime: .seconds(3600), requestedAt: .zero)
        life.rejected(old)
        #expect(advice(&life, at: 0) == "use 2")
    }

    @Test("a renewal that failed leaves the old token in use, and is tried again later")
    func failedRenewal() {
        var life = TokenLife()
        _ = life.need(at: .zero)
        _ = life.renewed("Bearer a", lifetime: .seconds(3600), requestedAt: .zero)
        #expect(advice(&life, at: 3000) == "use 1, renew")
        life.renewalFailed(CallFailure(.unreachable, code: "x", "x"), at: .seconds(3001))
        #expect(advice(&life, at: 3002) == "use 1")
        #expect(advice(&life, at: 3031) == "use 1, renew")
        life.renewalFailed(CallFailure(.unreachable, code: "x", "x"), at: .seconds(3600))
        #expect(advice(&life, at: 3600) == "renew, wait")
    }

    @Test("refused credentials are not tried again for a while")
    func refusedCredentials() {
        var life = TokenLife()
        _ = life.need(at: .zero)
        life.renewalFailed(CallFailure(.credentials, code: "x", "x"), at: .zero)
        #expect(advice(&life, at: 29) == "fail credentials")
        #expect(advice(&life, at: 30) == "renew, wait")
    }
}
