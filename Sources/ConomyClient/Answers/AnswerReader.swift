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
            let body = try? json(body).get()
            // Something between here and the API may say no, after the API has said yes: that a write was declined is the API's word alone.
            // What is not taken for an answer in any case, by its status, needs none.
            let isDecline = (400..<500).contains(status) && ![401, 408, 429].contains(status)
            if isDecline, call.operation.effect > .read, !isError(body) { return .rubbish("is no error of the API's") }
            return .answer(Answer(status: status, body: body))
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

    /// True for an error in one of the documented shapes.
    private static func isError(_ body: JSON?) -> Bool {
        guard let body, body.object != nil else { return false }
        return body["code"]?.string != nil || body["type"]?.string != nil || body["statusCode"] != nil || body["error"] != nil
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
