import ArgumentParser
import BursarEngine
import ConomyAPI

/// A command line that names a command there is none of.
enum UnknownCommand {
    /// What is wrong with it and what was probably meant; nil when every command that it names is there.
    static func failure(_ arguments: [String]) -> RunFailure? {
        var command: any ParsableCommand.Type = Bursar.self
        var path = ["bursar"]
        for word in arguments {
            let subcommands = command.configuration.subcommands
            guard !subcommands.isEmpty, command.configuration.defaultSubcommand == nil, !word.hasPrefix("-"), word != "help"
            else {
                return nil
            }
            if let next = subcommands.first(where: { $0._commandName == word }) {
                command = next
                path.append(word)
                continue
            }
            let meant =
                closest(to: word, among: subcommands.map { $0._commandName }).map { path + [$0] } ?? elsewhere(word)
            return RunFailure(
                .usage, "\(path.joined(separator: " ")) has no command \"\(word)\"",
                hint: meant.map { "did you mean \($0.joined(separator: " "))?" }
                    ?? "\(path.joined(separator: " ")) --help lists those there are")
        }
        return nil
    }

    /// The only command of this name beneath another one: `verify` is `journal verify`.
    private static func elsewhere(_ word: String) -> [String]? {
        let found = Bursar.configuration.subcommands.filter { group in
            group.configuration.subcommands.contains { $0._commandName == word }
        }
        return found.count == 1 ? ["bursar", found[0]._commandName, word] : nil
    }
}
