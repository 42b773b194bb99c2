// What the script's process gives up before the script begins.
#define _GNU_SOURCE
#include "CLuaShims.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char **environ;

// The variables' bytes too: they lie on the stack, and /proc shows them.
static void forget_environment(void) {
    static char *empty[] = {NULL};
    for (char **variable = environ; variable != NULL && *variable != NULL; variable++) memset(*variable, 0, strlen(*variable));
    environ = empty;
}

// After this, root is no more than the owner of root's files. Who has no capabilities may not drop from the bounding set either,
// and need not: it bounds what a program could get, and `no_new_privs` gives it nothing.
static bool drop_capabilities(void) {
    for (int capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0;) capability++;
    if (errno != EINVAL && errno != EPERM) return false;  // EINVAL: that was the last
    // EINVAL: a kernel before 4.3, which has no ambient set.
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 && errno != EINVAL) return false;
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0, 0, 0}};
    return syscall(SYS_capset, &header, none) == 0;
}

static bool limit(int resource, rlim_t soft, rlim_t hard) {
    struct rlimit both = {soft, hard};
    return setrlimit(resource, &both) == 0;
}

bool bursar_confine(void) {
    forget_environment();
    // The Swift runtime catches crashes and starts a program to describe them. This process starts no program, and a crash
    // is for the host to tell.
    for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);  // a blocked signal of a limit would limit nothing
    return close_range(2, ~0U, 0) == 0                              // two pipes and nothing else
        && drop_capabilities()                                      // no more than anybody, whoever started it
        && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0           // does not outlive its parent
        && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0                  // nobody attaches, nothing is dumped
        && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0              // no set-user-id program helps it
        && limit(RLIMIT_CORE, 0, 0) && limit(RLIMIT_NOFILE, 0, 0)   // no new descriptor
        && limit(RLIMIT_NPROC, 0, 0) && limit(RLIMIT_FSIZE, 0, 0);  // no child, no file that grows
}

bool bursar_bound(uint64_t address_space_bytes, uint64_t cpu_seconds) {
    // At the hard limit the kernel sends SIGKILL, which does not say why; at the soft one SIGXCPU.
    return (address_space_bytes == 0 || limit(RLIMIT_AS, address_space_bytes, address_space_bytes))
        && (cpu_seconds == 0 || limit(RLIMIT_CPU, cpu_seconds, cpu_seconds + 1));
}
