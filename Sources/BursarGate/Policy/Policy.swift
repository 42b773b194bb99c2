public import ConomyAPI
public import Foundation

/// What an environment permits. Nothing is limited where a part is absent.
public struct Policy: Sendable, Equatable {
    /// Effects that may happen, by name or as `payments.*`; nil allows all.
    public var allowedOperations: [String]?
    /// Operations that may not happen, whatever else is said; reads may be among them.
    public var forbiddenOperations: [String] = []
    public var mostPerEffect: MoneyLimits?
    public var mostPerRun: MoneyLimits?
    public var mostPerDay: MoneyLimits?
    public var mostEffectsPerRun: Int?
    public var mostEffectsPerDay: Int?
    /// Where money may go; nil lets it go anywhere.
    public var destinations: Destinations?
    /// Effects happen under a plan only.
    public var requiresPlan = false
    /// Effects are refused until the most money per effect and per day is named.
    public var requiresLimits = false
    /// Effects may happen where nobody sits at a terminal, and without a plan.
    public var isUnattended = false
    /// When effects may happen; nil for at any time.
    public var hours: WeeklyHours?
    /// Days and hours are this zone's.
    public var timeZone = TimeZone.gmt

    /// Accounts that money may go to.
    public struct Destinations: Sendable, Equatable {
        /// Numbers of accounts at the API.
        public var accounts: [String]
        /// Accounts elsewhere: numbers, CBU, CVU, CLABE, IBAN, wallet addresses.
        public var bankAccounts: [String]

        public init(accounts: [String] = [], bankAccounts: [String] = []) {
            self.accounts = accounts
            self.bankAccounts = bankAccounts
        }
    }

    /// - Parameter isProduction: money is real there: a plan and limits are asked for until the policy says otherwise.
    public init(isProduction: Bool = false) {
        requiresPlan = isProduction
        requiresLimits = isProduction
    }

    /// True when the amount of an effect has to be known.
    public var limitsMoney: Bool { mostPerEffect != nil || mostPerRun != nil || mostPerDay != nil }

    /// True when effects are summed over more than one run: somebody has to keep the sums.
    public var limitsDays: Bool { mostPerDay != nil || mostEffectsPerDay != nil }

    /// True when effects are summed at all.
    public var limitsSums: Bool { limitsDays || mostPerRun != nil || mostEffectsPerRun != nil }

    /// The day an instant belongs to, `2026-11-30`.
    public func day(of instant: Timestamp) -> String {
        let seconds = timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.millisecondsSince1970) / 1000))
        return String(instant.adding(milliseconds: Int64(seconds) * 1000).description.prefix(10))
    }
}

/// The most money, a currency each. A currency that is not named may not be moved at all.
public struct MoneyLimits: Sendable, Equatable {
    private var most: [Currency: Money] = [:]

    /// - Parameter amounts: one a currency.
    public init(_ amounts: [Money]) { for amount in amounts { most[amount.currency] = amount } }

    public subscript(currency: Currency) -> Money? { most[currency] }

    /// Sorted by code.
    public var amounts: [Money] { most.values.sorted { $0.currency.code < $1.currency.code } }
}
