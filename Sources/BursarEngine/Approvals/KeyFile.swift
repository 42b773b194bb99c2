import Crypto
import CryptoExtras
import ExactJSON
import Foundation

/// A private key for approvals as it lies on disk: for its owner's eyes, and under a passphrase where one was given.
struct KeyFile {
    /// How a passphrase becomes a key: parameters of scrypt that take a tenth of a second and 32 MB.
    private static let (rounds, blockSize, parallelism) = (32_768, 8, 1)

    let name: String
    let publicKey: PublicKey
    private let secret: Secret

    private enum Secret {
        case plain([UInt8])
        case locked(salt: [UInt8], box: [UInt8])
    }

    var isLocked: Bool { if case .locked = secret { true } else { false } }

    /// - Parameter passphrase: nil leaves the key open to whoever can read the file.
    /// - Throws: `RunFailure` when the system cannot lock it.
    init(_ key: SigningKey, passphrase: String?) throws(RunFailure) {
        name = key.name
        publicKey = key.publicKey
        guard let passphrase else {
            secret = .plain(key.bytes)
            return
        }
        let salt = (0..<16).map { _ in UInt8.random(in: 0...255) }
        do {
            let box = try ChaChaPoly.seal(
                key.bytes, using: KeyFile.lock(passphrase, salt), authenticating: Array(key.publicKey.text.utf8))
            secret = .locked(salt: salt, box: Array(box.combined))
        } catch { throw RunFailure(.temporary, "the key \(key.name) could not be locked: \(error)") }
    }

    private static func lock(_ passphrase: String, _ salt: [UInt8]) throws -> SymmetricKey {
        // One passphrase is the same however a keyboard composes its letters.
        let bytes = Array(passphrase.precomposedStringWithCanonicalMapping.utf8)
        return try KDF.Scrypt.deriveKey(
            from: bytes, salt: salt, outputByteCount: 32, rounds: rounds, blockSize: blockSize, parallelism: parallelism)
    }

    /// - Parameter passphrase: asked for where the key is locked.
    /// - Throws: `RunFailure` when the passphrase is not the key's, or the key is damaged.
    func open(passphrase: () throws(RunFailure) -> String) throws(RunFailure) -> SigningKey {
        let bytes: [UInt8]
        switch secret {
        case .plain(let plain): bytes = plain
        case .locked(let salt, let box):
            let given = try passphrase()
            guard let key = try? KeyFile.lock(given, salt), let sealed = try? ChaChaPoly.SealedBox(combined: box),
                let opened = try? ChaChaPoly.open(sealed, using: key, authenticating: Array(publicKey.text.utf8))
            else { throw RunFailure(.credentials, "this is not the passphrase of the key \(name)") }
            bytes = Array(opened)
        }
        guard let key = try? SigningKey(name: name, bytes: bytes), key.publicKey == publicKey else {
            throw RunFailure(.invalid, "the key \(name) is damaged: its two halves do not belong together")
        }
        return key
    }

    var json: JSON {
        var object: JSONObject = ["bursar_key": 1, "name": .string(name), "public": .string(publicKey.text)]
        switch secret {
        case .plain(let bytes): object["private"] = .string(Data(bytes).base64EncodedString())
        case .locked(let salt, let box):
            object["locked"] = [
                "by": "scrypt, ChaCha20-Poly1305", "salt": .string(Data(salt).base64EncodedString()),
                "box": .string(Data(box).base64EncodedString()),
            ]
        }
        return .object(object)
    }

    init?(_ json: JSON) {
        func bytes(_ value: JSON?) -> [UInt8]? { value?.string.flatMap { Data(base64Encoded: $0) }.map { Array($0) } }
        guard json["bursar_key"] == 1, let name = json["name"]?.string,
            let key = json["public"]?.string.flatMap({ PublicKey($0) })
        else { return nil }
        if let plain = bytes(json["private"]) {
            secret = .plain(plain)
        } else if let salt = bytes(json["locked"]?["salt"]), let box = bytes(json["locked"]?["box"]) {
            secret = .locked(salt: salt, box: box)
        } else {
            return nil
        }
        self.name = name
        publicKey = key
    }
}
