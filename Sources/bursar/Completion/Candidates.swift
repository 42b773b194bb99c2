import ArgumentParser
import BursarEngine
import BursarJournal
import BursarSchedule
import Foundation
import Synchronization

/// What a shell offers for a word. Nothing of this prints, changes anything or asks the network; what cannot be found is not offered.
enum Candidates {
    /// Shells show no more than a screen.
    private static let most = 200

    static let environments = kind { line in line.configuration.map(TargetEnvironment.names) ?? [] }

    static let schedules = kind { $0.schedules.map(\.name) }

    static let runs = kind { line in ["last"] + (runNames(line)) }

    static let runsAndPlans = CompletionKind.custom { words, _, prefix in
        safe(["last"] + runNames(CompletionLine(words: words)) + files(prefix, endings: [".plan"]))
    }

    static let jobs = kind { line in (line.journal.flatMap { try? $0.jobNames() }) ?? [] }

    /// Effects of the newest runs, by their keys.
    static let keys = kind { line in
        guard let journal = line.journal, let newest = try? journal.runs(newestRuns) else { return [] }
        return newest.flatMap { entry in (try? journal.effects(.run(entry.run.id), most: most))?.map(\.key) ?? [] }
    }

    /// What waits for somebody's decision.
    static let openKeys = kind { line in
        (line.journal.flatMap { try? $0.effects(.open, most: most) })?.map(\.key) ?? []
    }

    static let keyNames = kind { _ in
        let store = KeyStore(environment: ProcessInfo.processInfo.environment)
        return (try? store.list())?.map(\.name) ?? []
    }

    static let plans = CompletionKind.file(extensions: ["plan"])

    /// Arguments that the script of the line declares, as `name=`, and the files there are for one that is a file.
    static let scriptArguments = CompletionKind.custom { words, index, prefix in
        let line = CompletionLine(words: words)
        guard let script = line.script else { return [] }
        let worker = LimitOptions.worker
        let arguments = waitedFor { await script.declaredArguments(worker: worker) }
        let (name, value, start) = assignment(words, index, prefix)
        guard let name else {
            let given = Set(words.compactMap { $0.split(separator: "=").first.map(String.init) })
            return safe(arguments.map(\.name).filter { !given.contains($0) }.map { $0 + "=" })
        }
        switch arguments.first(where: { $0.name == name })?.kind {
        case "file": return safe(files(value, endings: []).map { start + $0 })
        case "boolean": return ["true", "false"].map { start + $0 }
        default: return []
        }
    }

    /// A command with an asynchronous completion cannot be parsed but for running it, and schedules parse that of their runs. A program
    /// that completes does nothing else meanwhile.
    private static func waitedFor<Value: Sendable>(_ value: @escaping @Sendable () async -> [Value]) -> [Value] {
        let isDone = DispatchSemaphore(value: 0)
        let found = Found<Value>()
        Task {
            let values = await value()
            found.values.withLock { $0 = values }
            isDone.signal()
        }
        isDone.wait()
        return found.values.withLock { $0 }
    }

    private final class Found<Value: Sendable>: Sendable { let values = Mutex<[Value]>([]) }

    /// The argument whose value is being typed, what there is of the value, and what a candidate must begin with.
    private static func assignment(_ words: [String], _ index: Int, _ prefix: String) -> (
        name: String?, value: String, start: String
    ) {
        if let equals = prefix.firstIndex(of: "="), equals != prefix.startIndex {
            let name = String(prefix[..<equals])
            return (name, String(prefix[prefix.index(after: equals)...]), name + "=")
        }
        // Bash hands over input=re as three words, and replaces the last one.
        guard words.indices.contains(index) else { return (nil, prefix, "") }
        if words[index] == "=", index > 0 { return (words[index - 1], "", "") }
        if index > 1, words[index - 1] == "=" { return (words[index - 2], prefix, "") }
        return (nil, prefix, "")
    }

    private static var newestRuns: JournalReader.RunFilter {
        var filter = JournalReader.RunFilter()
        filter.most = 3
        return filter
    }

    private static func runNames(_ line: CompletionLine) -> [String] {
        line.journal.flatMap { try? $0.runNames(most: most) } ?? []
    }

    /// Files and folders that begin as what was typed does.
    private static func files(_ typed: String, endings: [String]) -> [String] {
        let folder = typed.lastIndex(of: "/").map { String(typed[...$0]) } ?? ""
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
        return names.sorted().compactMap { name in
            guard (folder + name).hasPrefix(typed), !name.hasPrefix(".") else { return nil }
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: folder + name, isDirectory: &isFolder)
            if isFolder.boolValue { return folder + name + "/" }
            return endings.isEmpty || endings.contains(where: name.hasSuffix) ? folder + name : nil
        }
    }

    private static func kind(_ find: @escaping @Sendable (CompletionLine) -> [String]) -> CompletionKind {
        .custom { words, _, _ in safe(find(CompletionLine(words: words))) }
    }

    private static let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./@%+,=-#")

    /// Only words without anything that a shell acts on: bash expands what it is offered, and a row's key is what somebody's file has.
    static func safe(_ words: [String]) -> [String] {
        var seen: Set<String> = []
        var result: [String] = []
        for word in words where !word.isEmpty && word.allSatisfy(plain.contains) && seen.insert(word).inserted {
            result.append(word)
            if result.count == most { break }
        }
        return result
    }
}
