import ConomyClient
import Logging

/// `--trace-http`: requests and answers as log lines.
enum TraceLog {
    static func make(_ logger: Logger) -> HTTPTrace {
        { event in
            var fields: Logger.Metadata = [
                "operation": "\(event.operation)", "attempt": "\(event.attempt)", "request": "\(event.method) \(event.url)",
                "request_headers": "\(headers(event.requestHeaders))", "milliseconds": "\(event.duration / .milliseconds(1))",
            ]
            fields["request_body"] = event.requestBody.map { "\($0)" }
            fields["status"] = event.status.map { "\($0)" }
            if event.status != nil { fields["answer_headers"] = "\(headers(event.responseHeaders))" }
            fields["answer_body"] = event.responseBody.map { "\($0)" }
            fields["failure"] = event.failure.map { "\($0)" }
            logger.debug("http", metadata: fields)
        }
    }

    private static func headers(_ headers: [HTTPTraceEvent.Header]) -> String {
        headers.map { "\($0.name): \($0.value)" }.joined(separator: ", ")
    }
}
