import ExactJSON
import Foundation
import Testing

/// Scripts that want out, each with one way to try it. Whatever a script does, Bursar lives, ends with the right code and sentence,
/// leaves nothing behind, tells no secret, and nothing that was stopped has an effect.
@Suite("Hostile scripts")
struct HostileScriptTests {
    /// What stands in the environment and must stand nowhere else.
    static let marks = ["BURSAR_TEST_MARK": "marked-environment-b81f", "AWS_SECRET_ACCESS_KEY": "marked-foreign-secret-90aa"]
    /// The most that any attack may make Bursar print.
    static let loud = 8 << 20
    static let payment = "65b0a1000000000000000202"

    @Test("every attack of the collection fails, and the bank's books stay as they are")
    func collection() async throws {
        let bank = try await SandboxServer(world: HostileScript.folder.path + "/world.json")
        let scripts = try HostileScript.all()
        #expect(scripts.count > 150)
        let books = try await bank.ledger()
        let (url, credentials) = (bank.url, bank.environment)
        await withTaskGroup(of: Void.self) { group in
            for (place, script) in scripts.filter({ $0.waitsFor == nil }).enumerated() {
                // Few at a time: the limits of an attack are short.
                if place >= 3 { await group.next() }
                group.addTask { await HostileScriptTests.attack(script, url, credentials) }
            }
        }
        #expect(try await bank.ledger() == books)

        // The books can change: otherwise that they did not says nothing.
        let control = try bank.run(["api", "call", "payments.refund", "id=\(HostileScriptTests.payment)", "amount=1"])
        #expect(control.exitCode == 0, "\(control.errors)")
        #expect(try await bank.ledger() != books)
    }

    private static func attack(_ script: HostileScript, _ bank: String, _ credentials: [String: String]) async {
        do {
            let place = try HostilePlace(script, bank: bank)
            let environment = credentials.merging(marks) { $1 }.merging(["TMPDIR": place.temporary]) { $1 }
            // On a thread of its own: the few that tests share must not wait for a program.
            let (folder, work) = (place.folder.path, place.work)
            let run = try await withCheckedThrowingContinuation { continuation in
                DispatchQueue.global().async {
                    continuation.resume(
                        with: Result {
                            try HostileRun(
                                ["run", "attack.lua"] + script.arguments, environment: environment, folder: folder, work: work)
                        })
                }
            }
            let printed = String(decoding: run.output, as: UTF8.self) + "\n" + String(decoding: run.errors, as: UTF8.self)
            let shown = "\(script.name):\n\(printed.prefix(4000))"
            #expect(run.exitCode == script.exitCode, "\(shown)")
            let errors = String(decoding: run.errors, as: UTF8.self)
            for text in script.says { #expect(errors.contains(text), "does not say \(text): \(shown)") }
            let secrets = credentials.map(\.value) + marks.map(\.value)
            for text in script.without + [HostilePlace.outside] + secrets.flatMap(SecretSpellings.all) {
                #expect(!printed.contains(text), "says \(text): \(shown)")
            }
            #expect(run.output.count + run.errors.count <= loud, "\(script.name)")
            let obeyed = Set(printed.unicodeScalars.filter(isObeyed).map { String($0.value, radix: 16) })
            #expect(obeyed.isEmpty, "prints raw \(obeyed): \(shown)")
            #expect(run.left.isEmpty, "\(script.name) left processes")
            #expect(place.leftBehind(except: script.leaves) == [], "\(script.name)")
        } catch {
            Issue.record("\(script.name): \(error)")
        }
    }

    /// What a terminal obeys instead of showing it.
    private static func isObeyed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: false
        case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }
}
