import ConomyAPI
import Foundation
import GRDB
import Synchronization
import Testing

@testable import BursarJournal

/// Clocks that stand still until they are moved.
final class TestClock: Sendable {
    private let state = Mutex(Duration.seconds(1000))
    private let start: Int64 = 1_800_000_000_000

    func move(_ duration: Duration) { state.withLock { $0 += duration } }

    var clock: JournalClock {
        JournalClock(
            now: { [self] in
                Timestamp(millisecondsSince1970: start + Int64(state.withLock { $0 } / .milliseconds(1)))
            }, uptime: { [self] in state.withLock { $0 } })
    }
}

/// A folder of a test, gone with it.
final class TestFolder: Sendable {
    let path: String

    init() throws {
        // In memory where there is such a place: thousands of journals are opened, and each waits for its disk many times.
        let memory = "/dev/shm"
        let isWritable = FileManager.default.isWritableFile(atPath: memory)
        let place = isWritable ? URL(fileURLWithPath: memory) : FileManager.default.temporaryDirectory
        path = place.appendingPathComponent("bursar-journal-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// One whose second anchor is kept within the test's folder, too.
    var journal: JournalFolder { JournalFolder(path: path + "/state", environment: ["XDG_STATE_HOME": path + "/xdg"]) }

    func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path + "/state/" + name)) }

    func write(_ data: Data, to name: String) throws {
        // Into the same file, as damage does.
        let path = path + "/state/" + name
        try data.write(to: URL(fileURLWithPath: path))
    }

    func remove(_ name: String) { try? FileManager.default.removeItem(atPath: path + "/state/" + name) }

    /// All files by name, relative to the test's folder.
    func everything() throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: path + "/" + name, isDirectory: &isFolder)
            if !isFolder.boolValue { files[name] = try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)) }
        }
        return files
    }

    func put(back files: [String: Data], below prefix: String = "") throws {
        let folder = path + (prefix.isEmpty ? "" : "/" + prefix)
        try? FileManager.default.removeItem(atPath: folder)
        for (name, data) in files where name.hasPrefix(prefix) {
            let url = URL(fileURLWithPath: path + "/" + name)
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try data.write(to: url)
        }
    }
}

struct NotHeld: Error {}

extension Holder {
    /// A process of this boot that has ended: whatever it held is taken at once, as after a kill.
    static let gone = Holder(
        host: "here", user: "me", pid: Int32.max - 1, began: "1", boot: Holder.current.boot, namespace: Holder.current.namespace)
}

func beginning(_ name: String = "refunds", holder: Holder = .gone) -> Beginning {
    let identity = JobIdentity(name: name, environment: "test", target: "t", arguments: "{}")
    var beginning = Beginning(identity: identity, script: "\(name).lua", version: "1", command: "bursar run", seed: 7)
    beginning.holder = holder
    return beginning
}

func intent(_ key: String, object: String? = nil, mustNotRepeat: Bool = false) -> Intent {
    Intent(
        key: key, row: nil, operation: "payments.refund", object: object ?? "object of \(key)", stamp: nil, amount: nil,
        request: "{}", location: nil, mustNotRepeat: mustNotRepeat)
}

extension Journal {
    /// Takes hold, without waiting for anybody.
    func hold(_ beginning: Beginning = beginning(), pause: @Sendable (Duration) async -> Void = { _ in }) async throws
        -> JobJournal
    {
        guard case .held(let job) = try await begin(beginning, pause: pause) else { throw NotHeld() }
        return job
    }
}

extension JobJournal {
    @discardableResult
    func record(_ key: String, _ outcome: EffectOutcome? = .settled) async throws -> Int64 {
        guard case .recorded(let id) = try await intend(intent(key)) else { throw NotHeld() }
        if let outcome { note(Attempt(.send, outcome, status: 201, result: "made by \(key)", answer: "{}"), of: id) }
        return id
    }

    func stop() async throws { try await end(state: "stopped", exitCode: 130, report: "{}", finishesJob: false) }

    func finish() async throws { try await end(state: "done", exitCode: 0, report: "{}", finishesJob: true) }
}

/// The kind of the `JournalError` that a piece of code throws; nil when it throws none.
func kind(_ body: () async throws -> Void) async throws -> JournalError.Kind? {
    do {
        try await body()
        return nil
    } catch let error as JournalError { return error.kind }
}
