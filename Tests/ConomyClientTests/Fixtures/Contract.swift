import Foundation

/// The contract as the repository holds it.
func contractText(file: String = #filePath) throws -> String {
    let root = URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    return try String(contentsOf: root.appendingPathComponent("Sources/ConomyAPI/Contract/openapi.yaml"), encoding: .utf8)
}
