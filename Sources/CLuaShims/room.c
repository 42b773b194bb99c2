// A room from its creation to its end: the prelude, the first task, and running a task until it yields.
#include "room.h"

#include <stdlib.h>

// Registry slots of this file.
static const char core_slot = 0, main_slot = 0, first_task_slot = 0, text_slot = 0, ready_slot = 0;

static int set_up(lua_State *L) {
    bursar_push_core(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &core_slot);
    // lua_resume makes this text where nothing is protected. When it exists already, that takes no memory.
    lua_pushliteral(L, "error in error handling");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &ready_slot);
    return 0;
}

// Lua calls this where no call is protected. That never happens here; if it did, the process would end, not go on.
static int panic(lua_State *L) {
    (void)L;
    abort();
}

bursar_room *bursar_room_create(size_t memory_limit) {
    bursar_room *room = bursar_block_resize(NULL, sizeof *room);
    if (room == NULL) return NULL;
    *room = (bursar_room){0};
    room->limit = memory_limit;
    room->main = lua_newstate(bursar_allocate, room);
    if (room->main == NULL) {
        bursar_block_free(room);
        return NULL;
    }
    lua_atpanic(room->main, panic);
    lua_gc(room->main, LUA_GCSTOP);  // nothing is garbage before the script begins
    lua_pushcfunction(room->main, set_up);
    if (lua_pcall(room->main, 0, 0, 0) != LUA_OK) {
        bursar_room_destroy(room);
        return NULL;
    }
    return room;
}

size_t bursar_room_destroy(bursar_room *room) {
    lua_close(room->main);
    size_t left = room->used;
    bursar_block_free(room->scratch);
    bursar_block_free(room);
    return left;
}

// The text on top of `L`, valid while it stays there.
static bursar_text text_at(lua_State *L, int index) {
    bursar_text text = {"", 0};
    if (lua_type(L, index) == LUA_TSTRING) text.bytes = lua_tolstring(L, index, &text.length);
    return text;
}

// Takes the error on top of the main stack into `problem`; an out-of-memory is a stop.
static void take_problem(bursar_room *room, int status, bursar_text *problem) {
    if (bursar_is_memory_error(room, status)) bursar_stop(room, BURSAR_STOP_MEMORY, NULL);
    *problem = text_at(room->main, -1);
    if (problem->length == 0) *problem = (bursar_text){"an error without text", 21};
    // The text must outlive the stack slot: settop(0) of the next call lets it go, not this one.
}

static int run_prelude(lua_State *L) {
    const bursar_text *source = lua_touserdata(L, 1);
    if (luaL_loadbufferx(L, source->bytes, source->length, BURSAR_PRELUDE, "t") != LUA_OK) return lua_error(L);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &core_slot);
    lua_call(L, 1, 1);
    // The file that returns a function returns `main`.
    if (lua_isfunction(L, -1)) lua_rawsetp(L, LUA_REGISTRYINDEX, &main_slot);
    return 0;
}

bool bursar_room_load_prelude(bursar_room *room, bursar_text source, bursar_text *problem) {
    lua_State *L = room->main;
    lua_settop(L, 0);
    lua_pushcfunction(L, run_prelude);
    lua_pushlightuserdata(L, &source);
    int status = lua_pcall(L, 1, 0, 0);
    if (status == LUA_OK) return true;
    take_problem(room, status, problem);
    return false;
}

static int begin(lua_State *L) {
    const bursar_text *start = lua_touserdata(L, 1);
    bursar_hide_collector(L);
    lua_State *thread = lua_newthread(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &first_task_slot);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &main_slot);
    bursar_push_decoded(L, *start);
    luaL_checkstack(thread, 2, NULL);
    lua_xmove(L, thread, 2);
    lua_gc(L, LUA_GCRESTART);
    lua_pushlightuserdata(L, thread);
    return 1;
}

bursar_thread *bursar_room_begin(bursar_room *room, bursar_text start, bursar_text *problem) {
    lua_State *L = room->main;
    lua_settop(L, 0);
    lua_pushcfunction(L, begin);
    lua_pushlightuserdata(L, &start);
    int status = lua_pcall(L, 1, 1, 0);
    if (status == LUA_OK) return lua_touserdata(L, -1);
    take_problem(room, status, problem);
    return NULL;
}

static int decode(lua_State *L) {
    const bursar_text *json = lua_touserdata(L, 1);
    bursar_push_decoded(L, *json);
    return 1;
}

