import Foundation
import Glibc
import ScriptHost
import ScriptWire
import Testing

/// One way out, and the layer that closes it where the filter of system calls is not there.
struct WayOut: CustomTestStringConvertible, Sendable {
    let attempt: String
    let subject: Door.Subject
    /// Nil where no layer but the filter is in the way.
    let layer: String?
    let outcome: Door.Outcome

    init(_ attempt: String, _ subject: Door.Subject = .none, layer: String? = nil, outcome: Door.Outcome = .succeeded) {
        self.attempt = attempt
        self.subject = subject
        self.layer = layer
        self.outcome = outcome
    }

    var testDescription: String { "\(attempt) [\(layer ?? "filter only")]" }

    /// Those that are system calls which the script's process has no use for.
    static let closedByFilter = [
        WayOut("open-file", .file, layer: "files", outcome: .refused(EMFILE)),
        WayOut("open-file", .text("/proc/self/environ"), layer: "files", outcome: .refused(EMFILE)),
        WayOut("create-file", .newName, layer: "files", outcome: .refused(EMFILE)),
        WayOut("copy-descriptor", layer: "files", outcome: .refused(EMFILE)),
        WayOut("make-socket", layer: "files", outcome: .refused(EMFILE)),
        WayOut("make-socket-pair", layer: "files", outcome: .refused(EMFILE)),
        WayOut("make-pipe", layer: "files", outcome: .refused(EMFILE)),
        WayOut("raise-limit", layer: "files", outcome: .refused(EPERM)),
        // The program is started, and its loader cannot open a library.
        WayOut("run-program", .text("/bin/true"), layer: "files", outcome: .refused(127)),
        WayOut("read-inherited", .file, layer: "descriptors", outcome: .refused(EBADF)),
        WayOut("write-inherited", .file, layer: "descriptors", outcome: .refused(EBADF)),
        WayOut("write-inherited", .file, layer: "size", outcome: .killed(SIGXFSZ)),
        WayOut("write-error-output", layer: "descriptors", outcome: .refused(EBADF)),
        WayOut("map-inherited", .file, layer: "descriptors", outcome: .refused(EBADF)),
        WayOut("connect-socket", layer: "descriptors", outcome: .refused(EBADF)),
        WayOut("fork", layer: "processes", outcome: .refused(EAGAIN)),
        WayOut("vfork", layer: "processes", outcome: .refused(EAGAIN)),
        WayOut("make-thread", layer: "processes", outcome: .refused(EAGAIN)),
        WayOut("look-for-file", .file), WayOut("make-folder", .newName), WayOut("remove-file", .file),
        WayOut("kill-another"), WayOut("attach-to-another"), WayOut("read-another"),
        WayOut("map-program"), WayOut("turn-into-program"), WayOut("share-memory"),
    ]

    /// Those that are not a question of which system call.
    static let closedByLimits = [
        WayOut("take-a-gigabyte", layer: "memory", outcome: .refused(ENOMEM)),
        WayOut("compute-for-two-seconds", layer: "time", outcome: .killed(SIGXCPU)),
        WayOut("read-secret", .text("BURSAR_TEST_SECRET"), layer: "environment", outcome: .refused(ENOENT)),
    ]

    /// Those that only root has.
    static let ofRoot = [
        WayOut("change-root", layer: "capabilities", outcome: .refused(EPERM)),
        WayOut("change-root-in-a-program", layer: "capabilities", outcome: .refused(EPERM)),
        WayOut("run-as-owner", .programOfRoot, layer: "privileges", outcome: .refused(EPERM)),
    ]
}

/// Root can give a program its rights away, where the file system lets it.
let rootMayShareItsRights: Bool = {
    var system = statvfs()
    guard geteuid() == 0, statvfs(FileManager.default.temporaryDirectory.path, &system) == 0 else { return false }
    return system.f_flag & 2 == 0  // ST_NOSUID
}()

/// A crash of a program that nothing confines leaves a core file, and not a word to a program that collects them.
let crashesLeaveFiles: Bool = {
    let pattern = (try? String(contentsOfFile: "/proc/sys/kernel/core_pattern", encoding: .utf8)) ?? "|"
    var limit = rlimit()
    return !pattern.hasPrefix("|") && getrlimit(__rlimit_resource_t(4), &limit) == 0 && limit.rlim_max > 0  // RLIMIT_CORE
}()

@Suite struct ConfinementTests {
    @Test("a way out is open to a program that is not confined", arguments: WayOut.closedByFilter + WayOut.closedByLimits)
    func unconfined(way: WayOut) async throws {
        #expect(try await Door.try(way.attempt, way.subject, layers: "none") == .succeeded)
    }

    @Test("a layer closes a way out without any other", arguments: WayOut.closedByFilter + WayOut.closedByLimits)
    func alone(way: WayOut) async throws {
        guard let layer = way.layer else { return }
        #expect(try await Door.try(way.attempt, way.subject, layers: layer) == way.outcome)
    }

