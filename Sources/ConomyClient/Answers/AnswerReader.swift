import ConomyAPI
import ExactJSON
import NIOCore

/// Turns what came over the wire into an `Answer`, or says why it is none.
enum AnswerReader {
    enum Reading: Sendable {
        case answer(Answer)
        /// A success in name that does not answer the call: what is wrong with it, to be read after "the answer".
        case rubbish(String)
    }

    /// - Parameter status: not a redirect.
    static func read(_ call: Call, status: Int, body: ByteBuffer) -> Reading {
        guard (200..<300).contains(status) else {
            // A refusal is one by its status; its body explains it where it can be read.
            return .answer(Answer(status: status, body: try? json(body).get()))
        }
        let schema = documentedSchema(call.operation, status)
        if body.readableBytes == 0 {
            guard schema == nil else { return .rubbish("is empty, and \(call.operation.name) answers with a body") }
            return .answer(Answer(status: status, body: nil))
        }
        switch json(body) {
        case .failure(let error): return .rubbish("is not proper JSON: \(error)")
        case .success(let value):
            if let schema, let problem = AnswerShape.problem(value, schema, of: call.operation) { return .rubbish(problem) }
            if let problem = AnswerMatch.problem(value, call) { return .rubbish(problem) }
            return .answer(Answer(status: status, body: value))
        }
    }

    static func json(_ body: ByteBuffer) -> Result<JSON, JSONError> {
        body.withUnsafeReadableBytes { raw in
            raw.withMemoryRebound(to: UInt8.self) { bytes in
                do throws(JSONError) { return .success(try JSON(parsing: bytes)) } catch { return .failure(error) }
            }
        }
    }

    /// The schema for this status; for a success with an undocumented status, that of the first documented one.
    private static func documentedSchema(_ operation: Operation, _ status: Int) -> Schema? {
        if let documented = operation.answers[status] { return documented }
        return operation.successStatuses.first.flatMap { operation.answers[$0] ?? nil }
    }
}
