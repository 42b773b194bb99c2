// The system calls that are left to the script's process: an allow list, by libseccomp. Any other ends the process at once.
#define _GNU_SOURCE
#include "CLuaShims.h"

#include <errno.h>
#include <seccomp.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>

// The kernel reads these arguments as 32 bits; a register may hold anything above them.
#define INT_IS(argument, value) SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, 0xffffffffu, value)
#define HAS_NOT(argument, bits) SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, bits, 0)

// Whole: none of these reaches beyond the process.
static const int allowed[] = {
    SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),       // memory
    SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),                            // clock, where the kernel has no page for it
#ifdef SYS_time
    SCMP_SYS(time),  // older architectures only
#endif
    SCMP_SYS(getrandom),                                                        // Swift seeds its hash tables
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),   // the watchdog's signal
    SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall), SCMP_SYS(futex),          // waking those who wait for a lock: nobody
    SCMP_SYS(exit), SCMP_SYS(exit_group),
};

static bool fill(scmp_filter_ctx filter, uint32_t otherwise) {
    // i386 on x86-64, arm on arm64: other numbers, and so another way in.
    bool good = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, otherwise) == 0;
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        good = good && seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0) == 0;
    const int mapping = MAP_TYPE | MAP_ANONYMOUS;
    return good && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(read), 1, INT_IS(0, 0)) == 0
        && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, INT_IS(0, 1)) == 0
        && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(setitimer), 1, INT_IS(0, ITIMER_REAL)) == 0
        && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, HAS_NOT(2, PROT_EXEC)) == 0
        && seccomp_rule_add(
               filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, HAS_NOT(2, PROT_EXEC),
               SCMP_CMP(3, SCMP_CMP_MASKED_EQ, mapping, MAP_PRIVATE | MAP_ANONYMOUS)) == 0
        // What a running script does is looked for first.
        && seccomp_syscall_priority(filter, SCMP_SYS(read), 255) == 0
        && seccomp_syscall_priority(filter, SCMP_SYS(write), 254) == 0;
}

bursar_filter_state bursar_filter(void) {
    // A kernel with filters looks for the one at address 0 (EFAULT); one without does not know the word.
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, 0, 0, 0) != 0 && (errno == EINVAL || errno == ENOSYS))
        return BURSAR_FILTER_MISSING;
    // Kernels before 4.14 can end the thread only, which here is the process.
    uint32_t otherwise = SCMP_ACT_KILL_PROCESS;
    scmp_filter_ctx filter = seccomp_init(otherwise);
    if (filter == NULL) filter = seccomp_init(otherwise = SCMP_ACT_KILL);
    if (filter == NULL) return BURSAR_FILTER_FAILED;
    bool loaded = fill(filter, otherwise) && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return loaded ? BURSAR_FILTER_ON : BURSAR_FILTER_FAILED;
}
