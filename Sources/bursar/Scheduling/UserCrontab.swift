import BursarEngine
import BursarSchedule

/// The crontab of the user who calls, through `crontab`: the file itself is cron's.
enum UserCrontab {
    private static func program() throws(RunFailure) -> SystemProgram {
        try SystemProgram("crontab", hint: "install cron (apt-get install cron), or use --systemd")
    }

    /// - Throws: `RunFailure` when it cannot be read; a user without one has an empty one.
    static func read() throws(RunFailure) -> Crontab {
        let result = try program().run(["-l"])
        if result.status == 0 { return Crontab(bytes: result.output) }
        // It ends with 1 for every reason, and a crontab that only could not be read must not be replaced by ours alone.
        guard result.errors.hasPrefix("no crontab for ") else {
            throw RunFailure(.temporary, "crontab -l ended with \(result.status): \(result.errors)")
        }
        return Crontab(bytes: [])
    }

    /// - Throws: `RunFailure` when cron does not take it; the old one stays.
    static func write(_ crontab: Crontab) throws(RunFailure) {
        let result = crontab.bytes.isEmpty ? try program().run(["-r"]) : try program().run(["-"], input: crontab.bytes)
        guard result.status == 0 else {
            throw RunFailure(.temporary, "crontab ended with \(result.status) and changed nothing: \(result.errors)")
        }
    }
}
