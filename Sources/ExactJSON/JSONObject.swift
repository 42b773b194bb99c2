/// The members of a JSON object, in the order they were written or added.
///
/// Objects of an API are small, so a look-up walks the members; that is quicker than hashing up to a few dozen of them.
public struct JSONObject: Sendable {
    public typealias Member = (key: String, value: JSON)
    public private(set) var members: [Member]

    public init() { members = [] }

    /// Later members with the same key replace earlier ones.
    public init(_ members: some Sequence<(String, JSON)>) {
        self.members = []
        for (key, value) in members { self[key] = value }
    }

    /// For callers that know the keys differ, such as a parser: nothing is looked up.
    public init(unchecked members: [Member]) { self.members = members }

    public var count: Int { members.count }
    public var isEmpty: Bool { members.isEmpty }
    public var keys: [String] { members.map(\.key) }

    /// Setting nil removes the member; setting a new key appends it.
    public subscript(key: String) -> JSON? {
        get {
            for member in members where member.key == key { return member.value }
            return nil
        }
        set {
            let index = members.firstIndex { $0.key == key }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append((key, value))
            case (nil, nil): break
            }
        }
    }
}

/// Order does not matter for equality: two objects are equal when they hold the same members.
extension JSONObject: Hashable {
    public static func == (a: JSONObject, b: JSONObject) -> Bool {
        a.count == b.count && a.members.allSatisfy { b[$0.key] == $0.value }
    }

    public func hash(into hasher: inout Hasher) {
        for member in members.sorted(by: { $0.key < $1.key }) {
            hasher.combine(member.key)
            hasher.combine(member.value)
        }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}
