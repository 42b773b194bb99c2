// What the files of this module share. Not visible to Swift.
#ifndef BURSAR_ROOM_H
#define BURSAR_ROOM_H

#include "CLuaShims.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <signal.h>

// The source name of every prelude chunk. Frames that carry it are not shown to the operator.
#define BURSAR_PRELUDE "=[bursar]"

// The deepest value that travels, both ways.
#define BURSAR_MAX_DEPTH 64

// The largest value that travels, in bytes of JSON. ScriptWire's bound on a payload is the same number.
#define BURSAR_MAX_VALUE ((size_t)16 << 20)

// The most elements that one call of a table function goes over.
#define BURSAR_MAX_ELEMENTS 50000000

struct bursar_room {
    lua_State *main;
    size_t used;
    size_t limit;
    // The size of a block that the allocator refused and that was not asked for again with success; 0: none.
    size_t refused_size;
    // The size of the last block that was refused before the room was stopped.
    size_t asked_size;
    // Read and written by the signal handler, which runs on the room's own thread.
    volatile sig_atomic_t stop;
    lua_State *volatile current;
    // The task that runs, and the number its requests carry.
    lua_State *task_thread;
    uint32_t task;
    // How many coroutines are being closed, one within the other.
    int closing;
    char stop_location[160];
    // Scratch bytes for one value on its way in or out; never held across a call.
    char *scratch;
    size_t scratch_length;
    size_t scratch_capacity;
};

// Addresses that name things: the token of our yields, JSON null, and two registry slots.
extern const char bursar_token, bursar_null, bursar_array_metatable, bursar_money_metatable;

static inline bursar_room *bursar_room_of(lua_State *L) {
    void *room = NULL;
    lua_getallocf(L, &room);
    return room;
}

// memory.c: every block of a room comes and goes through the first two.
void *bursar_block_resize(void *block, size_t size);
void bursar_block_free(void *block);
void bursar_note_refusal(bursar_room *room, size_t size);
void *bursar_allocate(void *room, void *block, size_t old_size, size_t new_size);
bool bursar_scratch_put(bursar_room *room, const char *bytes, size_t length);

// stop.c
void bursar_stop(bursar_room *room, bursar_stop_reason reason, lua_State *at);
int bursar_leave(lua_State *L);
int bursar_out_of_memory(lua_State *L);
void bursar_watch_memory(lua_State *L);
bool bursar_is_memory_error(bursar_room *room, int status);
int bursar_lua_pcall(lua_State *L);
int bursar_lua_guard(lua_State *L);
int bursar_lua_resume(lua_State *L);
int bursar_lua_close(lua_State *L);

// Leaves the running function for good when the room is stopped: what every long loop in C looks at. Nothing that only the C
// stack knows of may need to be given back.
static inline void bursar_look_at_stop(lua_State *L) {
    if (bursar_room_of(L)->stop != BURSAR_STOP_NONE) bursar_leave(L);
}

// place.c
bool bursar_where(lua_State *L, int level, char *text, size_t size);
void bursar_push_traceback(lua_State *L, int level);

// patterns.c, repeat.c, format.c, tables.c
int bursar_lua_find(lua_State *L);
int bursar_lua_match(lua_State *L);
int bursar_lua_gmatch(lua_State *L);
int bursar_lua_gsub(lua_State *L);
int bursar_lua_rep(lua_State *L);
int bursar_lua_format(lua_State *L);  // upvalues: Lua's own, the core table
int bursar_lua_insert(lua_State *L);
int bursar_lua_remove(lua_State *L);
int bursar_lua_move(lua_State *L);
int bursar_lua_concat(lua_State *L);

// encode.c, decode.c, order.c, values.c, libraries.c
int bursar_lua_encode(lua_State *L);
size_t bursar_plain_length(const unsigned char *at, size_t left);
size_t bursar_utf8_length(const unsigned char *at, size_t left);
int bursar_spell(double number, char *text, size_t size);
void bursar_push_decoded(lua_State *L, bursar_text json);
int bursar_lua_decode(lua_State *L);
int bursar_lua_sort(lua_State *L);
int bursar_lua_keys(lua_State *L);
int bursar_lua_opaque(lua_State *L);
int bursar_lua_peek(lua_State *L);
int bursar_lua_type(lua_State *L);
void bursar_push_core(lua_State *L);
void bursar_hide_collector(lua_State *L);

// sort.c: texts on the stack, by their bytes
typedef struct {
    const char *bytes;
    size_t length;
    uint64_t head;  // the first eight bytes, as a number that sorts like them
    int index;
} bursar_name;
void bursar_read_name(lua_State *L, int index, bursar_name *name);
void bursar_sort_names(bursar_name *names, size_t count);

// tailcalls.c
bool bursar_keep_frames(lua_State *L);

#endif
