import Foundation

/// What is left behind when the program crashes.
enum Crash {
    /// From now on nothing of its memory is: credentials are in it. Where that cannot be had, nothing happens.
    static func keepSecrets() {
        // The runtime's report shows what lies where registers point to. Who asks for it by SWIFT_BACKTRACE gets it.
        if getenv("SWIFT_BACKTRACE") == nil {
            for number in [SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT, SIGSEGV, SIGTRAP] { _ = signal(number, SIG_DFL) }
        }
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_CORE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return }
        // Not even one byte of a core file: with 0, Linux would still hand all of it to a program that collects them; with 1 it hands it
        // to nobody, and a file is at least a page.
        limit.rlim_cur = min(1, limit.rlim_max)
        setrlimit(resource, &limit)
    }
}
