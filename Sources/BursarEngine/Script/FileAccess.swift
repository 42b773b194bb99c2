import Foundation

/// Which files a script may have read for it: those beneath its own folder and beneath `--allow-read` folders, and the ones the
/// operator named on the command line. Links that lead out are followed before the decision.
struct FileAccess: Sendable {
    let scriptFolder: String
    private let folders: [String]
    private var named: Set<String> = []

    init(scriptFolder: String, allowed: [String]) {
        self.scriptFolder = FileAccess.real(scriptFolder) ?? scriptFolder
        folders = [self.scriptFolder] + allowed.compactMap(FileAccess.real)
    }

    /// The operator gave this file as an argument.
    mutating func allow(_ path: String) {
        if let real = FileAccess.real(path) { named.insert(real) }
    }

    /// The real path to open.
    /// - Throws: `ScriptError` when there is no such file or it may not be read.
    func resolve(_ path: String) throws(ScriptError) -> String {
        guard !path.utf8.contains(0) else {
            throw ScriptError("invalid", code: "no_such_file", "a file's path has no NUL byte in it")
        }
        let full = path.hasPrefix("/") ? path : scriptFolder + "/" + path
        guard let real = FileAccess.real(full) else {
            throw ScriptError(
                "invalid", code: "no_such_file", "there is no file \(full)",
                hint: path.hasPrefix("/") ? nil : "paths in a script start at its own folder")
        }
        guard named.contains(real) || folders.contains(where: { real == $0 || real.hasPrefix($0.hasSuffix("/") ? $0 : $0 + "/") })
        else {
            throw ScriptError(
                "refused", code: "file_not_allowed", "\(path) is outside the script's folder",
                hint: "name it as an argument of type file, or allow its folder with --allow-read")
        }
        return real
    }

    /// The source of a module, `lib.helpers` for `lib/helpers.lua` beneath the script's folder.
    func module(_ name: String) throws(ScriptError) -> (source: String, name: String) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        let isPlain = parts.allSatisfy {
            !$0.isEmpty && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
        }
        guard isPlain else {
            throw ScriptError(
                "invalid", code: "bad_module", "require: \"\(name)\" is not a module's name",
                hint: "write lib.helpers for lib/helpers.lua beside the script")
        }
        let relative = parts.joined(separator: "/") + ".lua"
        guard let real = FileAccess.real(scriptFolder + "/" + relative), real.hasPrefix(scriptFolder + "/") else {
            throw ScriptError(
                "invalid", code: "no_such_module", "require: there is no \(relative) beneath the script's folder",
                hint: "modules live beside the script; Lua's own are not available")
        }
        // A named pipe would never end.
        let attributes = try? FileManager.default.attributesOfItem(atPath: real)
        guard attributes?[.type] as? FileAttributeType == .typeRegular,
            (attributes?[.size] as? Int).map({ $0 <= 1 << 20 }) == true,
            let data = FileManager.default.contents(atPath: real), data.count <= 1 << 20,
            let source = String(data: data, encoding: .utf8)
        else {
            throw ScriptError("invalid", code: "bad_module", "require: \(relative) cannot be read as text of at most 1 MB")
        }
        return (source, relative)
    }

    private static func real(_ path: String) -> String? {
        guard let pointer = realpath(path, nil) else { return nil }
        defer { free(pointer) }
        return String(cString: pointer)
    }
}
