import ConomyAPI
import ExactJSON
import Synchronization

/// Passes reads on to a bank, and spoils the answers that somebody chose.
final class SpoiledReads: Performer {
    private let next: any Performer
    private let count = Mutex(0)
    private let changes = Mutex(0)
    /// The number of the read, from 1, its call and its answer.
    private let spoil: @Sendable (Int, Call, Answer) throws(CallFailure) -> Answer

    init(_ next: any Performer, _ spoil: @escaping @Sendable (Int, Call, Answer) throws(CallFailure) -> Answer) {
        self.next = next
        self.spoil = spoil
    }

    /// How many reads there were.
    var reads: Int { count.withLock { $0 } }
    /// How many of them were answered otherwise than they would have been.
    var spoilt: Int { changes.withLock { $0 } }

    func perform(_ call: Call) async throws(CallFailure) -> Answer {
        precondition(call.operation.effect == .read, "a probe wrote: \(call.operation.name)")
        let number = count.withLock { count -> Int in
            count += 1
            return count
        }
        let answer = try await next.perform(call)
        let spoilt: Answer
        do { spoilt = try spoil(number, call, answer) } catch {
            changes.withLock { $0 += 1 }
            throw error
        }
        if spoilt.status != answer.status || spoilt.body != answer.body { changes.withLock { $0 += 1 } }
        return spoilt
    }
}

/// Ways in which a read fails, or answers something that cannot be believed.
enum Spoil: String, CaseIterable, Sendable {
    case noAnswer, unreachable, serverError, forbidden, tooMany, proxysNotFound, emptyObject, noBody, emptyList, cutList,
        otherObject

    var isOfLists: Bool { self == .emptyList || self == .cutList }

    func callAsFunction(_ call: Call, _ answer: Answer) throws(CallFailure) -> Answer {
        switch self {
        case .noAnswer: throw CallFailure(.inDoubt, code: "timeout", "no answer came")
        case .unreachable: throw CallFailure(.unreachable, code: "connection_failed", "the connection was refused")
        case .serverError: return Answer(status: 500, body: ["status": 500, "code": "01", "type": "serverError"])
        case .forbidden: return Answer(status: 403, body: ["status": 403, "code": "43", "type": "forbiddenOperation"])
        case .tooMany: return Answer(status: 429, body: ["status": 429, "code": "32", "type": "tooManyRequests"])
        case .proxysNotFound: return Answer(status: 404, body: ["message": "no Route matched with those values"])
        case .emptyObject: return Answer(status: 200, body: [:])
        case .noBody: return Answer(status: 204, body: nil)
        case .emptyList: return Answer(status: 200, body: ["results": []])
        case .cutList: return Answer(status: answer.status, body: answer.body.map(Spoil.cut))
        case .otherObject: return Answer(status: answer.status, body: answer.body.map(Spoil.renamed))
        }
    }

    /// A page, or the refunds of a payment, without the last row; totals stay what they were.
    private static func cut(_ body: JSON) -> JSON {
        guard let object = body.object else { return body }
        return .object(
            JSONObject(
                object.members.map { key, value in
                    if key == "pagination" { return (key, cut(value)) }
                    guard ["results", "data", "refunds"].contains(key), let rows = value.array else { return (key, value) }
                    return (key, .array(rows.dropLast()))
                }))
    }

    /// The object of another id.
    private static func renamed(_ body: JSON) -> JSON {
        guard var object = body.object else { return body }
        for member in ["id", "parentId"] where object[member] != nil { object[member] = "another" }
        return .object(object)
    }
}
