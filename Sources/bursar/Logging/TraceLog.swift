import ConomyClient
import Logging

/// `--trace-http`: requests and answers as log lines.
enum TraceLog {
    static func make(_ logger: Logger) -> HTTPTrace {
        HTTPTrace { exchange in logger.debug("http", metadata: ["exchange": "\(exchange)"]) }
    }
}
