import Crypto
import Foundation

/// The private half of a key for approvals, open in memory.
public struct SigningKey: Sendable {
    public let name: String
    private let key: Curve25519.Signing.PrivateKey

    /// A new one.
    init(name: String) {
        self.name = name
        key = Curve25519.Signing.PrivateKey()
    }

    /// - Throws: when the bytes are no key.
    init(name: String, bytes: [UInt8]) throws {
        self.name = name
        key = try Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
    }

    var bytes: [UInt8] { Array(key.rawRepresentation) }

    public var publicKey: PublicKey { PublicKey(bytes: Array(key.publicKey.rawRepresentation)) }

    /// - Throws: `RunFailure` when the system cannot sign.
    func sign(_ message: [UInt8]) throws(RunFailure) -> [UInt8] {
        do { return Array(try key.signature(for: message)) } catch {
            throw RunFailure(.temporary, "the key \(name) could not sign: \(error)")
        }
    }
}
