public import ConomyAPI
public import ExactJSON

/// Where money may go.
public struct AllowedDestinations: Gate.Rule {
    public let allowed: Policy.Destinations

    public init(_ allowed: Policy.Destinations) { self.allowed = allowed }

    public func refusal(of call: Call) -> Gate.Refusal? {
        guard call.operation.effect > .read else { return nil }
        let destinations = Destination.all(of: call)
        // A refund goes back to where the money came from.
        let isRefund = call.body?["type"]?.string == "REFUND"
        if destinations.isEmpty, call.operation.name == "payments.create", !isRefund {
            return refusal("payments.create names no destinations", "", "name them, as the policy lists where money may go")
        }
        return refusal(of: destinations, in: call.operation.name)
    }

    /// The same for a payment that is there already.
    /// - Parameter payment: nil where it cannot be read.
    public func refusal(ofPayment payment: JSON?, in operation: String) -> Gate.Refusal? {
        guard let payment else {
            return refusal(
                "\(operation) moves a payment that cannot be read, so nobody knows where to", "",
                "let these credentials read payments")
        }
        return refusal(of: Destination.all(of: payment), in: operation)
    }

    private func refusal(of destinations: [Destination], in operation: String) -> Gate.Refusal? {
        for destination in destinations {
            let (known, list) =
                destination.isInternal ? (allowed.accounts, "accounts") : (allowed.bankAccounts, "bank_accounts")
            let place = destination.path.isEmpty ? operation : destination.path
            guard !destination.names.isEmpty else {
                return refusal(
                    "\(place) names no account that could be compared with the policy's", destination.path,
                    "name the account by its number")
            }
            for name in destination.names where !known.contains(where: { AllowedDestinations.isSame($0, name) }) {
                return refusal(
                    "\(place) is \(name), which is none of the policy's \(list)", destination.path,
                    "add it to destinations: \(list) in the environment's policy if it is meant")
            }
        }
        return nil
    }

    private func refusal(_ message: String, _ path: String, _ hint: String) -> Gate.Refusal {
        Gate.Refusal(rule: "destinations", message: message, hint: hint)
    }

    /// An account written in groups is the account.
    private static func isSame(_ a: String, _ b: String) -> Bool {
        a == b || a.filter { $0 != " " } == b.filter { $0 != " " }
    }
}
