import ArgumentParser
import BursarEngine
import BursarJournal
import ExactJSON
import Foundation

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Show what is set, and with --explain where.",
        discussion: """
            Examples:
              bursar config --env production --explain
              BURSAR_RATE=5 bursar config --explain --json

            A flag wins over a variable of the environment, that over the project's bursar.yaml, that over the user's
            ($XDG_CONFIG_HOME/bursar/bursar.yaml or ~/.config/bursar/bursar.yaml), and that over what is built in.
            """)

    @OptionGroup var target: TargetOptions
    @OptionGroup var journal: JournalOptions

    @Flag(help: "Say of each value where it was set.")
    var explain = false

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let settings: [ExplainedSetting]
        do throws(RunFailure) { settings = try explained() } catch { throw end(error) }
        if json {
            Output.result(
                JSON.array(
                    settings.map { setting in
                        var object: JSONObject = ["name": .string(setting.name), "value": .string(setting.value)]
                        if explain { object["origin"] = .string(setting.origin) }
                        return .object(object)
                    }
                ).text(.pretty))
            return
        }
        func column(_ part: (ExplainedSetting) -> String) -> Int { settings.map { part($0).count }.max() ?? 0 }
        let (names, values) = (column(\.name), min(60, column(\.value)))
        for setting in settings {
            let name = setting.name + String(repeating: " ", count: names - setting.name.count)
            let value = setting.value + String(repeating: " ", count: max(0, values - setting.value.count))
            Output.result(explain ? "\(name)  \(value)  \(setting.origin)" : "\(name)  \(setting.value)")
        }
    }

    private func explained() throws(RunFailure) -> [ExplainedSetting] {
        let (configuration, options) = try target.read()
        let isNamed = target.environment != nil || Setting.environment.text != nil
        let environment = ExplainedSetting(
            name: "environment", value: options.target.name,
            origin: isNamed
                ? Setting.environment.origin(isFlag: target.environment != nil)
                : configuration.origins["default_environment"] ?? "default")
        let isPlaced = journal.state != nil || Setting.state.text != nil
        let state = ExplainedSetting(
            name: "state", value: try journal.folder(configurationPath: options.configurationPath).path,
            origin: isPlaced ? Setting.state.origin(isFlag: journal.state != nil) : "default")
        // What a variable or a flag says, in place of what files say.
        let said: [String: (value: String, origin: String)] = [
            "requests_per_second": options.requestsPerSecond.map {
                (String($0), Setting.rate.origin(isFlag: target.rate != nil))
            },
            "parallel": options.parallel.map { (String($0), Setting.parallel.rawValue) },
            "patience": options.patience.map { (Span.words($0), Setting.patience.rawValue) },
        ].compactMapValues { $0 }
        let rest = options.target.explained(in: configuration).map { setting in
            said[setting.name].map { ExplainedSetting(name: setting.name, value: $0.value, origin: $0.origin) } ?? setting
        }
        return [environment, state] + rest
    }
}
