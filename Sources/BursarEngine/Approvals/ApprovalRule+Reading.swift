import ConomyAPI
import Yams

extension ApprovalRule {
    /// Reads the key `approvals` of an environment:
    ///
    ///     approvals:
    ///       required: 2
    ///       above: { ARS: "1000000.00" }
    ///       keys:
    ///         - { name: ana, key: "ed25519:...", expires: 2027-01-01 }
    init(_ node: Node, _ reader: ConfigurationReader) throws(ConfigurationError) {
        var approvers: [Approver] = []
        var required = 1
        var above: [Currency: Money]?
        var makerCounts = false
        for (key, value) in try reader.members(of: node, known: ["keys", "required", "above", "maker_counts"]) {
            switch key {
            case "keys":
                guard let items = value.sequence else { throw reader.error(value, "keys is a list of who may approve") }
                for item in items { approvers.append(try Approver(item, reader)) }
            case "required": required = try reader.number(value, "required")
            case "above":
                var bounds: [Currency: Money] = [:]
                for (code, amount) in try reader.members(of: value, known: nil) {
                    let currency = Currency(code)
                    // A number of YAML is one that somebody may have rounded.
                    guard let scalar = amount.scalar, scalar.style != .plain else {
                        throw reader.error(amount, "the amount of \(code) is a text, such as \"1000000.00\"")
                    }
                    do throws(MoneyError) { bounds[currency] = try Money(scalar.string, currency) } catch {
                        throw reader.error(amount, "\(code): \(error)")
                    }
                }
                above = bounds
            default:
                guard let flag = value.bool else { throw reader.error(value, "maker_counts must be true or false") }
                makerCounts = flag
            }
        }
        for (index, approver) in approvers.enumerated()
        where approvers[..<index].contains(where: { $0.key == approver.key }) {
            throw reader.error(node, "the key of \(approver.name) stands twice")
        }
        let people = Set(approvers.map(\.name)).count
        guard people >= required else {
            throw reader.error(node, "approvals needs \(required), and keys names \(people) who may approve")
        }
        self.init(approvers: approvers, required: required, above: above, makerCounts: makerCounts)
    }
}

extension ApprovalRule.Approver {
    fileprivate init(_ node: Node, _ reader: ConfigurationReader) throws(ConfigurationError) {
        var name: String?
        var key: PublicKey?
        var expires: Timestamp?
        for (member, value) in try reader.members(of: node, known: ["name", "key", "expires"]) {
            let text = try reader.text(value, member)
            switch member {
            case "name": name = text
            case "key":
                key = PublicKey(text)
                if key == nil { throw reader.error(value, "\(text) is no public key; bursar keys export NAME prints one") }
            default:
                expires = Timestamp(text) ?? Timestamp(text + "T00:00:00Z")
                if expires == nil { throw reader.error(value, "expires is a day or an instant in UTC, such as 2027-01-01") }
            }
        }
        guard let name, let key else { throw reader.error(node, "who may approve has a name and a key") }
        self.init(name: name, key: key, expires: expires)
    }
}
