import ConomyAPI
import Crypto
import ExactJSON

/// A short reference that Bursar puts into a write where the script gives none, so that the effect can be found again should its answer
/// be lost: `bursar-` and twenty letters and digits, made from the job and the effect's key.
enum Stamp {
    /// Members that carry a reference of the caller's.
    private static func fields(of operation: Operation) -> [String] {
        // Other reasons than a refund's are read by people.
        operation.name == "payments.refund" ? ["reason"] : ["externalId"]
    }

    /// The stamp of an effect. The same effect has the same stamp in every run of its job.
    static func make(job fingerprint: String, key: String) -> String {
        let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz")
        let digest = SHA256.hash(data: Array("\(fingerprint)/\(key)".utf8))
        return "bursar-" + String(digest.prefix(20).map { alphabet[Int($0 & 31)] })
    }

    /// The member of the call's body that can carry a stamp; nil where there is none, or the script has filled it.
    static func field(in call: Call) -> String? {
        // A PATCH's externalId would be a change of the object.
        guard call.operation.method == .post, call.body == nil || call.body?.object != nil else { return nil }
        for field in fields(of: call.operation) {
            // An empty column of a file is no reference.
            let given = call.body?[field]
            let isFree = given == nil || given == ""
            guard !isFree || call.operation.schema(at: field) != nil else { continue }
            return isFree ? field : nil
        }
        return nil
    }

    /// The same call with a stamp.
    static func put(_ stamp: String, into field: String, of call: Call) -> Call {
        var body = call.body?.object ?? [:]
        body[field] = .string(stamp)
        var stamped = Call(
            call.operation, pathParameters: call.pathParameters, query: call.query, body: .object(body), money: call.money)
        stamped.key = call.key
        stamped.location = call.location
        stamped.departure = call.departure
        return stamped
    }
}
