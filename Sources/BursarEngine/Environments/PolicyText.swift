import BursarGate
import ConomyAPI
import Foundation

extension Policy {
    /// Its limits as people read them.
    var limitTexts: [(name: String, value: String)] {
        func amounts(_ limits: MoneyLimits) -> String {
            limits.amounts.isEmpty ? "nothing" : limits.amounts.map(\.description).joined(separator: ", ")
        }
        var texts: [(name: String, value: String)] = []
        for (name, limits) in [
            ("most_per_effect", mostPerEffect), ("most_per_run", mostPerRun), ("most_per_day", mostPerDay),
        ] {
            if let limits { texts.append((name, amounts(limits))) }
        }
        for (name, number) in [("most_effects_per_run", mostEffectsPerRun), ("most_effects_per_day", mostEffectsPerDay)] {
            if let number { texts.append((name, String(number))) }
        }
        return texts
    }

    /// All of it, by the keys of `bursar.yaml`.
    var texts: [(name: String, value: String)] {
        func list(_ texts: [String]) -> String { texts.isEmpty ? "none" : texts.joined(separator: ", ") }
        var texts = limitTexts
        if allowedOperations != nil || !forbiddenOperations.isEmpty {
            texts.append(
                ("operations", "allow \(allowedOperations.map(list) ?? "all"); forbid \(list(forbiddenOperations))"))
        }
        if let destinations {
            texts.append(
                ("destinations", "accounts \(list(destinations.accounts)); bank_accounts \(list(destinations.bankAccounts))"))
        }
        if let hours { texts.append(("hours", hours.description)) }
        texts.append(("time_zone", timeZone.identifier))
        texts.append(("require", requiresPlan ? "plan" : "none"))
        texts.append(("limits", requiresLimits ? "required" : "none"))
        texts.append(("unattended", String(isUnattended)))
        return texts
    }
}
