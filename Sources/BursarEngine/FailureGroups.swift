import ConomyAPI

/// Failures sorted by cause: a thousand rows that failed for three reasons are three lines.
public struct FailureGroups: Sendable {
    public struct Group: Sendable {
        /// `declined`, `refused`, `invalid`, ...
        public let kind: String
        /// The text with what differs from row to row taken out.
        public let cause: String
        public fileprivate(set) var count = 0
        /// The first failure of the group, whole.
        public let example: String
        /// Where the first ones happened: a file's line, a row's key.
        public fileprivate(set) var places: [String]

        fileprivate mutating func add(_ place: String) {
            count += 1
            if places.count < FailureGroups.mostPlaces, places.last != place { places.append(place) }
        }
    }

    /// More causes than this are no longer told apart.
    private static let most = 100
    private static let mostPlaces = 20
    public private(set) var groups: [Group] = []

    public init() {}

    public var isEmpty: Bool { groups.isEmpty }

    mutating func add(kind: String, message: String, place: String) {
        let cause = FailureGroups.cause(of: message)
        if let index = groups.firstIndex(where: { $0.kind == kind && $0.cause == cause }) {
            groups[index].add(place)
        } else if groups.count < FailureGroups.most {
            groups.append(Group(kind: kind, cause: cause, count: 1, example: message, places: [place]))
        } else {
            groups[groups.count - 1].add(place)
        }
    }

    /// Quoted texts, numbers, ids and currencies differ from row to row; the API's status and code do not.
    static func cause(of message: String) -> String {
        var result: [Substring] = []
        var quoted = false
        for word in message.split(separator: " ", omittingEmptySubsequences: false) {
            let opens = word.first == "\"" || word.hasPrefix("(\"")
            if quoted || opens {
                if opens && !quoted { result.append("\"…\"") }
                quoted = !(word.dropFirst(opens ? 1 : 0).contains("\""))
                continue
            }
            // "answered 422" and "(code 21)" are the cause itself.
            let previous = result.last
            let isCode = previous == "answered" || previous == "(code"
            let bare = word.filter { $0.isLetter || $0.isNumber }
            let isNumber = !bare.isEmpty && bare.allSatisfy(\.isNumber)
            let digits = word.count { $0.isNumber }
            // The trace id differs each time and says nothing about the cause.
            if word == "[trace" { break }
            let isVariable =
                !isCode && (isNumber || digits > 3 || (digits > 0 && word.count > 6)) || Currency.exponents[bare] != nil
            // Two in a row, as an amount with its currency, are one.
            if isVariable, previous == "…" { continue }
            result.append(isVariable ? "…" : word)
        }
        return result.joined(separator: " ")
    }
}
