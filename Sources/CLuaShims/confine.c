// What the script's process gives up before the script begins.
#define _GNU_SOURCE
#include "CLuaShims.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

extern char **environ;

static bool limit(int resource, rlim_t value) {
    struct rlimit both = {value, value};
    return setrlimit(resource, &both) == 0;
}

bool bursar_confine(void) {
    static char *empty[] = {NULL};
    environ = empty;
    // The Swift runtime catches crashes and starts a program to describe them. This process starts no program, and a crash
    // is for the host to tell.
    for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
    return close_range(2, ~0U, 0) == 0                            // two pipes and nothing else
        && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0         // does not outlive its parent
        && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0                // nobody attaches, nothing is dumped
        && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0            // no set-user-id program helps it
        && limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, 0)       // no new descriptor
        && limit(RLIMIT_NPROC, 0) && limit(RLIMIT_FSIZE, 0);      // no child, no file that grows
}

bool bursar_bound(uint64_t address_space_bytes, uint64_t cpu_seconds) {
    return (address_space_bytes == 0 || limit(RLIMIT_AS, address_space_bytes))
        && (cpu_seconds == 0 || limit(RLIMIT_CPU, cpu_seconds));
}
