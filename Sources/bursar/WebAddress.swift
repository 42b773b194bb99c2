import ArgumentParser
import Foundation

/// An address on the command line that something is sent to.
enum WebAddress {
    /// - Returns: what is wrong with it and what to do; nil when it will do.
    static func problem(_ text: String) -> String? {
        guard !text.isEmpty else { return "is empty; write it in full, such as https://hc-ping.com/CHECK" }
        guard let address = URLComponents(string: text), let scheme = address.scheme?.lowercased() else {
            return "is no address; write it in full, such as https://hc-ping.com/CHECK"
        }
        guard ["http", "https"].contains(scheme) else { return "begins with \(scheme):; only http: and https: are spoken" }
        guard let host = address.host, !host.isEmpty else {
            return "names no host; write it in full, such as https://hc-ping.com/CHECK"
        }
        guard address.port.map({ (1...65535).contains($0) }) ?? true else {
            return "has a port that is no number from 1 to 65535"
        }
        guard address.user == nil, address.password == nil else {
            return "has a name or a password in it, which would not be sent"
        }
        guard address.fragment == nil else { return "has a part behind #, which would not be sent" }
        return nil
    }

    /// - Throws: `ValidationError`.
    static func check(_ text: String?, of flag: String) throws {
        if let text, let problem = problem(text) { throw ValidationError("\(flag) \"\(text)\" \(problem).") }
    }
}
