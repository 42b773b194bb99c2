public import ConomySimulator
import Foundation

/// The opening state of a simulated bank, from a file.
public enum WorldFile {
    /// - Throws: `RunFailure` with the file and the place in it.
    public static func read(_ path: String) throws(RunFailure) -> World {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw RunFailure(.invalid, "there is no world \(path), or it cannot be read")
        }
        do throws(WorldError) { return try World(parsing: data) } catch { throw RunFailure(.invalid, "\(path): \(error)") }
    }
}
