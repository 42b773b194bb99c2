import ArgumentParser

/// Whom a run tells how it went, besides whoever started it; shared by `run`, `plan` and `apply`.
struct NoticeFlags: ParsableArguments {
    @Option(
        help:
            "Tell this address when the run begins (URL/start) and how it ended (URL, or URL/CODE where it failed), as healthchecks.io has it."
    )
    var ping: String?

    @Option(help: "Run this with sh when the run fails; it reads what failed, and finds BURSAR_EXIT_CODE and others set.")
    var onFailure: String?

    @Option(help: "Count the run in this file, in Prometheus's text format.", completion: .file(extensions: ["prom"]))
    var metricsFile: String?

    @Flag(help: ArgumentHelp("Tell nobody: the run is only asked what it handles.", visibility: .hidden))
    var noNotices = false

    func validate() throws { try WebAddress.check(ping, of: "--ping") }
}