    @Test("the filter ends who tries a way out, alone and with all layers", arguments: WayOut.closedByFilter)
    func filtered(way: WayOut) async throws {
        #expect(try await Door.try(way.attempt, way.subject, layers: "filter") == .endedByFilter)
        #expect(try await Door.try(way.attempt, way.subject, layers: "all") == .endedByFilter)
    }

    @Test("a limit holds beneath the filter", arguments: WayOut.closedByLimits)
    func limited(way: WayOut) async throws {
        #expect(try await Door.try(way.attempt, way.subject, layers: "all") == way.outcome)
    }

    @Test("a worker that root started is no more than anybody", .enabled(if: rootMayShareItsRights), arguments: WayOut.ofRoot)
    func root(way: WayOut) async throws {
        #expect(try await Door.try(way.attempt, way.subject, layers: "none") == .succeeded)
        #expect(try await Door.try(way.attempt, way.subject, layers: way.layer ?? "") == way.outcome)
        #expect(try await Door.try(way.attempt, way.subject, layers: "all") == .endedByFilter)
    }

    @Test("memory and time within the limits are there", arguments: ["nothing", "take-a-megabyte"])
    func allowed(attempt: String) async throws {
        #expect(try await Door.try(attempt, layers: "all") == .succeeded)
    }

