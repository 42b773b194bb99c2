import ConomyAPI
import ExactJSON

/// One member of a world's `settings`: its name, how it is read into the options, and how it is written back.
struct Setting: Sendable {
    let name: String
    private let read: @Sendable (Spot, inout SimulatorOptions) throws(WorldError) -> Void
    private let write: @Sendable (SimulatorOptions) -> JSON

    /// All of them, in the order a snapshot writes them.
    static let all: [Setting] = [
        .seconds("settlementDelaySeconds", \.settlementDelay),
        .seconds("refundSettlementDelaySeconds", \.refundSettlementDelay),
        .seconds("unassignedLifeSeconds", \.unassignedLife),
        .seconds("unassignedUrgencySeconds", \.unassignedUrgency),
        .secondsOrNever("quoteLifeSeconds", \.quoteLife),
        .seconds("tokenLifeSeconds", \.tokenLife),
        .flag("rejectsRepeatedExternalIds", \.rejectsRepeatedExternalIDs),
        .flag("settlementFailsMissing", \.settlementFailsMissing),
        .flag("brandPersistence", \.brandPersistence),
        .table("exchangeRates", \.exchangeRates) { spot, product throws(WorldError) in
            let pair = product.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard pair.count == 2, pair[0] != pair[1] else { throw spot.wrong("is no pair of currencies such as USD:CLP") }
            for code in pair { _ = try spot.currency(code) }
            let text = try spot.text()
            guard ExchangeRate(text) != nil else {
                throw spot.wrong("is \"\(text)\", which is no rate; write a decimal number of up to 12 digits such as 945.10")
            }
            return text
        },
        .amounts("reviewThresholds", \.reviewThresholds),
        Setting(name: "reviewRules") { spot, options throws(WorldError) in
            options.reviewRules = try spot.items().map { item throws(WorldError) in try RuleFilter(item) }
        } write: {
            .array($0.reviewRules.map(\.json))
        },
        .table("minimums", \.minimums) { spot, key throws(WorldError) in
            let pair = key.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard pair.count == 2, let rail = Rail.named(pair[0]), !rail.isAccount else {
                throw spot.wrong("is no rail and currency such as CVU:ARS", near: pair.first, among: Rail.all.map(\.type))
            }
            let currency = try spot.currency(pair[1])
            guard rail.carries(currency.code) else {
                throw spot.wrong(
                    "names a currency that \(rail.type) does not carry; it carries \(rail.currencies.joined(separator: ", "))")
            }
            return try spot.amount(currency).text
        },
        Setting(name: "tierLimits") { spot, options throws(WorldError) in
            options.tierLimits = try spot.members { level, spot throws(WorldError) in
                let levels = (Schema.named("OperationLevel")?.enumeration ?? []).compactMap(\.string)
                guard levels.contains(level) else {
                    throw spot.wrong("is no level; known: \(levels.joined(separator: ", "))", near: level, among: levels)
                }
                return try spot.members { code, spot throws(WorldError) in try tierLimit(spot, spot.currency(code)) }
            }
        } write: { options in
            .table(options.tierLimits) { level in .table(level, tierLimit) }
        },
        .amounts("assignTolerances", \.assignTolerances),
    ]

    private init(
        name: String, read: @escaping @Sendable (Spot, inout SimulatorOptions) throws(WorldError) -> Void,
        write: @escaping @Sendable (SimulatorOptions) -> JSON
    ) {
        self.name = name
        self.read = read
        self.write = write
    }

    // MARK: Kinds of settings

    private static func seconds(
        _ name: String, _ member: any WritableKeyPath<SimulatorOptions, Duration> & Sendable
    ) -> Setting {
        Setting(name: name) { spot, options throws(WorldError) in
            options[keyPath: member] = try spot.duration()
        } write: {
            .duration($0[keyPath: member])
        }
    }

    private static func secondsOrNever(
        _ name: String, _ member: any WritableKeyPath<SimulatorOptions, Duration?> & Sendable
    ) -> Setting {
        Setting(name: name) { spot, options throws(WorldError) in
            options[keyPath: member] = spot.value.isNull ? nil : try spot.duration()
        } write: {
            $0[keyPath: member].map(JSON.duration) ?? .null
        }
    }

    private static func flag(_ name: String, _ member: any WritableKeyPath<SimulatorOptions, Bool> & Sendable) -> Setting {
        Setting(name: name) { spot, options throws(WorldError) in
            guard let value = spot.value.bool else { throw spot.wrong("is \(spot.value.kind) where true or false belongs") }
            options[keyPath: member] = value
        } write: {
            .bool($0[keyPath: member])
        }
    }

    private static func amounts(
        _ name: String, _ member: any WritableKeyPath<SimulatorOptions, [String: String]> & Sendable
    ) -> Setting {
        table(name, member) { spot, code throws(WorldError) in try spot.amount(spot.currency(code)).text }
    }

    private static func table(
        _ name: String, _ member: any WritableKeyPath<SimulatorOptions, [String: String]> & Sendable,
        _ check: @escaping @Sendable (Spot, String) throws(WorldError) -> String
    ) -> Setting {
        Setting(name: name) { spot, options throws(WorldError) in
            options[keyPath: member] = try spot.members { key, spot throws(WorldError) in try check(spot, key) }
        } write: {
            .table($0[keyPath: member]) { .string($0) }
        }
    }

    // MARK: Limits

