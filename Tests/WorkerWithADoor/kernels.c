// Kernels that differ from this one, by a filter that answers for them. A filter outlives execve.
#include "door.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <string.h>
#include <sys/prctl.h>

static bool answer(scmp_filter_ctx filter, int call, int first_argument, int error) {
    struct scmp_arg_cmp is = SCMP_CMP(0, SCMP_CMP_MASKED_EQ, 0xffffffffu, first_argument);
    return first_argument < 0 ? seccomp_rule_add(filter, SCMP_ACT_ERRNO(error), call, 0) == 0
                              : seccomp_rule_add(filter, SCMP_ACT_ERRNO(error), call, 1, is) == 0;
}

void door_pretend(const char *kernel) {
    if (kernel[0] == 0) return;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    bool good = filter != NULL;
    if (strcmp(kernel, "missing") == 0)
        good = good && answer(filter, SCMP_SYS(seccomp), -1, ENOSYS) && answer(filter, SCMP_SYS(prctl), PR_SET_SECCOMP, EINVAL);
    else if (strcmp(kernel, "refusing") == 0)
        good = good && answer(filter, SCMP_SYS(seccomp), -1, EPERM) && answer(filter, SCMP_SYS(prctl), PR_SET_SECCOMP, EPERM);
    else if (strcmp(kernel, "before-3.17") == 0)
        good = good && answer(filter, SCMP_SYS(seccomp), -1, ENOSYS);
    else if (strcmp(kernel, "before-4.14") == 0)
        good = good && answer(filter, SCMP_SYS(seccomp), SECCOMP_GET_ACTION_AVAIL, EINVAL);
    else
        good = false;
    door_must(good && seccomp_load(filter) == 0);
    // What libseccomp learnt of this kernel is forgotten with the process, or below: the next filter asks again.
    seccomp_release(filter);
    seccomp_reset(NULL, 0);
}
