import ConomyAPI
import ExactJSON
import Foundation

/// A process that holds a job, and enough about it for others to tell whether it still lives.
public struct Holder: Sendable, Equatable {
    public let host: String
    public let user: String
    public let pid: Int32
    /// Clock ticks after the boot at which the process began: another process with the same number began at another time.
    public let began: String
    /// This boot of this kernel, and the process numbers that are valid in it together.
    public let boot: String
    public let namespace: String

    /// This process.
    public static let current: Holder = {
        let pid = getpid()
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, 255)
        return Holder(
            host: String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self),
            user: ProcessInfo.processInfo.environment["USER"] ?? "uid \(getuid())", pid: pid,
            began: Holder.state(of: pid)?.began ?? "", boot: Holder.text("/proc/sys/kernel/random/boot_id"),
            namespace: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")) ?? "")
    }()

    public init(host: String, user: String, pid: Int32, began: String, boot: String, namespace: String) {
        self.host = host
        self.user = user
        self.pid = pid
        self.began = began
        self.boot = boot
        self.namespace = namespace
    }

    /// `process 4711 of ana on till-3`
    public var description: String { "process \(pid) of \(user) on \(host)" }

    /// False when the process is known to have ended; nil when that cannot be seen from here.
    func isAlive(seenFrom observer: Holder = .current) -> Bool? {
        guard pid > 0, !boot.isEmpty, boot == observer.boot, !namespace.isEmpty, namespace == observer.namespace, !began.isEmpty
        else {
            return nil
        }
        guard let state = Holder.state(of: pid) else {
            // It may be hidden from this user, or this process may have no descriptor left to look with.
            return kill(pid, 0) != 0 && errno == ESRCH ? false : nil
        }
        return state.began == began && !state.isZombie
    }

    /// Asks the process to end well, where it is one of this host and still lives.
    /// - Returns: false where it cannot be asked from here.
    @discardableResult
    public func terminate() -> Bool { isAlive() == true && kill(pid, SIGTERM) == 0 }

    private static func state(of pid: Int32) -> (began: String, isZombie: Bool)? {
        // The name of the program stands in brackets and may hold anything, brackets included.
        let text = Holder.text("/proc/\(pid)/stat")
        guard let bracket = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: bracket)...].split(separator: " ")
        guard fields.count > 19 else { return nil }
        return (String(fields[19]), fields[0] == "Z" || fields[0] == "X")
    }

    private static func text(_ path: String) -> String {
        guard let data = FileManager.default.contents(atPath: path) else { return "" }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    var json: JSON {
        [
            "host": .string(host), "user": .string(user), "pid": .integer(Int(pid)), "began": .string(began),
            "boot": .string(boot), "namespace": .string(namespace),
        ]
    }

    init?(json text: String) {
        guard let json = try? JSON(parsing: text), let host = json["host"]?.string, let pid = json["pid"]?.integer else {
            return nil
        }
        self.init(
            host: host, user: json["user"]?.string ?? "", pid: Int32(truncatingIfNeeded: pid), began: json["began"]?.string ?? "",
            boot: json["boot"]?.string ?? "", namespace: json["namespace"]?.string ?? "")
    }
}
