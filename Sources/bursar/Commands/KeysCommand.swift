import ArgumentParser
import BursarEngine
import ExactJSON
import Foundation

struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Make and show your keys for approving plans.",
        discussion: """
            Examples:
              bursar keys new ana --passphrase
              bursar keys list
              bursar keys export ana

            Private keys lie in bursar/keys beneath the user's folder for configuration, readable by their owner alone. The line that
            export prints goes into bursar.yaml, under approvals.
            """,
        subcommands: [KeysNewCommand.self, KeysListCommand.self, KeysExportCommand.self])

    static var store: KeyStore { KeyStore(environment: ProcessInfo.processInfo.environment) }
}

struct KeysNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Make a key.",
        discussion: """
            Examples:
              bursar keys new ana --passphrase
            """)

    @Argument(help: "Its name, such as your own.")
    var name: String

    @Flag(help: "Ask for a passphrase that opens it.")
    var passphrase = false

    @OptionGroup var file: PassphraseOptions

    func run() throws {
        do throws(RunFailure) {
            let entry = try KeysCommand.store.make(name, passphrase: try file.new(asking: passphrase))
            Output.result("\(entry.name)  \(entry.publicKey.text)")
            if !entry.isLocked { Output.error("note: the key has no passphrase: whoever can read its file can approve") }
        } catch { throw end(error) }
    }
}

struct KeysListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List your keys.",
        discussion: """
            Examples:
              bursar keys list
            """)

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let entries: [KeyStore.Entry]
        do throws(RunFailure) { entries = try KeysCommand.store.list() } catch { throw end(error) }
        guard !json else {
            let list = entries.map { entry -> JSON in
                ["name": .string(entry.name), "key": .string(entry.publicKey.text), "passphrase": .bool(entry.isLocked)]
            }
            return Output.result(JSON.array(list).text(.pretty))
        }
        let longest = entries.map(\.name.count).max() ?? 0
        for entry in entries {
            let name = entry.name + String(repeating: " ", count: longest - entry.name.count)
            Output.result("\(name)  \(entry.publicKey.text)  \(entry.isLocked ? "passphrase" : "no passphrase")")
        }
        if entries.isEmpty { Output.error("note: there are none in \(KeysCommand.store.folder); bursar keys new NAME makes one") }
    }
}

struct KeysExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Print a key's public half as a line for bursar.yaml.",
        discussion: """
            Examples:
              bursar keys export ana
            """)

    @Argument(help: "The key's name.", completion: Candidates.keyNames)
    var name: String

    func run() throws {
        do throws(RunFailure) {
            let entry = try KeysCommand.store.find(name)
            Output.result("{ name: \(entry.name), key: \"\(entry.publicKey.text)\" }")
        } catch { throw end(error) }
    }
}
