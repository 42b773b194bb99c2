import ConomyAPI
import Yams

/// Takes the nodes of a `bursar.yaml` apart, so that every error has its line.
struct ConfigurationReader {
    let path: String

    func place(of node: Node) -> String { node.mark.map { "\(path):\($0.line)" } ?? path }

    func error(_ node: Node, _ problem: String) -> ConfigurationError {
        ConfigurationError(place: place(of: node), problem: problem)
    }

    /// - Parameter known: the keys there may be; nil where names are free.
    func members(of node: Node, known: [String]?) throws(ConfigurationError) -> [(String, Node)] {
        guard let mapping = node.mapping else { throw error(node, "a mapping of keys to values belongs here") }
        var result: [(String, Node)] = []
        for (key, value) in mapping {
            guard let name = key.string else { throw error(key, "a key must be a text") }
            if let known, !known.contains(name) {
                let suggestion =
                    closest(to: name, among: known).map { "did you mean \($0)?" }
                    ?? "the keys are \(known.joined(separator: ", "))"
                let secret = ["client_id", "client_secret", "api_key"].contains(name)
                throw error(
                    key,
                    secret
                        ? "\(name) does not belong into this file: set CONOMY_CLIENT_ID, CONOMY_CLIENT_SECRET and CONOMY_API_KEY in the "
                            + "environment, or say with credentials: where they come from"
                        : "\"\(name)\" is not a key of bursar.yaml; \(suggestion)")
            }
            guard !result.contains(where: { $0.0 == name }) else { throw error(key, "\(name) stands twice") }
            result.append((name, value))
        }
        return result
    }

    func text(_ node: Node, _ key: String) throws(ConfigurationError) -> String {
        guard let text = node.string, !text.isEmpty else { throw error(node, "\(key) must be a text") }
        return text
    }

    func texts(_ node: Node, _ key: String) throws(ConfigurationError) -> [String] {
        guard let items = node.sequence else { throw error(node, "\(key) must be a list, such as [a, b]") }
        var result: [String] = []
        for item in items { result.append(try text(item, "each of \(key)")) }
        return result
    }

    func number(_ node: Node, _ key: String) throws(ConfigurationError) -> Int {
        guard let number = node.int, number > 0 else { throw error(node, "\(key) must be a whole number above zero") }
        return number
    }

    func flag(_ node: Node, _ key: String) throws(ConfigurationError) -> Bool {
        guard let flag = node.bool else { throw error(node, "\(key) must be true or false") }
        return flag
    }

    /// One of a few words.
    func word(_ node: Node, _ key: String, of words: [String]) throws(ConfigurationError) -> String {
        guard let word = node.string, words.contains(word) else {
            throw error(node, "\(key) must be one of \(words.joined(separator: ", "))")
        }
        return word
    }
}
