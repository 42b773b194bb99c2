import ConomyAPI
import ExactJSON
import Fuzzing

extension CallGenerator {
    /// The call with one thing wrong, or odd: its object, its amount, its currency, another's account, a member that is missing,
    /// unknown or of another kind, a query that means nothing.
    mutating func spoiled(_ call: Call) -> Call {
        var path = call.pathParameters
        var query = call.query
        var body = call.body
        switch random.number(1...9) {
        case 1, 2:
            guard let name = path.keys.min() else { fallthrough }
            path[name] = one(of: CallGenerator.oddTexts + [payment("SETTLED"), account().id, one(of: known.identities)])
        case 3:
            body = body.map {
                changed($0, where: { $0.hasSuffix("mount") }) { _, chance in chance.one(of: CallGenerator.oddAmounts) }
            }
        case 4:
            body = body.map {
                changed($0, where: { $0.hasSuffix("urrency") || $0 == "product" }) { _, chance in
                    chance.one(of: ["EUR", "CLP", "XXX", "eur", "EUR:EUR", ""])
                }
            }
        case 5:
            let number = JSON.string(account().number)
            body = body.map { changed($0, where: { $0 == "accountNumber" }) { _, _ in number } }
        case 6: body = body.map { changed($0) { _, _ in nil } }
        case 7:
            body = body.map {
                changed($0) { _, chance in
                    chance.one(of: [
                        .null, 7, .integer(.max), 9_223_372_036_854_775, true, [], [:], "", "Ω≈ç√\u{0}", .decimal("1.5"),
                        [[["deep"]]],
                    ])
                }
            }
        case 8:
            if var object = body?.object {
                object[one(of: ["amountt", "Type", "", "origins "])] = "x"
                body = .object(object)
            }
        default:
            let names = call.operation.queryParameters.map(\.name) + ["colour", "limit"]
            query.append((one(of: names), one(of: CallGenerator.oddTexts + ["0", "501", "-1", "9999999999999999999999", "1e3"])))
        }
        if body == nil, call.operation.body != nil, random.once(in: 2) { body = one(of: [.null, [:], [], "", 3]) }
        return Call(call.operation, pathParameters: path, query: query, body: body)
    }

    private static let oddTexts = [
        "nobody", "..", ".", "a b+c", "ä/ö?x=1&y#z", "%2F%", "\u{1F600}", String(repeating: "9", count: 300), "0", "null", "\"",
        "\u{7F}\n",
    ]

    private static let oddAmounts: [JSON] = [
        "0", "-1", "+1", "1.0000001", "0.001", "1e3", "01", "1,5", " 1", "1.", ".5", "", "٣",
        "999999999999999999999999999999999999999",
        "170141183460469231731687303715884105727", "9223372036854775808", 5, .null, "NaN", "1_000",
    ]

    /// The value with one of its members changed, or left out; itself where it has no such member.
    private mutating func changed(
        _ json: JSON, where isWanted: (String) -> Bool = { _ in true }, _ change: (JSON, inout FuzzChance) -> JSON?
    ) -> JSON {
        let count = CallGenerator.count(json, isWanted)
        guard count > 0 else { return json }
        var place = random.number(0...count - 1)
        return CallGenerator.changed(json, isWanted, &place, &random, change)
    }

    typealias FuzzChance = FuzzRandom

    private static func count(_ json: JSON, _ isWanted: (String) -> Bool) -> Int {
        switch json {
        case .object(let object): object.members.reduce(0) { $0 + (isWanted($1.key) ? 1 : 0) + count($1.value, isWanted) }
        case .array(let items): items.reduce(0) { $0 + count($1, isWanted) }
        default: 0
        }
    }

    private static func changed(
        _ json: JSON, _ isWanted: (String) -> Bool, _ place: inout Int, _ chance: inout FuzzChance,
        _ change: (JSON, inout FuzzChance) -> JSON?
    ) -> JSON {
        switch json {
        case .object(let object):
            var result = JSONObject()
            for (key, value) in object.members {
                if isWanted(key) {
                    place -= 1
                    if place == -1 {
                        result[key] = change(value, &chance)
                        continue
                    }
                }
                result[key] = changed(value, isWanted, &place, &chance, change)
            }
            return .object(result)
        case .array(let items): return .array(items.map { changed($0, isWanted, &place, &chance, change) })
        default: return json
        }
    }
}
