// The stop: a limit that a script can neither catch nor outlast.
//
// A stop is a fact of the room, not of a return code. Once it is set, the hook leaves every coroutine it meets, our
// pcall raises again instead of returning, our resume does not return to the script, and the driver runs nothing.
// The hook yields where it can (Lua allows that in a count hook): a raised error would run message handlers, and those run
// with hooks off.
#include "room.h"

#include <string.h>
#include <sys/time.h>
#include <time.h>

static void stop_hook(lua_State *L, lua_Debug *frame) {
    (void)frame;
    bursar_room *room = bursar_room_of(L);
    if (room->stop == BURSAR_STOP_NONE) {
        if (room->refused_size == 0) {  // Lua collected and got its block
            lua_sethook(L, NULL, 0, 0);
            return;
        }
        bursar_stop(room, BURSAR_STOP_MEMORY, L);
    }
    bursar_leave(L);
}

static void arm(lua_State *L) { lua_sethook(L, stop_hook, LUA_MASKCOUNT, 1); }

// `at` is the coroutine that runs, or null.
void bursar_stop(bursar_room *room, bursar_stop_reason reason, lua_State *at) {
    if (room->stop == BURSAR_STOP_NONE) {
        if (reason != BURSAR_STOP_MEMORY) room->stop_location[0] = 0;  // the allocator wrote its own
        room->stop = reason;
    }
    if (at != NULL) arm(at);
}

// Looks, before the script's next step, whether a refused block was given after all. A handler that runs while an error
// for it is on its way (`__close`) is such a step.
void bursar_watch_memory(lua_State *L) { arm(L); }

bursar_stop_reason bursar_room_stopped(const bursar_room *room) { return (bursar_stop_reason)room->stop; }

const char *bursar_room_stop_location(const bursar_room *room) { return room->stop_location; }

// Leaves the running function for good. The return of a C function, `return bursar_leave(L);`, or the end of a hook.
int bursar_leave(lua_State *L) {
    bursar_room *room = bursar_room_of(L);
    if (room->stop_location[0] == 0) bursar_where(L, 0, room->stop_location, sizeof room->stop_location);
    if (lua_isyieldable(L)) return lua_yield(L, 0);
    return luaL_error(L, "the run was stopped");
}

// Whether a call ended for lack of memory. Lua's string buffers raise that as a plain error.
bool bursar_is_memory_error(bursar_room *room, int status) {
    return status == LUA_ERRMEM || (status != LUA_OK && status != LUA_YIELD && room->refused_size != 0);
}

// Whether `L` must not go on after a call that ended with `status`.
static bool must_leave(lua_State *L, int status) {
    bursar_room *room = bursar_room_of(L);
    if (bursar_is_memory_error(room, status)) bursar_stop(room, BURSAR_STOP_MEMORY, L);
    return room->stop != BURSAR_STOP_NONE;
}

// pcall

static int pcall_ended(lua_State *L, int status, lua_KContext extra) {
    if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L) - (int)extra;
    if (must_leave(L, status)) return bursar_leave(L);
    lua_pushboolean(L, 0);
    lua_pushvalue(L, -2);
    return 2;
}

// pcall(f, ...): Lua's own, except that a stop passes through.
int bursar_lua_pcall(lua_State *L) {
    luaL_checkany(L, 1);
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    int status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, pcall_ended);
    return pcall_ended(L, status, 0);
}

// Turns an error into { value, where, traceback } while its stack still stands.
static int describe_error(lua_State *L) {
    char place[160];
    lua_settop(L, 1);
    lua_createtable(L, 3, 0);
    lua_pushvalue(L, 1);
    lua_rawseti(L, 2, 1);
    if (bursar_where(L, 1, place, sizeof place)) {
        lua_pushstring(L, place);
        lua_rawseti(L, 2, 2);
    }
    bursar_push_traceback(L, 1);
    lua_rawseti(L, 2, 3);
    return 1;
}

