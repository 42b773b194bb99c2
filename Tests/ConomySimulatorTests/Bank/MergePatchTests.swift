import ExactJSON
import Testing

@testable import ConomySimulator

@Suite struct MergePatchTests {
    @Test(
        "objects are merged at every depth, null removes, everything else replaces",
        arguments: [
            (#"{"a": 1, "b": 2}"#, #"{"b": 3, "c": 4}"#, #"{"a": 1, "b": 3, "c": 4}"#),
            (#"{"a": 1, "b": 2}"#, #"{"b": null}"#, #"{"a": 1}"#),
            (#"{"a": {"x": 1, "y": 2}}"#, #"{"a": {"x": null, "z": 3}}"#, #"{"a": {"y": 2, "z": 3}}"#),
            (#"{"a": [1, 2]}"#, #"{"a": [3]}"#, #"{"a": [3]}"#),
            (#"{"a": 1}"#, #"{"a": {"b": null}}"#, #"{"a": {}}"#),
            (#"[1]"#, #"{"a": 1}"#, #"{"a": 1}"#),
        ])
    func merging(old: String, patch: String, expected: String) throws {
        #expect(try merged(JSON(parsing: old.utf8), JSON(parsing: patch.utf8)) == JSON(parsing: expected.utf8))
    }
}
