import BursarGate
import ConomyAPI
import Foundation
import Yams

/// A policy as `bursar.yaml` writes it: what it does not say depends on the environment.
public struct PolicySettings: Sendable, Equatable {
    /// Everything that is either there or not.
    var limits = Policy()
    var requiresPlan: Bool?
    var requiresLimits: Bool?

    /// The policy of an environment.
    func policy(isProduction: Bool) -> Policy {
        let strict = Policy(isProduction: isProduction)
        var policy = limits
        policy.requiresPlan = requiresPlan ?? strict.requiresPlan
        policy.requiresLimits = requiresLimits ?? strict.requiresLimits
        return policy
    }
}

extension ConfigurationReader {
    private static let policyKeys = [
        "operations", "most_per_effect", "most_per_run", "most_per_day", "most_effects_per_run", "most_effects_per_day",
        "destinations", "require", "limits", "unattended", "hours", "time_zone",
    ]

    /// - Returns: the policy, and the place of each of its parts.
    func policy(_ node: Node, prefix: String) throws(ConfigurationError) -> (PolicySettings, [String: String]) {
        var settings = PolicySettings()
        var origins: [String: String] = [:]
        for (key, value) in try members(of: node, known: ConfigurationReader.policyKeys) {
            origins["\(prefix).\(key)"] = place(of: value)
            switch key {
            case "operations": try operations(value, into: &settings.limits)
            case "most_per_effect": settings.limits.mostPerEffect = try moneyLimits(value, key)
            case "most_per_run": settings.limits.mostPerRun = try moneyLimits(value, key)
            case "most_per_day": settings.limits.mostPerDay = try moneyLimits(value, key)
            case "most_effects_per_run": settings.limits.mostEffectsPerRun = try number(value, key)
            case "most_effects_per_day": settings.limits.mostEffectsPerDay = try number(value, key)
            case "destinations": settings.limits.destinations = try destinations(value)
            case "require": settings.requiresPlan = try word(value, key, of: ["plan", "none"]) == "plan"
            case "limits": settings.requiresLimits = try word(value, key, of: ["required", "none"]) == "required"
            case "unattended": settings.limits.isUnattended = try flag(value, key)
            case "hours":
                guard let hours = WeeklyHours(try text(value, key)) else {
                    throw error(value, "hours must be hours of the week, such as Mon-Fri 08:00-20:00, Sat 09:00-13:00")
                }
                settings.limits.hours = hours
            default:
                guard let zone = TimeZone(identifier: try text(value, key)) else {
                    throw error(value, "time_zone must be the name of one, such as America/Santiago")
                }
                settings.limits.timeZone = zone
            }
        }
        return (settings, origins)
    }

    private func operations(_ node: Node, into policy: inout Policy) throws(ConfigurationError) {
        for (key, value) in try members(of: node, known: ["allow", "forbid"]) {
            let patterns = try texts(value, key)
            for pattern in patterns
            where !Catalogue.conomy.operations.contains(where: { DeclaredEffects.pattern(pattern, covers: $0.name) }) {
                let hint = Catalogue.conomy.suggestion(for: pattern).map { "did you mean \($0)?" } ?? "bursar api list shows all"
                throw error(value, "\"\(pattern)\" covers no operation; \(hint)")
            }
            if key == "allow" { policy.allowedOperations = patterns } else { policy.forbiddenOperations = patterns }
        }
    }

    private func moneyLimits(_ node: Node, _ key: String) throws(ConfigurationError) -> MoneyLimits {
        var amounts: [Money] = []
        for (code, value) in try members(of: node, known: nil) {
            guard Currency.exponents[code] != nil else {
                let suggestion = closest(to: code, among: Currency.exponents.keys.sorted()).map { "; did you mean \($0)?" } ?? ""
                throw error(
                    value,
                    "\(key) names amounts by currency, such as {ARS: \"100000.00\"}; \"\(code)\" is no currency of the API\(suggestion)"
                )
            }
            // Without quotes a number may have been changed by whatever wrote the file.
            guard case .scalar(let scalar) = value, scalar.style == .singleQuoted || scalar.style == .doubleQuoted else {
                throw error(value, "the amount of \(key) in \(code) must stand in quotes, such as \"100000.00\"")
            }
            let amount: Money
            do throws(MoneyError) { amount = try Money(scalar.string, Currency(code)) } catch {
                throw self.error(value, "\(key) in \(code): \(error)")
            }
            guard amount.minorUnits <= Int128(Int64.max) else {
                throw error(value, "\(key) in \(code): \(amount) is larger than any sum that can be kept")
            }
            amounts.append(amount)
        }
        return MoneyLimits(amounts)
    }

    private func destinations(_ node: Node) throws(ConfigurationError) -> Policy.Destinations {
        var destinations = Policy.Destinations()
        for (key, value) in try members(of: node, known: ["accounts", "bank_accounts"]) {
            let numbers = try texts(value, key)
            if key == "accounts" { destinations.accounts = numbers } else { destinations.bankAccounts = numbers }
        }
        return destinations
    }
}