static int guard_ended(lua_State *L, int status, lua_KContext extra) {
    (void)extra;
    if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L) - 1;
    if (must_leave(L, status)) return bursar_leave(L);
    lua_pushboolean(L, 0);
    if (lua_istable(L, -2) && status == LUA_ERRRUN) {
        lua_rawgeti(L, -2, 1);
        lua_rawgeti(L, -3, 2);
        lua_rawgeti(L, -4, 3);
        return 4;
    }
    lua_pushvalue(L, -2);  // an error while describing the error: text of Lua's own
    return 2;
}

// guard(f, ...): pcall that also gives the error's place and traceback. For the prelude only.
int bursar_lua_guard(lua_State *L) {
    luaL_checkany(L, 1);
    lua_pushcfunction(L, describe_error);
    lua_insert(L, 1);
    lua_pushboolean(L, 1);
    lua_insert(L, 2);
    // handler, true, f, ...: pcallk's result lies above `true`, which makes it the first result.
    int status = lua_pcallk(L, lua_gettop(L) - 3, LUA_MULTRET, 1, 0, guard_ended);
    return guard_ended(L, status, 0);
}

// Coroutines of the script

int bursar_out_of_memory(lua_State *L) {
    bursar_stop(bursar_room_of(L), BURSAR_STOP_MEMORY, L);
    return bursar_leave(L);
}

static bool is_active(lua_State *co) {
    lua_Debug frame;
    return lua_getstack(co, 0, &frame);
}

// resume(co, ...) -> true, values... | false, error. The watchdog must know which coroutine runs: that is `current`.
int bursar_lua_resume(lua_State *L) {
    bursar_room *room = bursar_room_of(L);
    lua_State *co = lua_tothread(L, 1);
    luaL_argexpected(L, co != NULL, 1, "coroutine");
    if (room->stop != BURSAR_STOP_NONE) return bursar_leave(L);
    int count = lua_gettop(L) - 1;
    if (!lua_checkstack(co, count)) {
        lua_pushboolean(L, 0);
        lua_pushliteral(L, "too many arguments to resume");
        return 2;
    }
    if (lua_status(co) == LUA_OK && is_active(co)) {  // this one, or one around it
        lua_pushboolean(L, 0);
        lua_pushliteral(L, "cannot resume non-suspended coroutine");
        return 2;
    }
    if (lua_status(co) > LUA_YIELD || (co != L && lua_status(co) == LUA_OK && lua_gettop(co) == 0 && !is_active(co))) {
        lua_pushboolean(L, 0);
        lua_pushliteral(L, "cannot resume a dead coroutine");
        return 2;
    }
    lua_xmove(L, co, count);
    lua_State *outer = room->current;
    room->current = co;
    int results = 0;
    int status = lua_resume(co, L, count, &results);
    room->current = outer;
    if (must_leave(L, status)) return bursar_leave(L);
    if (status != LUA_OK && status != LUA_YIELD) {
        lua_pushboolean(L, 0);
        lua_xmove(co, L, 1);
        return 2;
    }
    if (!lua_checkstack(L, results + 1)) {
        lua_settop(co, -results - 1);
        lua_pushboolean(L, 0);
        lua_pushliteral(L, "too many results from resume");
        return 2;
    }
    lua_pushboolean(L, 1);
    lua_xmove(co, L, results);
    return results + 1;
}

// Lua 5.4.4 forgets, when it closes a coroutine, how deep the C stack is already. Each close may use as much of it as a
// whole script may, so few are allowed within each other.
enum { MOST_CLOSING = 8 };

