import Foundation

/// The folder that a path says a file is in, as the path has it; `.` where it names none.
///
/// Foundation's own function ends the program at some paths, `.` among them.
public func folder(ofFile path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// Where a path's file is, or will be made: behind the links that the path may be, also where they lead to nothing yet.
public func destination(ofFile path: String) -> String {
    var path = path
    // As many as Linux follows.
    for _ in 0..<40 {
        guard let next = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else { break }
        path = next.hasPrefix("/") ? next : folder(ofFile: path) + "/" + next
    }
    return path
}
