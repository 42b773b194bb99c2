#define _GNU_SOURCE
#include "CScriptHost.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

int bursar_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int bursar_event(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
