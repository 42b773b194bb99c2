import ArgumentParser
import BursarEngine

struct StubsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stubs", abstract: "Write declarations with which an editor completes and checks scripts.",
        discussion: """
            Examples:
              bursar stubs                               on standard output
              bursar stubs --output types/bursar.lua

            For the Lua language server (LuaLS), which most editors use: put the file beside your scripts, or name its folder in
            the setting Lua.workspace.library. It declares all operations of the API with their fields, and Bursar's own functions.
            Write it anew after an update of Bursar.
            """)

    @Option(name: .shortAndLong, help: "The file to write.", completion: .file(extensions: ["lua"]))
    var output: String?

    func run() throws {
        let text = EditorStubs.text(version: bursarVersion)
        guard let output else { return Output.result(String(text.dropLast())) }
        do throws(RunFailure) {
            try OutputFile.check(output)
            try OutputFile.write(text, to: output)
            Output.result("wrote \(output)")
        } catch { throw end(error) }
    }
}
