import Foundation

/// How many files and connections a run may have open.
public struct DescriptorCheck: Check {
    private let limit: UInt64?

    public init() {
        var limits = rlimit()
        limit = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0 ? UInt64(limits.rlim_cur) : nil
    }

    /// - Parameter limit: nil where the system does not say.
    init(limit: UInt64?) { self.limit = limit }

    public func results() -> [CheckResult] {
        guard let limit else { return [.ok("descriptors", "the system does not say how many files may be open")] }
        let text = limit >= 1 << 30 ? "no limit" : "\(limit) files and connections may be open at once"
        // A client has up to 64 connections; a script's files, the journal and the log come on top.
        return limit >= 256
            ? [.ok("descriptors", text)]
            : [.warning("descriptors", text, hint: "raise it before a run with many rows beside each other: ulimit -n 1024")]
    }
}
