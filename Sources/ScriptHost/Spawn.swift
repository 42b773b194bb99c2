internal import CScriptHost
internal import Glibc

/// A child process and the host's ends of its two pipes. The descriptors are not inherited by other children.
struct Child {
    let processIdentifier: pid_t
    /// What is written here is the child's standard input. Does not block.
    let input: Int32
    /// What the child writes to its standard output. Does not block.
    let output: Int32

    /// Starts `executable` with no environment, no inherited descriptors, default signals, in a process group of its own (an
    /// interrupt at the terminal is for the host to handle). It is killed when the calling thread ends.
    static func spawn(_ executable: String) throws(WorkerStartError) -> Child {
        let (childInput, input) = try pipe()
        guard let (output, childOutput) = try? pipe() else {
            close(childInput)
            close(input)
            throw WorkerStartError(message: "no pipe can be made for the script's process: \(reason(errno))")
        }
        defer {
            close(childInput)
            close(childOutput)
        }
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, childInput, 0)
        posix_spawn_file_actions_adddup2(&actions, childOutput, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var all = sigset_t()
        var none = sigset_t()
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
        var child: pid_t = 0
        let name = strdup("bursar-worker")
        defer { free(name) }
        let failure = withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<CChar>?.self, capacity: 3) { vectors in
            // The argument vector, and the empty environment behind its end.
            vectors[0] = name
            vectors[1] = nil
            vectors[2] = nil
            guard let first = vectors.baseAddress else { return ENOMEM }
            return posix_spawn(&child, executable, &actions, &attributes, first, first + 2)
        }
        guard failure == 0 else {
            close(input)
            close(output)
            throw WorkerStartError(
                message: "the script's process cannot be started from \(executable): \(reason(failure)); it belongs beside bursar"
            )
        }
        return Child(processIdentifier: child, input: input, output: output)
    }

    /// A pipe (read end, write end), both above the standard descriptors. Only the host's ends will not block.
    private static func pipe() throws(WorkerStartError) -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        guard bursar_pipe(&ends) == 0 else {
            throw WorkerStartError(message: "no pipe can be made for the script's process: \(reason(errno))")
        }
        for place in ends.indices where ends[place] < 3 {
            let moved = fcntl(ends[place], F_DUPFD_CLOEXEC, 3)
            close(ends[place])
            ends[place] = moved
        }
        return (ends[0], ends[1])
    }
}

/// What the system says about an error number.
func reason(_ number: Int32) -> String {
    String(cString: strerror(number))
}
