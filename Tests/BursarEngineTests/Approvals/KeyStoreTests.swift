import Foundation
import Testing

@testable import BursarEngine

@Suite("Keys for approvals")
struct KeyStoreTests {
    @Test("are written for their owner alone, never over another, and open with their passphrase only")
    func life() throws {
        let folder = try TemporaryFolder()
        let store = KeyStore(environment: ["XDG_CONFIG_HOME": folder.path])
        let plain = try store.make("ana", passphrase: nil)
        let locked = try store.make("ben", passphrase: "correct horse")
        #expect(try store.list().map(\.name) == ["ana", "ben"])
        #expect(!plain.isLocked && locked.isLocked)
        let path = store.folder + "/ben.key"
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        #expect(try FileManager.default.attributesOfItem(atPath: store.folder)[.posixPermissions] as? Int == 0o700)
        #expect(throws: RunFailure.self) { try store.make("ana", passphrase: nil) }
        #expect(throws: RunFailure.self) { try store.make("../ana", passphrase: nil) }

        #expect(try store.open("ana") { () throws(RunFailure) in "" }.publicKey == plain.publicKey)
        #expect(try store.open("ben") { () throws(RunFailure) in "correct horse" }.publicKey == locked.publicKey)
        let wrong = #expect(throws: RunFailure.self) { try store.open("ben") { () throws(RunFailure) in "correct house" } }
        #expect(wrong?.kind == .credentials)
        #expect(try !String(contentsOfFile: path, encoding: .utf8).contains("private"))
    }

    @Test("that others can read are not used")
    func openToOthers() throws {
        let folder = try TemporaryFolder()
        let store = KeyStore(environment: ["XDG_CONFIG_HOME": folder.path])
        _ = try store.make("ana", passphrase: nil)
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: store.folder + "/ana.key")
        let failure = #expect(throws: RunFailure.self) { try store.open("ana") { () throws(RunFailure) in "" } }
        #expect(failure?.kind == .refused)
    }

    @Test("have one spelling")
    func spelling() throws {
        let text = SigningKey(name: "ana").publicKey.text
        #expect(PublicKey(text)?.text == text && text.utf8.count == 51)
        for other in [text + "=", text.uppercased(), String(text.dropFirst(8)), text.dropLast() + "!", text + " "] {
            #expect(PublicKey(other) == nil, "\(other)")
        }
    }
}
