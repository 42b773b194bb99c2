// A choice of layers. This program's own setrlimit, prctl, close_range and syscall stand before the system's, and while the
// worker's functions run they pass on what belongs to a chosen layer and swallow the rest.
#define _GNU_SOURCE
#include "door.h"

#include <CLuaShims.h>

#include <dlfcn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *chosen = "all";
static bool confining;

static bool is_chosen(const char *layer) {
    if (strcmp(chosen, "all") == 0) return true;
    size_t length = strlen(layer);
    for (const char *at = chosen; (at = strstr(at, layer)) != NULL; at += length)
        if ((at == chosen || at[-1] == ',') && (at[length] == ',' || at[length] == 0)) return true;
    return false;
}

// Whether a call is to be made: always, except by the worker's functions for a layer that is left out.
static bool passes(const char *layer) { return !confining || is_chosen(layer); }

typedef long (*system_call)(long number, ...);

static system_call real(void) {
    static system_call found;
    if (found == NULL) found = (system_call)dlsym(RTLD_NEXT, "syscall");
    return found;
}

long syscall(long number, ...) {
    va_list list;
    va_start(list, number);
    long a[6];
    for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
    va_end(list);
    if (number == SYS_capset && !passes("capabilities")) return 0;
    return real()(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int prctl(int option, ...) {
    va_list list;
    va_start(list, option);
    unsigned long a[4];
    for (int i = 0; i < 4; i++) a[i] = va_arg(list, unsigned long);
    va_end(list);
    const char *layer = option == PR_SET_PDEATHSIG ? "parent"
        : option == PR_SET_DUMPABLE                ? "dumpable"
        : option == PR_SET_NO_NEW_PRIVS            ? "privileges"
                                                   : "capabilities";
    if (!passes(layer)) return option == PR_CAPBSET_DROP ? (int)real()(SYS_prctl, option, 1000ul, 0ul, 0ul, 0ul) : 0;
    return (int)real()(SYS_prctl, (unsigned long)option, a[0], a[1], a[2], a[3]);
}

int close_range(unsigned int first, unsigned int last, int flags) {
    return passes("descriptors") ? (int)real()(SYS_close_range, first, last, flags) : 0;
}

int setrlimit(__rlimit_resource_t resource, const struct rlimit *limits) {
    const char *layer = resource == RLIMIT_CORE ? "core"
        : resource == RLIMIT_NOFILE             ? "files"
        : resource == RLIMIT_NPROC              ? "processes"
        : resource == RLIMIT_FSIZE              ? "size"
        : resource == RLIMIT_AS                 ? "memory"
                                                : "time";
    return passes(layer) ? (int)real()(SYS_prlimit64, 0L, (long)resource, limits, NULL) : 0;
}

// The environment is forgotten without a system call. Left out of the choice, a copy is forgotten in its place.
static char **copy_environment(void) {
    size_t count = 0;
    while (environ[count] != NULL) count++;
    char **copy = calloc(count + 1, sizeof *copy);
    for (size_t i = 0; i < count; i++) copy[i] = strdup(environ[i]);
    return copy;
}

void door_confine(const char *layers) {
    chosen = layers;
    char **own = environ;
    bool keeps_environment = !is_chosen("environment");
    if (keeps_environment) environ = copy_environment();
    confining = true;
    bool done = bursar_confine() && bursar_bound(256 << 20, 1);
    confining = false;
    if (keeps_environment) environ = own;
    door_must(done);
    if (is_chosen("filter") && bursar_filter() == BURSAR_FILTER_FAILED) door_leave(DOOR_FILTER_FAILED);
}
