// A worker whose parent dies.
#include "door.h"

#include <sys/types.h>
#include <unistd.h>

_Noreturn void door_leave_orphan(const char *layers) {
    door_become_nobody();
    pid_t child = fork();
    door_must(child >= 0);
    if (child == 0) {
        door_confine(layers);
        door_tell_and_wait();
        door_leave(0);
    }
    while (1) pause();
}
