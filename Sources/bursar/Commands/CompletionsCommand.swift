import ArgumentParser

struct CompletionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions", abstract: "Print what makes a shell complete bursar's command lines.",
        discussion: """
            Examples:
              bursar completions bash
              bursar completions zsh
              bursar completions fish

            For bash, put it into ~/.local/share/bash-completion/completions/bursar; for zsh, into a file _bursar in a folder of
            $fpath; for fish, into ~/.config/fish/completions/bursar.fish. scripts/install does this for all users. Environments,
            runs, effects, schedules, keys and a script's arguments are looked up while you type; the journal is only read.
            """)

    @Argument(help: "Which shell.")
    var shell: Shell

    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish

        fileprivate var library: CompletionShell {
            switch self {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        }
    }

    func run() {
        let script = Bursar.completionScript(for: shell.library)
        Output.result(shell == .bash ? script + "\n" + CompletionsCommand.withoutSpace : script)
    }

    /// Behind `input=` a value follows, and no space; and as a file's name it would be quoted. Bash is told so once it has the candidates.
    private static let withoutSpace = """
        __bursar_without_space() {
            _bursar "${@}"
            if [[ "${#COMPREPLY[@]}" -eq 1 && "${COMPREPLY[0]}" = *= ]]; then
                compopt -o nospace +o filenames 2> /dev/null
            fi
        }
        complete -o filenames -F __bursar_without_space bursar
        """
}
