import BursarEngine
import Foundation

/// What can be set by a variable of the process's environment, too: a flag wins over it, and it wins over files.
enum Setting: String, CaseIterable {
    case environment = "BURSAR_ENV"
    case configuration = "BURSAR_CONFIG"
    case state = "BURSAR_STATE"
    case rate = "BURSAR_RATE"
    case parallel = "BURSAR_PARALLEL"
    case patience = "BURSAR_PATIENCE"

    var flag: String {
        switch self {
        case .environment: "--env"
        case .configuration: "--config"
        case .state: "--state"
        case .rate: "--rate"
        case .parallel: "--parallel"
        case .patience: "--patience"
        }
    }

    /// The variable's text; nil where it is not set, or empty.
    var text: String? { ProcessInfo.processInfo.environment[rawValue].flatMap { $0.isEmpty ? nil : $0 } }

    /// - Throws: `RunFailure` of kind usage when it is no number from 1 to `most`.
    func number(most: Int) throws(RunFailure) -> Int? {
        guard let text else { return nil }
        guard let number = Int(text), (1...most).contains(number) else {
            throw RunFailure(.usage, "\(rawValue) is \"\(text)\", and must be a number from 1 to \(most)")
        }
        return number
    }

    /// - Throws: `RunFailure` of kind usage when it is no length of time.
    func span() throws(RunFailure) -> Duration? {
        guard let text else { return nil }
        guard let span = Span.read(text) else {
            throw RunFailure(.usage, "\(rawValue) is \"\(text)\", and must be a length of time such as 15m")
        }
        return span
    }

    /// The name of what set it: its flag, or its variable.
    func origin(isFlag: Bool) -> String { isFlag ? flag : rawValue }
}
