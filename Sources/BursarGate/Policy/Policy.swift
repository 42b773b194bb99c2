public import ConomyAPI

/// What an environment permits, as `bursar.yaml` says it. The empty policy permits everything.
public struct Policy: Sendable, Equatable {
    /// How many people must have approved a plan.
    public struct Approvals: Sendable, Equatable {
        /// How many different keys must have signed. The maker's does not count.
        public var count: Int
        /// Names of keys whose word counts; empty for all of `keys`.
        public var from: [String]
        /// Plans whose total is above this in any currency need approvals; empty for all plans.
        public var above: [Currency: Money]

        public init(count: Int, from: [String] = [], above: [Currency: Money] = [:]) {
            self.count = count
            self.from = from
            self.above = above
        }
    }

    /// Effects are only sent by `bursar apply`.
    public var requiresPlan = false
    public var approvals: Approvals?
    /// Public keys of people, by the names the policy calls them: `ed25519:` and base64.
    public var keys: [String: String] = [:]

    public init() {}
}
