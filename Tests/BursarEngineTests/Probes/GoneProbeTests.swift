import ConomyAPI
import ConomySimulator
import ExactJSON
import Testing

@testable import BursarEngine

@Suite struct GoneProbeTests {
    @Test("what never was there is as gone as what was deleted")
    func never() async throws {
        let bench = try Bench()
        for probe in Probes.all.compactMap({ $0 as? any GoneProbe }) {
            let call = try bench.call(probe.operation, ["nobody"])
            let found = try await bench.look(call)
            let status = try #require(call.operation.successStatuses.first)
            #expect(found.answer?.status == status, "\(found.story)")
            #expect(found.answer?.body == (status == 204 ? JSON?.none : [:]))
        }
    }

    @Test("a 404 that is not the API's own word is no proof of a deletion")
    func proxy() async throws {
        let bench = try Bench()
        let bodies: [JSON?] = [
            nil, [:], ["message": "no Route matched"], ["statusCode": 404, "error": "Not Found", "message": "x"],
        ]
        for probe in Probes.all.compactMap({ $0 as? any GoneProbe }) {
            for body in bodies {
                let reads = SpoiledReads(bench.simulator) { _, _, _ throws(CallFailure) in Answer(status: 404, body: body) }
                let finding = try await bench.look(bench.call(probe.operation, ["nobody"]), reads: reads)
                #expect(finding.word == "unknown", "\(finding.story)")
            }
        }
    }

    @Test("an account that is answered under another name is another account")
    func alias() async throws {
        let bench = try Bench()
        #expect(try await bench.look(bench.call("accounts.delete", ["000000000000000000000101"])).word == "absent")
        #expect(try await bench.look(bench.call("accounts.delete", [Bench.account("CLP")])).word == "absent")
        let reads = SpoiledReads(bench.simulator) { _, _, _ throws(CallFailure) in
            Answer(status: 200, body: ["id": "1", "accountNumber": "2", "identityId": .string(Bench.identity)])
        }
        #expect(try await bench.look(bench.call("accounts.delete", [Bench.identity]), reads: reads).word == "unknown")
    }

    @Test("a brand is gone when it is null, and while brands are switched off")
    func brand() async throws {
        let call = try Bench().call("organizations.delete_brand", [Bench.identity])
        #expect(try await Bench { $0.brandPersistence = true }.look(call).word == "present")
        #expect(try await Bench().look(call).word == "present")
        #expect(try await Bench().look(Bench().call("organizations.update_brand", [Bench.identity], [:])).word == "unknown")
    }
}
