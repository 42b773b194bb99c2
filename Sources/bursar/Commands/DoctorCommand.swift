import ArgumentParser
import BursarEngine
import BursarJournal
import ExactJSON
import Foundation

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Look whether this machine, its files and an environment have what runs need.",
        discussion: """
            Examples:
              bursar doctor
              bursar doctor --env production
              bursar doctor --offline --json

            It changes nothing and sends no call but the request for a token. Without --env it asks for one where a run without
            --env would go; credentials are never tried anywhere else.

            Exit codes: 0 all is well, or there are warnings only; 3 invalid configuration; 5 temporary (the network, the disk,
            the clock); 7 credentials; 8 something a run would refuse; 12 a damaged journal. The first of 12, 3, 7, 8, 5 that
            fits counts.
            """)

    @Option(
        name: .customLong("env"),
        help: "Which environment is tried: local, sandbox, production, or a name from bursar.yaml.",
        completion: Candidates.environments)
    var environment: String?

    @Flag(help: "Ask nothing over the network.")
    var offline = false

    @Option(
        name: .customLong("config"), help: "Use this file instead of the nearest bursar.yaml.",
        completion: .file(extensions: ["yaml"]))
    var configurationPath: String?

    @OptionGroup var journal: JournalOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        Output.hide(RunCredentials(environment: variables).secrets)
        var found: [CheckResult] = []
        let width = TerminalWidth.columns
        for check in checks {
            let results = await check.results()
            found += results
            guard !json else { continue }
            for result in results { Output.result(DoctorView.text(result, width: width)) }
        }
        Output.result(json ? DoctorView.json(found).text(.pretty) : "\n" + DoctorView.summary(found))
        let exits = found.compactMap(\.kind).map { BursarExit(RunFailure($0, "")) }
        let order: [BursarExit] = [.inDoubt, .invalid, .credentials, .refusedByPolicy, .temporary]
        if let exit = order.first(where: exits.contains) ?? exits.first { throw ExitCode(exit.rawValue) }
    }

    private var variables: [String: String] { ProcessInfo.processInfo.environment }

    /// From what everything else stands on to what lies outside of this machine.
    private var checks: [any Check] {
        let configuration: Result<Configuration, ConfigurationError>
        do throws(ConfigurationError) { configuration = .success(try TargetOptions.configuration(configurationPath)) } catch {
            configuration = .failure(error)
        }
        let valid = try? configuration.get()
        // Without a valid file it is not known where the journal is, unless somebody says so.
        let folder = try? journal.folder(configurationPath: configurationPath)
        let schedules = (try? ScheduleOptions.parse(configurationPath.map { ["--config", $0] } ?? [])).map(ScheduleCheck.init)

        var checks: [any Check] = [ClockCheck(), DescriptorCheck(), TimeZoneCheck(), WorkerCheck(path: LimitOptions.worker)]
        checks.append(ConfigurationCheck(configuration))
        if let folder {
            checks.append(DiskCheck(journal: folder.path))
            checks.append(FlushCheck(journal: folder.path))
            checks.append(JournalCheck(folder: folder))
            checks.append(FreezeCheck(folder: FreezeFile.folder(configuration: valid?.path, journal: folder.path)))
        }
        checks.append(PermissionCheck(journal: folder?.path, configuration: valid, environment: variables))
        if valid != nil, let schedules { checks.append(schedules) }
        checks.append(SchedulerCheck(hasSchedules: schedules?.hasSchedules ?? false))
        return checks + (valid.map(environments) ?? [])
    }

    /// The embedded bank, and the one that a run would go to.
    private func environments(_ configuration: Configuration) -> [any Check] {
        let name = environment ?? Setting.environment.text
        let chosen: TargetEnvironment
        let local: TargetEnvironment
        do throws(ConfigurationError) {
            local = try TargetEnvironment(named: "local", in: configuration)
            chosen = try TargetEnvironment(named: name, in: configuration)
        } catch {
            // A name that a file has is looked at with the others of the file.
            guard let name else { return [] }
            return [Found([.failed("environment \(name)", .invalid, error.description, hint: "bursar config shows what is set")])]
        }
        let bank = look(at: local)
        guard !chosen.isLocal else { return [bank] }
        guard !offline else {
            return [bank, Found([.ok("environment \(chosen.name)", "not asked: --offline asks nothing over the network")])]
        }
        return [bank, look(at: chosen)]
    }

    private func look(at target: TargetEnvironment) -> EnvironmentCheck {
        let credentials: Result<RunCredentials, RunFailure>
        do throws(RunFailure) {
            let found = try RunCredentials(for: target, environment: variables)
            Output.hide(found.secrets)
            credentials = .success(found)
        } catch { credentials = .failure(error) }
        return EnvironmentCheck(target, credentials: credentials, redaction: Output.redaction)
    }
}

/// What is known already.
private struct Found: Check {
    private let known: [CheckResult]

    init(_ known: [CheckResult]) { self.known = known }

    func results() -> [CheckResult] { known }
}
