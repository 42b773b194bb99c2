// One Lua 5.4 state for one script, as a C type Swift can hold. Swift calls these functions and no function of Lua's
// own: Lua's errors are jumps, and every one of them is caught on this side of the page.
#ifndef BURSAR_CLUASHIMS_H
#define BURSAR_CLUASHIMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A Lua state, its memory account and its stop. Used by one thread at a time.
typedef struct bursar_room bursar_room;

// A coroutine of a room: a task that is run by `bursar_room_resume`. Kept alive by the prelude, not by the pointer.
typedef struct lua_State bursar_thread;

// Bytes that belong to somebody else. Those in a step are good until the next call on the same room.
typedef struct {
    const char *_Nullable bytes;
    size_t length;
} bursar_text;

// Why a room was stopped. Once not none, no line of the script runs again.
typedef enum { BURSAR_STOP_NONE = 0, BURSAR_STOP_TIME = 1, BURSAR_STOP_MEMORY = 2 } bursar_stop_reason;

// What a resumed task did. The numbers up to WAKE are spoken by Prelude/tasks.lua too.
typedef enum {
    BURSAR_REQUEST = 1,  // name, payload, location, number (-1: the task's own); waits for an answer
    BURSAR_NOTE = 2,     // the same, and does not wait
    BURSAR_SPAWN = 3,    // thread, number: a new task
    BURSAR_PARK = 4,     // waits for a WAKE
    BURSAR_WAKE = 5,     // thread
    BURSAR_TASK = 6,     // number: what the task's requests carry from here on
    BURSAR_RETURNED = 7, // the task ended; for the first task: name is "finished" or "failed", payload goes with it
    BURSAR_BROKE = 8,    // an error that the prelude did not turn into a report; payload is its text
    BURSAR_STOPPED = 9,  // see bursar_room_stopped
} bursar_step_kind;

typedef struct {
    bursar_step_kind kind;
    int64_t number;
    bursar_text name;
    bursar_text payload;
    bursar_text location;
    bursar_thread *_Nullable thread;
} bursar_step;

// How a task is continued: with nothing, with an answer, or with an answer that is an error.
typedef enum { BURSAR_ANSWER_NONE = 0, BURSAR_ANSWER_OK = 1, BURSAR_ANSWER_ERROR = 2 } bursar_answer_kind;

// A room whose Lua values may take `memory_limit` bytes, with the allow list of libraries open. Null when that
// is too little to begin, or there is no memory.
bursar_room *_Nullable bursar_room_create(size_t memory_limit);

// Ends a room. Every thread and text of it is void afterwards. Gives the bytes that Lua did not give back: zero.
size_t bursar_room_destroy(bursar_room *_Nonnull room);

// Sets the most bytes Lua values may take from here on.
void bursar_room_set_memory_limit(bursar_room *_Nonnull room, size_t memory_limit);

// Runs one file of the prelude. False, with the reason in `problem`, when it does not compile or raises.
bool bursar_room_load_prelude(bursar_room *_Nonnull room, bursar_text source, bursar_text *_Nonnull problem);

// The first task: the prelude's `main` with the start payload (JSON). Null, with the reason in `problem`, on failure.
bursar_thread *_Nullable bursar_room_begin(bursar_room *_Nonnull room, bursar_text start, bursar_text *_Nonnull problem);

// Runs a task until it yields, ends or is stopped. `task` is the number its requests carry.
void bursar_room_resume(
    bursar_room *_Nonnull room, bursar_thread *_Nonnull thread, uint32_t task, bursar_answer_kind kind, bursar_text answer,
    bursar_step *_Nonnull step);

// Why the room was stopped, and at which line of the script ("" when unknown).
bursar_stop_reason bursar_room_stopped(const bursar_room *_Nonnull room);
const char *_Nonnull bursar_room_stop_location(const bursar_room *_Nonnull room);

// Bytes held by Lua values now.
size_t bursar_room_memory_used(const bursar_room *_Nonnull room);

// The size of the block that did not fit, in a room that was stopped for memory.
size_t bursar_room_memory_asked(const bursar_room *_Nonnull room);

// The watchdog: one room a process. Stops the room when the script ran for `running_ms` (waiting does not count), or
// `run_ms` after this call (0: no such limit), with a hook that is armed only then. Uses SIGALRM.
void bursar_watch_begin(bursar_room *_Nonnull room, uint64_t running_ms, uint64_t run_ms);

// Ends the watch when it is over this room.
void bursar_watch_forget(bursar_room *_Nonnull room);

// Between these two the script waits, and its running time stands still.
void bursar_watch_wait_begins(void);
void bursar_watch_wait_ends(void);

// Gives up what a script's process does not need: the environment, every descriptor but 0 and 1, new descriptors, children,
// core dumps, privileges, capabilities, handlers of signals, outliving its parent. False, with errno set, when the system
// refuses one; what was given up by then stays given up. There is no way back.
bool bursar_confine(void);

// Bounds the process: address space in bytes and processor time in seconds (0: not bounded). At the end of the time
// comes SIGXCPU, and SIGKILL a second later.
bool bursar_bound(uint64_t address_space_bytes, uint64_t cpu_seconds);

// What became of the filter of system calls.
typedef enum {
    BURSAR_FILTER_ON = 0,
    BURSAR_FILTER_MISSING = 1,  // the kernel has no filters
    BURSAR_FILTER_FAILED = 2,   // it has them and refused ours, or there is no memory
} bursar_filter_state;

// Leaves the process an allow list of system calls: reading descriptor 0, writing descriptor 1, memory that is not run, the
// clock, random bytes, its own signals, its end. Any other ends it with SIGSYS. To be called last, after `bursar_confine` and
// `bursar_bound`, which could not be called again, and by a process of one thread.
bursar_filter_state bursar_filter(void);

// For tests; nothing that is shipped calls these four.

// Of the blocks that this thread asks for from here on, in any room, `after` are given and the next one is refused, and
// with `persistent` every later one too. Negative: none is refused.
void bursar_fail_allocations(int64_t after, bool persistent);

// Blocks that this thread asked for since bursar_fail_allocations.
int64_t bursar_allocations_asked(void);

// Blocks that this thread was given and has not given back.
int64_t bursar_blocks_held(void);

// What Lua itself thinks it holds. It leaves out string buffers under construction.
size_t bursar_room_memory_counted_by_lua(bursar_room *_Nonnull room);

#endif