    private static func tierLimit(_ spot: Spot, _ currency: Currency) throws(WorldError) -> SimulatorOptions.TierLimit {
        var limit = SimulatorOptions.TierLimit()
        _ = try spot.members { name, spot throws(WorldError) in
            switch name {
            case "single": limit.single = try spot.amount(currency).text
            case "windows":
                limit.windows = try spot.items().map { item throws(WorldError) in
                    guard let hours = item.value["hours"]?.integer, (1...87_600).contains(hours) else {
                        throw item.at("hours").wrong("is not a whole number of hours from 1 to 87600")
                    }
                    return .init(hours: hours, amount: try item.at("amount").amount(currency).text)
                }
            default: throw spot.wrong("is not a part of a limit", near: name, among: ["single", "windows"])
            }
        }
        return limit
    }

    private static func tierLimit(_ limit: SimulatorOptions.TierLimit) -> JSON {
        var object = JSONObject()
        object["single"] = limit.single.map(JSON.string)
        object["windows"] = .array(limit.windows.map { ["hours": .integer($0.hours), "amount": .string($0.amount)] })
        return .object(object)
    }
}

extension SimulatorOptions {
    /// Everything that describes how the bank behaves, as a world's `settings`.
    var settings: JSONObject { JSONObject(Setting.all.map { ($0.name, $0.json(self)) }) }

    /// Takes what `settings` says; what it leaves out stays.
    /// - Throws: an error that names the member that does not fit.
    mutating func take(_ settings: JSON) throws(WorldError) {
        let top = Spot(value: settings, path: "settings")
        guard let object = settings.object else { throw top.wrong("is \(settings.kind) where an object belongs") }
        for (name, _) in object.members {
            let spot = top.at(name)
            guard let setting = Setting.all.first(where: { $0.name == name }) else {
                let names = Setting.all.map(\.name)
                throw spot.wrong("is not a setting; known: \(names.joined(separator: ", "))", near: name, among: names)
            }
            try setting.take(spot, &self)
        }
    }

    func amount(_ table: [String: String], _ currency: Currency) -> Money? { amount(table, currency.code, currency) }

    func amount(_ table: [String: String], _ key: String, _ currency: Currency) -> Money? {
        table[key].flatMap { try? Money($0, currency) }
    }
}

extension Setting {
    fileprivate func json(_ options: SimulatorOptions) -> JSON { write(options) }
    fileprivate func take(_ spot: Spot, _ options: inout SimulatorOptions) throws(WorldError) { try read(spot, &options) }
}

extension JSON {
    fileprivate static func duration(_ duration: Duration) -> JSON {
        let (seconds, rest) = duration.milliseconds.quotientAndRemainder(dividingBy: 1000)
        guard rest > 0 else { return .integer(Int(seconds)) }
        return .decimal("\(seconds).\(String(1000 + rest).dropFirst())")
    }

    fileprivate static func table<Value>(_ table: [String: Value], _ json: (Value) -> JSON) -> JSON {
        .object(JSONObject(table.sorted { $0.key < $1.key }.map { ($0.key, json($0.value)) }))
    }
}

/// A value in the settings and where it stands.
struct Spot: Sendable {
    let value: JSON
    let path: String

    func at(_ member: String) -> Spot { Spot(value: value[member] ?? .null, path: "\(path).\(member)") }

    func wrong(_ problem: String, near word: String? = nil, among names: [String] = []) -> WorldError {
        let hint = word.flatMap { closest(to: $0, among: names) }.map { "; did you mean \($0)?" } ?? ""
        return WorldError(path: path, problem: problem + hint)
    }

    func text() throws(WorldError) -> String {
        guard let text = value.string else { throw wrong(value.isNull ? "is missing" : "is \(value.kind) where a text belongs") }
        return text
    }

    func currency(_ code: String) throws(WorldError) -> Currency {
        guard Currency.exponents[code] != nil else {
            throw wrong("names the currency \(code), which is not known", near: code, among: Currency.exponents.keys.sorted())
        }
        return Currency(code)
    }

    func amount(_ currency: Currency) throws(WorldError) -> Money {
        let text = try text()
        do {
            let money = try Money(text, currency)
            guard money <= .most(currency) else { throw wrong("is \(money), and the most is \(Money.most(currency))") }
            return money
        } catch let error as WorldError { throw error } catch { throw wrong("is no amount of \(currency): \(error)") }
    }

    /// Seconds, down to the millisecond.
    func duration() throws(WorldError) -> Duration {
        var milliseconds = value.integer.map { $0.multipliedReportingOverflow(by: 1000) }.flatMap {
            $0.overflow ? nil : $0.partialValue
        }
        if case .decimal(let text) = value, let decimal = ExactDecimal(text), decimal.decimals <= 3 {
            milliseconds = Int(clamping: decimal.digits * ExactDecimal.power(3 - decimal.decimals))
        }
        guard let milliseconds, (0...Spot.mostSeconds * 1000).contains(milliseconds) else {
            throw wrong("is not a number of seconds from 0 to \(Spot.mostSeconds)")
        }
        return .milliseconds(milliseconds)
    }

    /// A hundred years.
    private static let mostSeconds = 3_153_600_000

    func items() throws(WorldError) -> [Spot] {
        guard let items = value.array else { throw wrong("is \(value.kind) where a list belongs") }
        return items.enumerated().map { Spot(value: $1, path: "\(path)[\($0 + 1)]") }
    }

    func members<Value>(_ read: (String, Spot) throws(WorldError) -> Value) throws(WorldError) -> [String: Value] {
        guard let object = value.object else { throw wrong("is \(value.kind) where an object belongs") }
        var result: [String: Value] = [:]
        for (name, _) in object.members { result[name] = try read(name, at(name)) }
        return result
    }
}