// close(co) -> true | false, error. The caller made sure that it is suspended or dead.
int bursar_lua_close(lua_State *L) {
    bursar_room *room = bursar_room_of(L);
    lua_State *co = lua_tothread(L, 1);
    luaL_argexpected(L, co != NULL && co != L, 1, "coroutine");
    if (room->closing == MOST_CLOSING) {
        char place[160] = "?";
        bursar_where(L, 1, place, sizeof place);
        lua_pushfstring(
            L, "%s: more than %d coroutines are being closed, each by a __close of the one before", place, MOST_CLOSING);
        return lua_error(L);
    }
    room->closing++;
    lua_State *outer = room->current;
    room->current = co;
    int status = lua_resetthread(co);  // raises nothing
    room->closing--;
    room->current = outer;
    if (must_leave(L, status)) return bursar_leave(L);
    lua_pushboolean(L, status == LUA_OK);
    if (status == LUA_OK) return 1;
    lua_xmove(co, L, 1);
    return 2;
}

// The watchdog
//
// One timer, seldom armed: when it fires early (the script waited meanwhile) it is set for what remains, and while the
// script waits it is not set at all. The handler runs on the script's own thread, so `current` is what it says.

static volatile struct {
    bursar_room *room;
    uint64_t running_limit, run_ends;  // nanoseconds; 0 is none
    uint64_t ran, since;               // time run before `since`; `since` is 0 while waiting
    bool armed;
} watch;

// Between the signals of a limit that is over, in nanoseconds.
#define RING_AGAIN 10000000u

static uint64_t nanoseconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void set_timer(uint64_t nanoseconds) {
    uint64_t microseconds = nanoseconds / 1000 + 1;
    struct itimerval timer = {.it_value = {
                                  .tv_sec = (time_t)(microseconds / 1000000), .tv_usec = (suseconds_t)(microseconds % 1000000)}};
    watch.armed = true;
    setitimer(ITIMER_REAL, &timer, NULL);
}

// Stops the room when a limit has passed, else sets the timer for the nearest one.
static void look_at_clock(void) {
    if (watch.room == NULL) return;
    uint64_t now = nanoseconds_now();
    uint64_t ran = watch.ran + (watch.since == 0 ? 0 : now - watch.since);
    bool over = (watch.running_limit != 0 && ran >= watch.running_limit) || (watch.run_ends != 0 && now >= watch.run_ends);
    if (over) {
        bursar_stop(watch.room, BURSAR_STOP_TIME, watch.room->current);
        // Again and again until the process ends: this signal may have come just before a read began to wait, or while
        // one coroutine handed over to the next.
        set_timer(RING_AGAIN);
        return;
    }
    uint64_t next = UINT64_MAX;
    if (watch.running_limit != 0 && watch.since != 0) next = watch.running_limit - ran;
    if (watch.run_ends != 0 && watch.run_ends - now < next) next = watch.run_ends - now;
    if (next != UINT64_MAX) set_timer(next);
}

static void alarm_rang(int signal_number) {
    (void)signal_number;
    watch.armed = false;
    look_at_clock();
}

void bursar_watch_begin(bursar_room *room, uint64_t running_ms, uint64_t run_ms) {
    watch.room = room;
    watch.running_limit = running_ms * 1000000u;
    watch.run_ends = run_ms == 0 ? 0 : nanoseconds_now() + run_ms * 1000000u;
    watch.ran = 0;
    watch.since = nanoseconds_now();
    // No SA_RESTART: a read that waits for answers must come back and look.
    struct sigaction action = {.sa_handler = alarm_rang};
    sigaction(SIGALRM, &action, NULL);
    look_at_clock();
}

void bursar_watch_wait_begins(void) {
    if (watch.room == NULL) return;
    uint64_t since = watch.since;
    watch.since = 0;
    watch.ran += nanoseconds_now() - since;
}

void bursar_watch_wait_ends(void) {
    if (watch.room == NULL) return;
    watch.since = nanoseconds_now();
    if (!watch.armed) look_at_clock();
}

void bursar_watch_forget(bursar_room *room) {
    if (watch.room != room) return;
    struct itimerval none = {0};
    setitimer(ITIMER_REAL, &none, NULL);
    watch.room = NULL;
}