    #if arch(x86_64)
        @Test("of all system calls, these are left", arguments: ["plain", "x32", "i386"])
        func everyCall(way: String) throws {
            let left = [
                "read", "mprotect", "munmap", "brk", "rt_sigaction", "rt_sigprocmask", "mremap", "madvise", "setitimer", "exit",
                "gettimeofday", "sigaltstack", "time", "futex", "restart_syscall", "clock_gettime", "exit_group", "getrandom",
            ]
            #expect(try allCallsLeft(way) == (way == "plain" ? left : []))
        }
    #else
        @Test("of all system calls, these are left")
        func everyCall() throws {
            #expect(
                try allCallsLeft("plain").sorted() == [
                    "brk", "clock_gettime", "exit", "exit_group", "futex", "getrandom", "gettimeofday", "madvise", "mprotect",
                    "mremap", "munmap", "read", "restart_syscall", "rt_sigaction", "rt_sigprocmask", "setitimer", "sigaltstack",
                ])
        }
    #endif

    /// With zeros for arguments: `write` is not for descriptor 0, and `mmap` not for what is not private and anonymous.
    private func allCallsLeft(_ way: String) throws -> [String] {
        let door = try Door(["all", "every-call", way])
        let names = door.rest().split(separator: "\n").map(String.init)
        #expect(door.end().outcome == .succeeded)
        return names
    }

    @Test("a kernel without filters is told apart from one that refuses ours, and old ones have filters too")
    func kernels() async throws {
        #expect(try await Door.try("look-for-file", .file, layers: "filter", kernel: "missing") == .succeeded)
        #expect(try await Door.try("nothing", layers: "all", kernel: "refusing") == .refused(201))
        for kernel in ["before-3.17", "before-4.14"] {
            #expect(try await Door.try("look-for-file", .file, layers: "all", kernel: kernel) == .endedByFilter)
        }
    }

    @Test("a worker whose parent dies dies too", arguments: ["parent", "all"])
    func parentDies(layers: String) throws {
        let door = try Door([layers, "leave-an-orphan"])
        try #require(door.isReady())
        kill(door.processIdentifier, SIGKILL)
        #expect(door.isOver(within: 20_000), "it lives on")
        _ = door.end()
    }

    @Test("without that layer it lives on")
    func parentDiesUnnoticed() throws {
        let door = try Door(["none", "leave-an-orphan"])
        try #require(door.isReady())
        kill(door.processIdentifier, SIGKILL)
        #expect(!door.isOver(within: 100))
        door.goOn()
        #expect(door.isOver(within: 20_000))
        _ = door.end()
    }

    @Test(
        "nobody of the same user looks into the process",
        arguments: [("none", .succeeded), ("dumpable", .refused(EACCES)), ("all", .refused(EACCES))] as [(String, Door.Outcome)])
    func fromOutside(layers: String, outcome: Door.Outcome) async throws {
        let door = try Door([layers, "nothing"])
        try #require(door.isReady())
        let environment = "/proc/\(door.processIdentifier)/environ"
        #expect(try await Door.try("open-file", .text(environment), layers: "none") == outcome)
        door.goOn()
        #expect(door.end().outcome == .succeeded)
    }

    @Test("the environment is gone from the process's memory", arguments: [("none", true), ("environment", false)])
    func environment(layers: String, isThere: Bool) throws {
        let door = try Door([layers, "nothing"])
        try #require(door.isReady())
        let bytes = try Data(contentsOf: URL(filePath: "/proc/\(door.processIdentifier)/environ"))
        #expect(String(decoding: bytes, as: UTF8.self).contains("marked") == isThere)
        door.goOn()
        _ = door.end()
    }

    @Test(
        "a crash leaves no memory on the disk", .enabled(if: crashesLeaveFiles),
        arguments: [("none", true), ("core", false), ("dumpable", false), ("all", false)])
    func crash(layers: String, leavesCore: Bool) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "bursar-crash-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        chmod(folder.path, 0o777)
        let door = try Door([layers, "crash", folder.path])
        try #require(door.isReady())
        door.goOn()
        let (outcome, dumpedCore) = door.end()
        #expect(outcome == .killed(SIGILL) || outcome == .killed(SIGTRAP))
        #expect(dumpedCore == leavesCore)
    }

    @Test("the script's own process is confined by every layer")
    func worker() async throws {
        let worker = try begin("now()")
        #expect(await worker.nextMessages()?.count == 1)
        let process = URL(filePath: "/proc/\(worker.processIdentifier)")
        let status = try fields(process.appending(path: "status"))
        #expect(status["NoNewPrivs"] == "1")
        #expect(status["Seccomp"] == "2")
        #expect(status["Threads"] == "1")
        for set in ["CapInh", "CapPrm", "CapEff", "CapAmb"] { #expect(status[set] == "0000000000000000", "\(set)") }
        if geteuid() == 0 { #expect(status["CapBnd"] == "0000000000000000") }
        let limits = try String(contentsOf: process.appending(path: "limits"), encoding: .utf8)
        for name in ["Max core file size", "Max open files", "Max processes", "Max file size"] {
            let line = try #require(limits.split(separator: "\n").first { $0.hasPrefix(name) })
            #expect(line.dropFirst(name.count).split(separator: " ").prefix(2) == ["0", "0"], "\(line)")
        }
        for name in ["Max address space", "Max cpu time"] {
            let line = try #require(limits.split(separator: "\n").first { $0.hasPrefix(name) })
            #expect(!line.contains("unlimited"), "\(line)")
        }
        // Not dumpable: only root may look into these.
        if geteuid() == 0 {
            let descriptors = try FileManager.default.contentsOfDirectory(atPath: process.appending(path: "fd").path)
            #expect(descriptors.sorted() == ["0", "1"])
            #expect(try Data(contentsOf: process.appending(path: "environ")).isEmpty)
        } else {
            #expect(throws: (any Error).self) { try Data(contentsOf: process.appending(path: "environ")) }
        }
        worker.terminate()
        #expect(await worker.end == .terminated)
    }

    @Test("what a script may do, it can do behind the filter")
    func broadScript() async throws {
        let worker = try begin(
            """
            for count = 0, 64 do  -- names in order
                local names = {}
                for i = 1, count do names[("%x"):format(i * 40503 % 65536)] = i end
                local last, seen = "", 0
                for name in pairs(names) do
                    assert(last < name)
                    last, seen = name, seen + 1
                end
                assert(seen == count)
            end
            local names = {}
            for i = 1, 5000 do names[("k%d"):format(i * 7919 % 100000)] = i end
            emit(names)
            local list = {}  -- memory that grows, moves and is given back
            for i = 1, 50000 do list[i] = ("x"):rep(i % 300) .. i end
            table.sort(list)
            for i = 1, 22 do list[i] = ("y"):rep(1 << i) end
            list = nil
            local big = {}
            for word in ("abc "):rep(20000):gmatch("%a+") do big[#big + 1] = word end
            emit(table.concat(big, ","))
            log.info("numbers", { text = string.format("%.99f %q %a", 1e300, "z", 0.1) })
            local generator = coroutine.wrap(function() for i = 1, 1000 do coroutine.yield(now()) end end)
            for i = 1, 10 do generator() end
            parallel(function() sleep("1s") end, function() uuid() end)
            pcall(error, setmetatable({}, { __tostring = function() return "e" end }))
            return { load("return 1")(), money("150.00", "ARS"):split(7)[1].amount }
            """, memory: 256 << 20, time: .seconds(60))
        let (names, end) = await play(worker)
        let emitted = try #require(names.first { $0.hasPrefix("emit {") })
        let keys = emitted.matches(of: /"(k[0-9]+)"/).map { String($0.1) }
        #expect(keys.count == 5000)
        #expect(keys == keys.sorted())
        #expect(end == .finished(Array(#"[1,"21.43"]"#.utf8)))
    }

    @Test("on a kernel without filters the worker runs behind its other layers")
    func workerOnOldKernel() async throws {
        let worker = try begin("now() return 1", executable: Door.executable)
        #expect(await worker.confinement == .lacking("the kernel has no filter for system calls (seccomp)"))
        let first = try #require(await worker.nextMessages())
        let status = try fields(URL(filePath: "/proc/\(worker.processIdentifier)/status"))
        #expect(status["Seccomp_filters"] ?? "1" == "1", "the door's own filter, and none of the worker's")
        #expect(status["NoNewPrivs"] == "1")
        worker.answer(
            first.compactMap {
                if case .request(let id, _, _, _, _) = $0 { WorkerAnswer(id: id, ok: true, payload: [0x31]) } else { nil }
            })
        #expect(await worker.nextMessages() == nil)
        #expect(await worker.end == .finished([0x31]))
    }

    private func fields(_ file: URL) throws -> [String: String] {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n").reduce(into: [:]) { fields, line in
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { fields[String(parts[0])] = parts[1].trimmingCharacters(in: .whitespaces) }
        }
    }
}
