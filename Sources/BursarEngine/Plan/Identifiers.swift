import ExactJSON
import Synchronization

/// Identifiers that a rehearsal made up, and what the API gave in their place.
///
/// What a script makes has another id each time. A later request that carries it is the planned one once the id is put back to what the
/// rehearsal had, and no other.
final class Identifiers: Sendable {
    private struct Pairs {
        var rehearsed: [String: String] = [:]
        var real: [String: String] = [:]
    }
    private let pairs = Mutex(Pairs())
    /// Shorter ones could be anything.
    private static let shortest = 8

    /// Strings of an answer that name what was made, by their path in it, and that the request did not bring along.
    static func made(in answer: JSON?, notIn request: JSON) -> [String: String] {
        var brought: Set<String> = []
        collect(request) { _, _, text in brought.insert(text) }
        var made: [String: String] = [:]
        if let answer {
            collect(answer) { path, name, text in
                if isIdentifier(name), text.utf8.count >= shortest, !brought.contains(text) { made[path] = text }
            }
        }
        return made
    }

    private static func isIdentifier(_ name: String) -> Bool {
        ["id", "token", "accountNumber", "reference"].contains(name) || name.hasSuffix("Id") || name.hasSuffix("Token")
    }

    /// Each text of a value, with its path and the name of the member it stands in.
    private static func collect(_ value: JSON, _ path: String = "", _ name: String = "", _ body: (String, String, String) -> Void)
    {
        switch value {
        case .string(let text): body(path, name, text)
        case .array(let items):
            for (index, item) in items.enumerated() { collect(item, "\(path)[\(index + 1)]", name, body) }
        case .object(let object):
            for (key, item) in object.members { collect(item, path.isEmpty ? key : "\(path).\(key)", key, body) }
        case .null, .bool, .integer, .decimal: break
        }
    }

    /// Learns what stands in an answer where the rehearsal's answer had something it made up.
    func learn(_ made: [String: String], from answer: JSON?) {
        guard let answer else { return }
        for (path, rehearsed) in made {
            guard let real = answer.value(at: path)?.string, real.utf8.count >= Identifiers.shortest else { continue }
            pairs.withLock {
                $0.rehearsed[real] = rehearsed
                $0.real[rehearsed] = real
            }
        }
    }

    /// The identifier that the API gave for one of the rehearsal's; itself where there is none.
    func real(_ text: String) -> String { pairs.withLock { $0.real[text] ?? text } }

    /// The same value with real identifiers put back to those of the rehearsal, also where they stand within a text.
    func rehearsed(_ value: JSON) -> JSON {
        // Under the lock: a copy that outlives it would make the next pair copy all of them.
        pairs.withLock { $0.rehearsed.isEmpty ? value : Identifiers.replace(value, $0.rehearsed) }
    }

    private static func replace(_ value: JSON, _ known: [String: String]) -> JSON {
        switch value {
        case .string(let text): .string(known[text] ?? replaceWithin(text, known))
        case .array(let items): .array(items.map { replace($0, known) })
        case .object(let object): .object(JSONObject(unchecked: object.members.map { ($0.key, replace($0.value, known)) }))
        case .null, .bool, .integer, .decimal: value
        }
    }

    /// A word is letters and digits; an identifier is some words and what joins them, such as a UUID.
    private static let mostWords = 9

    private static func replaceWithin(_ text: String, _ known: [String: String]) -> String {
        guard text.utf8.count >= shortest else { return text }
        var pieces: [Substring] = []
        for character in text.indices {
            let isWord = text[character].isLetter || text[character].isNumber
            if let last = pieces.last, let first = last.first, isWord, first.isLetter || first.isNumber {
                pieces[pieces.count - 1] = text[last.startIndex...character]
            } else {
                pieces.append(text[character...character])
            }
        }
        var result = ""
        var at = 0
        while at < pieces.count {
            var end = min(pieces.count, at + mostWords * 2 - 1)
            while end > at {
                let candidate = String(text[pieces[at].startIndex..<pieces[end - 1].endIndex])
                if let rehearsed = known[candidate] {
                    result += rehearsed
                    break
                }
                end -= 1
            }
            if end == at {
                result += pieces[at]
                at += 1
            } else {
                at = end
            }
        }
        return result
    }
}

extension JSON {
    /// What stands at a path; nil when there is nothing.
    func value(at path: String) -> JSON? {
        var value = self
        for step in FieldPath.steps(of: path) {
            switch step {
            case .member(let name):
                guard let next = value[name] else { return nil }
                value = next
            case .item(let number):
                guard let items = value.array, items.indices.contains(number - 1) else { return nil }
                value = items[number - 1]
            }
        }
        return value
    }
}
