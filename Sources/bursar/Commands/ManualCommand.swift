import ArgumentParser
import BursarEngine
import BursarJournal
import Foundation

struct ManualCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manual", abstract: "Write the manual pages of all commands.",
        discussion: """
            Examples:
              bursar manual --output ~/.local/share/man/man1

            One page a command, bursar.1 and bursar-run.1 among them, for man(1). scripts/install writes them for all users.
            """)

    @Option(name: .shortAndLong, help: "The folder for the pages; it is made where it is missing.", completion: .directory)
    var output: String

    func run() throws {
        do throws(RunFailure) {
            guard let program = CommandDescription.program else {
                throw RunFailure(.script, "the commands' description cannot be read")
            }
            do { try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true) } catch {
                throw RunFailure(.temporary, "\(output) cannot be made: \(error.systemReason)")
            }
            let pages = program.all.map(ManualPage.init)
            for page in pages {
                let path = (output as NSString).appendingPathComponent(page.file)
                try OutputFile.write(page.text, to: path)
            }
            Output.result("wrote \(pages.count) pages to \(output)")
        } catch { throw end(error) }
    }
}