// Puts the answer where the task will find it. False when the room had to be stopped, or the answer is not JSON.
static bool push_answer(bursar_room *room, lua_State *thread, bursar_answer_kind kind, bursar_text answer, bursar_text *problem) {
    lua_State *L = room->main;
    lua_settop(L, 0);
    lua_pushboolean(L, kind == BURSAR_ANSWER_OK);
    lua_pushcfunction(L, decode);
    lua_pushlightuserdata(L, &answer);
    int status = lua_pcall(L, 1, 1, 0);
    if (status == LUA_OK && lua_checkstack(thread, 2)) {
        lua_xmove(L, thread, 2);
        return true;
    }
    take_problem(room, status == LUA_OK ? LUA_ERRMEM : status, problem);
    return false;
}

static int text_of_error(lua_State *L) {
    luaL_tolstring(L, 1, NULL);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &text_slot);
    return 1;
}

// An error value that reached the driver: a fault of the prelude, reported as text.
static void describe_break(bursar_room *room, lua_State *thread, bursar_step *step) {
    lua_State *L = room->main;
    step->kind = BURSAR_BROKE;
    lua_settop(L, 0);
    lua_pushcfunction(L, text_of_error);
    lua_xmove(thread, L, 1);
    int status = lua_pcall(L, 1, 1, 0);
    take_problem(room, status, &step->payload);
}

// Reads token, kind, name, payload, location, number or thread from the top of a task that yielded.
static void read_step(lua_State *thread, int count, bursar_step *step) {
    int base = lua_gettop(thread) - count;
    bool ours = count >= 2 && lua_type(thread, base + 1) == LUA_TLIGHTUSERDATA
        && lua_touserdata(thread, base + 1) == &bursar_token;
    step->kind = ours ? (bursar_step_kind)lua_tointegerx(thread, base + 2, NULL) : BURSAR_BROKE;
    switch (step->kind) {
        case BURSAR_REQUEST:
        case BURSAR_NOTE:
            step->name = text_at(thread, base + 3);
            step->payload = text_at(thread, base + 4);
            step->location = text_at(thread, base + 5);
            step->number = count >= 6 && lua_isinteger(thread, base + 6) ? lua_tointegerx(thread, base + 6, NULL) : -1;
            break;
        case BURSAR_SPAWN:
        case BURSAR_WAKE:
            step->thread = lua_tothread(thread, base + 3);
            step->number = count >= 4 ? lua_tointegerx(thread, base + 4, NULL) : 0;
            break;
        case BURSAR_TASK: step->number = lua_tointegerx(thread, base + 3, NULL); break;
        case BURSAR_PARK: break;
        default:
            step->kind = BURSAR_BROKE;
            step->payload = (bursar_text){"a coroutine yielded to nobody", 29};
    }
    // The values stay referenced by the stack of a suspended coroutine until it is resumed, popped or not:
    // Lua clears above the top only in a collection, and none runs before the next call on this room.
    lua_settop(thread, base);
}

void bursar_room_resume(
    bursar_room *room, bursar_thread *thread, uint32_t task, bursar_answer_kind kind, bursar_text answer, bursar_step *step) {
    *step = (bursar_step){.kind = BURSAR_STOPPED, .number = -1};
    if (room->stop != BURSAR_STOP_NONE) {  // the time was up between two tasks
        if (room->stop_location[0] == 0) bursar_where(thread, 0, room->stop_location, sizeof room->stop_location);
        return;
    }
    int count = 0;
    if (kind != BURSAR_ANSWER_NONE) {
        if (!push_answer(room, thread, kind, answer, &step->payload)) {
            step->kind = room->stop != BURSAR_STOP_NONE ? BURSAR_STOPPED : BURSAR_BROKE;
            return;
        }
        count = 2;
    } else if (lua_status(thread) == LUA_OK) {
        count = lua_gettop(thread) - 1;  // a fresh task: the function and its arguments
    }
    room->task = task;
    room->task_thread = thread;
    room->current = thread;
    int results = 0;
    int status = lua_resume(thread, room->main, count, &results);
    room->current = NULL;
    if (bursar_is_memory_error(room, status)) bursar_stop(room, BURSAR_STOP_MEMORY, NULL);
    if (room->stop != BURSAR_STOP_NONE) return;
    if (status == LUA_YIELD) {
        read_step(thread, results, step);
    } else if (status == LUA_OK) {
        step->kind = BURSAR_RETURNED;
        int base = lua_gettop(thread) - results;
        if (results >= 1) step->name = text_at(thread, base + 1);
        if (results >= 2) step->payload = text_at(thread, base + 2);
    } else {
        describe_break(room, thread, step);
    }
}
