public import ConomySimulator
import ExactJSON
import Foundation

/// Faults that a simulated bank is to show, from a file.
public enum FaultFile {
    /// - Throws: `RunFailure` with the file and the place in it.
    public static func read(_ path: String) throws(RunFailure) -> [Fault] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw RunFailure(.invalid, "there is no file of faults \(path), or it cannot be read")
        }
        let json: JSON
        do { json = try JSON(parsing: data) } catch { throw RunFailure(.invalid, "\(path) is not JSON: \(error)") }
        do throws(OrderError) { return try Fault.list(json) } catch { throw RunFailure(.invalid, "\(path): \(error)") }
    }
}
