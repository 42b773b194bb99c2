// A worker for tests, with a door in it: it confines itself by the worker's own functions, or by a choice of their layers, and
// then tries from inside what a layer is there to refuse.
//
//     worker-with-a-door LAYERS ATTEMPT [ARGUMENT [KERNEL]]
//
// LAYERS is names with commas between them, `all` or `none`. When it is confined it writes a byte to descriptor 1, waits for one
// from descriptor 0, and makes the attempt. Exit code 0: it succeeded; below 200: the errno of the refusal.
//
// Without arguments it is a kernel without filters: it starts the real worker, beside it, and lets it see no filter.
#define _GNU_SOURCE
#include "door.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

_Noreturn void door_leave(int code) { _exit(code); }

void door_must(bool worked) {
    if (!worked) door_leave(DOOR_BROKEN);
}

void door_become_nobody(void) {
    if (geteuid() != 0) return;
    door_must(setgroups(0, NULL) == 0 && setresgid(65534, 65534, 65534) == 0 && setresuid(65534, 65534, 65534) == 0);
    door_must(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0);
}

void door_tell_and_wait(void) {
    char byte = 'c';
    door_must(write(1, &byte, 1) == 1 && read(0, &byte, 1) == 1);
}

_Noreturn static void become_worker(void) {
    char path[PATH_MAX] = "";
    door_must(readlink("/proc/self/exe", path, sizeof path - 32) > 0);
    strcpy(strrchr(path, '/') + 1, "bursar-worker");
    door_pretend("missing");
    char *const arguments[] = {path, NULL};
    execve(path, arguments, environ);
    door_leave(DOOR_BROKEN);
}

int main(int count, char **arguments) {
    if (count == 1) become_worker();
    door_must(count >= 3);
    const char *layers = arguments[1], *name = arguments[2], *argument = count > 3 ? arguments[3] : "";
    if (strcmp(name, "leave-an-orphan") == 0) door_leave_orphan(layers);
    if (strcmp(name, "every-call") == 0) door_leave(door_try_all_calls(layers, argument) ? 0 : DOOR_BROKEN);
    const door_attempt *attempt = door_attempts;
    while (attempt->name != NULL && strcmp(attempt->name, name) != 0) attempt++;
    door_must(attempt->name != NULL);
    if (!attempt->as_root) door_become_nobody();
    if (attempt->prepare != NULL) attempt->prepare(argument);
    if (count > 4) door_pretend(arguments[4]);
    door_confine(layers);
    door_tell_and_wait();
    door_leave(attempt->attempt(argument) ? 0 : errno);
}
