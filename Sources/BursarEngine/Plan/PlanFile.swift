import BursarJournal
public import ConomyAPI
public import ExactJSON
import Foundation

/// A plan as a file: sealed, with the approvals it has gathered.
public struct PlanFile: Sendable, Equatable {
    public let plan: Plan
    /// SHA-256 of the plan's canonical text: one word for all of it.
    public let seal: String
    public internal(set) var approvals: [Approval]

    public init(_ plan: Plan) {
        self.plan = plan
        seal = PlanFile.seal(plan)
        approvals = []
    }

    private static func seal(_ plan: Plan) -> String { "sha256:" + JobKeeper.digest(JSON.object(plan.json).bytes(.canonical)) }

    /// The whole file as a value.
    public var json: JSON {
        var document = JSONObject()
        for (index, (name, value)) in plan.json.members.enumerated() {
            document[name] = value
            if index == 0 { document["seal"] = .string(seal) }
        }
        document["approvals"] = .array(approvals.map(\.json))
        return .object(document)
    }

    var text: String { json.text(.pretty) + "\n" }

    /// Tells whether a file looks like one, without reading all of it.
    public static func isPlan(_ path: String) -> Bool {
        guard let file = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? file.close() }
        let head = (try? file.read(upToCount: 64)).flatMap { $0 } ?? Data()
        return String(decoding: head, as: UTF8.self).contains("\"bursar_plan\"")
    }

    /// Reads a plan. Each byte of it counts: a file that Bursar did not write like this is refused.
    /// - Throws: `RunFailure` when there is no such plan, or it is not as it was written.
    public init(path: String) throws(RunFailure) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw RunFailure(.invalid, "there is no plan \(path), or it cannot be read")
        }
        try self.init(bytes: Array(data), path: path)
    }

    init(bytes: [UInt8], path: String) throws(RunFailure) {
        let json: JSON
        do { json = try JSON(parsing: bytes) } catch { throw RunFailure(.invalid, "\(path) is no plan: \(error)") }
        guard let format = json["bursar_plan"]?.integer else {
            throw RunFailure(.invalid, "\(path) is no plan", hint: "bursar plan SCRIPT -o FILE makes one")
        }
        guard format == Plan.format else {
            throw RunFailure(
                .invalid,
                "\(path) is a plan of format \(format), and this is Bursar \(bursarVersion), which knows \(Plan.format)",
                hint: "use the version of Bursar that made it, or make a new plan")
        }
        func changed(_ what: String) -> RunFailure {
            RunFailure(
                .stale, code: "seal_broken", "\(path) was changed after it was sealed: \(what)",
                hint: "take the file as bursar plan and bursar approve wrote it, or make a new plan. Nothing was sent")
        }
        guard let plan = Plan(json) else { throw changed("a part of it is missing") }
        self.plan = plan
        seal = PlanFile.seal(plan)
        approvals = (json["approvals"]?.array ?? []).compactMap(Approval.init)
        guard json["seal"]?.string == seal else {
            throw changed("its seal, \(json["seal"]?.string ?? "which is missing"), is not that of what it says")
        }
        guard Array(text.utf8) == bytes else { throw changed("it is not written as Bursar writes it") }
        for approval in approvals where !approval.isGenuine(of: seal) {
            throw changed("the approval of \(approval.name) is not what was signed")
        }
    }

    /// Adds an approval to those there are.
    /// - Throws: `RunFailure` when the key cannot sign.
    public mutating func approve(with key: SigningKey, by: String, at: Timestamp) throws(RunFailure) {
        approvals.append(try Approval(of: seal, with: key, by: by, at: at))
    }

    /// Writes a new file, whole or not at all.
    /// - Throws: `RunFailure` when there is a file of this name already, or it cannot be written.
    public func create(_ path: String) throws(RunFailure) {
        let temporary = try writeBeside(path)
        // A link, unlike a rename, never takes the place of another file.
        guard link(temporary, path) == 0 else {
            let problem = errno
            unlink(temporary)
            throw problem == EEXIST
                ? RunFailure(
                    .invalid, "\(path) is there already",
                    hint: "a plan takes no other file's place: name another, or move it away")
                : RunFailure(.temporary, "\(path) cannot be written: \(String(cString: strerror(problem)))")
        }
        unlink(temporary)
    }

    /// Runs `body` while nobody else who asks this way changes the plan.
    /// - Throws: `RunFailure` when its folder cannot be locked, and what `body` throws.
    public static func whileHeld<Value>(_ path: String, _ body: () throws(RunFailure) -> Value) throws(RunFailure) -> Value {
        // The file itself is replaced by each approval.
        let folder = folder(ofFile: path)
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0, flock(descriptor, LOCK_EX) == 0 else {
            throw RunFailure(.invalid, "the folder of \(path) cannot be locked: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        return try body()
    }

    /// Writes the file with its approvals in the place of what it was, whole or not at all.
    /// - Throws: `RunFailure` when it cannot be written.
    public func replace(_ path: String) throws(RunFailure) {
        let temporary = try writeBeside(path)
        // Who may read it is its owner's to say.
        var status = stat()
        if stat(path, &status) == 0 { chmod(temporary, status.st_mode & 0o777) }
        guard rename(temporary, path) == 0 else {
            let problem = String(cString: strerror(errno))
            unlink(temporary)
            throw RunFailure(.temporary, "\(path) cannot be written: \(problem)")
        }
    }

    private func writeBeside(_ path: String) throws(RunFailure) -> String {
        let temporary = "\(path).\(UUID().uuidString).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw RunFailure(.invalid, "\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
        do {
            try file.write(contentsOf: Data(text.utf8))
            try file.synchronize()
            try file.close()
        } catch {
            unlink(temporary)
            throw RunFailure(.temporary, "\(path) cannot be written: \(error.systemReason)")
        }
        return temporary
    }

    /// Finds out before a rehearsal whether its plan can be written after it.
    /// - Throws: `RunFailure`.
    public static func checkPlace(_ path: String) throws(RunFailure) {
        guard !path.isEmpty else { throw RunFailure(.usage, "the name of the plan's file is empty") }
        guard !FileManager.default.fileExists(atPath: path) else {
            throw RunFailure(
                .invalid, "\(path) is there already", hint: "a plan takes no other file's place: name another, or move it away")
        }
        guard FileManager.default.isWritableFile(atPath: folder(ofFile: path)) else {
            throw RunFailure(.invalid, "\(path) cannot be written: its folder is not there, or not yours to write")
        }
    }
}
