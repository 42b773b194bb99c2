// What the files of the door share.
#ifndef BURSAR_DOOR_H
#define BURSAR_DOOR_H

#include <stdbool.h>
#include <stddef.h>

// Exit codes beyond any errno.
enum { DOOR_BROKEN = 200, DOOR_FILTER_FAILED = 201 };

// One thing to try from inside.
typedef struct {
    const char *name;
    // What must exist before the process is confined: an open descriptor, another process. May be null.
    void (*prepare)(const char *argument);
    // Whether it succeeded; if not, errno tells why.
    bool (*attempt)(const char *argument);
    // Root stays root.
    bool as_root;
} door_attempt;

extern const door_attempt door_attempts[];

_Noreturn void door_leave(int code);

// Leaves when something that no layer should refuse did not work.
void door_must(bool worked);

// Root becomes nobody, debuggable like a program that an ordinary user started.
void door_become_nobody(void);

// Confines this process by the worker's functions; of their layers, those that `layers` names take effect.
void door_confine(const char *layers);

// Tells the test that all is ready and waits for its word.
void door_tell_and_wait(void);

// From here on the kernel answers like another one: "missing" has no filters, "before-4.14" cannot end whole processes,
// "before-3.17" has no call seccomp, "refusing" permits no filter. "" is this kernel.
void door_pretend(const char *kernel);

// Makes every system call there is, each in a process of its own confined by `layers`, with zeros for arguments, and writes the
// names of those that did not end it with SIGSYS to descriptor 1. By `way`: "plain", "x32" or "i386".
bool door_try_all_calls(const char *layers, const char *way);

// A process that confines itself and waits, and its parent. Returns in neither.
_Noreturn void door_leave_orphan(const char *layers);

#endif
