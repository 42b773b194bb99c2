import ArgumentParser
import BursarEngine
import BursarJournal
import BursarSchedule
import Foundation

/// A command line that somebody is typing, as a shell hands it over: it may be unfinished or wrong anywhere.
struct CompletionLine {
    let words: [String]

    /// What an option has on this line, in either form; bash makes a word of its own of the equals sign.
    func value(of option: String) -> String? {
        for (index, word) in words.enumerated() {
            if word.hasPrefix(option + "=") { return String(word.dropFirst(option.count + 1)) }
            guard word == option else { continue }
            let rest = words[(index + 1)...].drop { $0 == "=" }
            return rest.first
        }
        return nil
    }

    /// Nil where the file is wrong.
    var configuration: Configuration? { try? TargetOptions.configuration(value(of: "--config")) }

    /// Opened for reading only; nil where there is none.
    var journal: JournalReader? {
        let folder = try? JournalOptions.folder(
            value(of: "--state") ?? Setting.state.text, configurationPath: value(of: "--config"))
        return folder.flatMap { try? JournalReader(folder: $0) }
    }

    var schedules: [Schedule] {
        let places = ["--file", "--config"].flatMap { option in value(of: option).map { [option, $0] } ?? [] }
        return (try? ScheduleOptions.parse(places).read())?.schedules ?? []
    }

    /// The script that the line names.
    var script: ScriptFile? {
        words.dropFirst().lazy.filter { !$0.hasPrefix("-") && $0.hasSuffix(".lua") }
            .compactMap { try? ScriptFile(path: $0) }.first
    }
}
