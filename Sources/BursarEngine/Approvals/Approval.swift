public import ConomyAPI
import Crypto
import ExactJSON
import Foundation

/// Somebody's word that a plan may be applied: a signature over its seal.
public struct Approval: Sendable, Equatable {
    /// The name the key has where it signed.
    public let name: String
    public let key: PublicKey
    /// `ana@till-3`
    public let by: String
    public let at: Timestamp
    let signature: [UInt8]

    /// What is signed. The first line keeps the signature from being anything else's.
    private static func message(_ seal: String, name: String, key: PublicKey, by: String, at: Timestamp) -> [UInt8] {
        let parts: JSON = [
            "approves": .string(seal), "name": .string(name), "key": .string(key.text), "by": .string(by),
            "at": .string(at.description),
        ]
        return Array("bursar plan approval, version 1\n".utf8) + parts.bytes(.canonical)
    }

    /// True when the holder of the key signed this for the plan with this seal.
    public func isGenuine(of seal: String) -> Bool {
        key.verifies(signature, of: Approval.message(seal, name: name, key: key, by: by, at: at))
    }

    init(of seal: String, with key: SigningKey, by: String, at: Timestamp) throws(RunFailure) {
        name = key.name
        self.key = key.publicKey
        self.by = by
        self.at = at
        signature = try key.sign(Approval.message(seal, name: key.name, key: key.publicKey, by: by, at: at))
    }

    var json: JSON {
        [
            "name": .string(name), "key": .string(key.text), "by": .string(by), "at": .string(at.description),
            "signature": .string(Data(signature).base64EncodedString()),
        ]
    }

    init?(_ json: JSON) {
        guard let name = json["name"]?.string, let key = json["key"]?.string.flatMap({ PublicKey($0) }),
            let by = json["by"]?.string, let at = json["at"]?.string.flatMap({ Timestamp($0) }),
            let signature = json["signature"]?.string.flatMap({ Data(base64Encoded: $0) })
        else { return nil }
        self.name = name
        self.key = key
        self.by = by
        self.at = at
        self.signature = Array(signature)
    }
}

/// The public half of a key for approvals, `ed25519:` and 43 characters.
public struct PublicKey: Sendable, Hashable {
    private static let prefix = "ed25519:"
    private let bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Nil when the text is no such key.
    public init?(_ text: String) {
        guard text.hasPrefix(PublicKey.prefix),
            let data = Data(base64Encoded: text.dropFirst(PublicKey.prefix.count) + "="), data.count == 32
        else { return nil }
        bytes = Array(data)
        // One key has one spelling.
        guard self.text == text else { return nil }
    }

    public var text: String { PublicKey.prefix + Data(bytes).base64EncodedString().dropLast() }

    func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else { return false }
        return key.isValidSignature(signature, for: message)
    }
}
