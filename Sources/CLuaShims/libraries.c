// What the prelude is given: an allow list of Lua's functions and ours. Everything else is never opened, or is gone
// before the first line of the prelude runs.
#include "room.h"

#include <string.h>

const char bursar_token = 0, bursar_null = 0, bursar_array_metatable = 0, bursar_money_metatable = 0;

// opaque(metatable, a, b, c): a value the script cannot look into.
int bursar_lua_opaque(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 4);
    lua_newuserdatauv(L, 0, 3);
    for (int i = 3; i >= 1; i--) {
        lua_pushvalue(L, i + 1);
        lua_setiuservalue(L, -2, i);
    }
    lua_pushvalue(L, 1);
    lua_setmetatable(L, -2);
    return 1;
}

// peek(value, metatable) -> a, b, c | nothing, when the value is not an opaque one with that metatable.
int bursar_lua_peek(lua_State *L) {
    if (lua_type(L, 1) != LUA_TUSERDATA || !lua_getmetatable(L, 1) || !lua_rawequal(L, -1, 2)) return 0;
    for (int i = 1; i <= 3; i++) lua_getiuservalue(L, 1, i);
    return 3;
}

// type(value): Lua's names, and "null", "money", "source", "iterator" for values of ours.
int bursar_lua_type(lua_State *L) {
    int type = lua_type(L, 1);
    luaL_argcheck(L, type != LUA_TNONE, 1, "value expected");
    if (type == LUA_TUSERDATA && luaL_getmetafield(L, 1, "__name") == LUA_TSTRING) return 1;
    lua_pushstring(L, type == LUA_TLIGHTUSERDATA ? "null" : lua_typename(L, type));
    return 1;
}

// The compiler is given its text in pieces of this many bytes.
enum { LOADED_PIECE = 512 };

// Some texts take the compiler a time that grows with the square of their length: it is stopped between two pieces.
static const char *read_piece(lua_State *L, void *data, size_t *size) {
    bursar_text *rest = data;
    bursar_look_at_stop(L);
    const char *piece = rest->bytes;
    *size = rest->length < LOADED_PIECE ? rest->length : LOADED_PIECE;
    rest->bytes += *size;
    rest->length -= *size;
    return piece;
}

// load(text, name, environment) -> function | nil, message. Text only: crafted bytecode can crash the interpreter.
static int load_text(lua_State *L) {
    bursar_text rest;
    rest.bytes = luaL_checklstring(L, 1, &rest.length);
    const char *name = luaL_checkstring(L, 2);
    luaL_checkany(L, 3);
    int status = lua_load(L, read_piece, &rest, name, "t");
    bursar_look_at_stop(L);                                    // within the compiler that was an error, here it is the end
    if (status == LUA_ERRMEM) return bursar_out_of_memory(L);  // it comes as a result, which a script could pass over
    if (status != LUA_OK) {
        if (lua_istable(L, -1)) lua_rawgeti(L, -1, 1);  // the handler of `guard` was there first
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2;
    }
    if (!bursar_keep_frames(L)) {
        lua_pushnil(L);
        lua_pushfstring(L, "%s:1: an expression goes through more than 200 fields in a row; use local variables", name + 1);
        return 2;
    }
    lua_pushvalue(L, 3);
    lua_setupvalue(L, -2, 1);
    return 1;
}

// where() -> "refunds.lua:12" | nil
static int where(lua_State *L) {
    char text[160];
    if (!bursar_where(L, 1, text, sizeof text)) return 0;
    lua_pushstring(L, text);
    return 1;
}

// task() -> the number the running task's requests carry
static int task(lua_State *L) {
    lua_pushinteger(L, bursar_room_of(L)->task);
    return 1;
}

// this_task() -> the running task's coroutine, also from within a coroutine of the script's own
static int this_task(lua_State *L) {
    lua_State *thread = bursar_room_of(L)->task_thread;
    luaL_checkstack(thread, 1, NULL);
    lua_pushthread(thread);
    lua_xmove(thread, L, 1);
    return 1;
}

// metafield(value, name) -> the raw field of its metatable | nil
static int metafield(lua_State *L) {
    lua_settop(L, 2);
    return luaL_getmetafield(L, 1, luaL_checkstring(L, 2)) == LUA_TNIL ? 0 : 1;
}

// string_methods(table): what ("x"):name() finds.
static int string_methods(lua_State *L) {
    lua_pushliteral(L, "");
    lua_createtable(L, 0, 2);
    lua_pushvalue(L, 1);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    return 0;
}

static void copy_names(lua_State *L, const char *const *names) {
    for (; *names != NULL; names++) {
        lua_getfield(L, -2, *names);
        lua_setfield(L, -2, *names);
    }
}

static const luaL_Reg our_string[] = {{"find", bursar_lua_find}, {"match", bursar_lua_match}, {"gmatch", bursar_lua_gmatch},
                                      {"gsub", bursar_lua_gsub}, {"rep", bursar_lua_rep},     {NULL, NULL}};
static const luaL_Reg our_table[] = {{"insert", bursar_lua_insert}, {"remove", bursar_lua_remove}, {"move", bursar_lua_move},
                                     {"concat", bursar_lua_concat}, {NULL, NULL}};

// Puts ours in the place of the functions of a library that could run away.
static void put_ours(lua_State *L, const char *name, const luaL_Reg *functions) {
    lua_getfield(L, -1, name);
    luaL_setfuncs(L, functions, 0);
    lua_settop(L, -2);
}

// Opens a library, keeps the listed names in a table named like it in the core table below, and lets the rest go.
static void add_library(lua_State *L, const char *name, lua_CFunction open, const char *const *names) {
    lua_pushcfunction(L, open);
    lua_pushstring(L, name);
    lua_call(L, 1, 1);
    lua_newtable(L);
    copy_names(L, names);
    lua_setfield(L, -3, name);
    lua_settop(L, -2);
}

static const char *const base_names[] = {"assert", "error",  "getmetatable", "ipairs",   "next",         "rawequal", "rawget",
                                         "rawlen", "rawset", "select",       "tonumber", "setmetatable", "tostring", NULL};
static const char *const math_names[] = {"abs", "acos", "asin", "atan",       "ceil", "cos",        "deg",  "exp", "floor",
                                         "fmod", "huge", "log", "max",        "maxinteger", "min",  "mininteger", "modf", "pi",
                                         "rad", "sin",  "sqrt", "tan",        "tointeger", "type",  "ult",  NULL};
static const char *const string_names[] = {"byte", "char",    "format", "len",    "lower", "pack",
                                           "packsize", "reverse", "sub", "unpack", "upper", NULL};
static const char *const table_names[] = {"pack", "unpack", NULL};
static const char *const utf8_names[] = {"char", "charpattern", "codepoint", "codes", "len", "offset", NULL};
static const char *const coroutine_names[] = {"create", "isyieldable", "running", "status", "yield", NULL};

static const luaL_Reg ours[] = {
    {"decode", bursar_lua_decode}, {"encode", bursar_lua_encode}, {"guard", bursar_lua_guard},   {"keys", bursar_lua_keys},
    {"load", load_text},             {"opaque", bursar_lua_opaque},
    {"pcall", bursar_lua_pcall},   {"peek", bursar_lua_peek},     {"resume", bursar_lua_resume},
    {"close", bursar_lua_close},   {"sort", bursar_lua_sort},     {"string_methods", string_methods},
    {"task", task},                {"type", bursar_lua_type},     {"where", where},
    {"this_task", this_task},      {"metafield", metafield},      {NULL, NULL},
};

// Names for errors about arguments of functions that were called without one, by pcall say: where Lua looks for them.
static void name_functions(lua_State *L) {
    static const char *const libraries[] = {"string", "table", "math", "utf8", "coroutine", NULL};
    lua_newtable(L);
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, LUA_GNAME);
    for (const char *const *name = libraries; *name != NULL; name++) {
        lua_getfield(L, -2, *name);
        lua_setfield(L, -2, *name);
    }
    lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
}

// A weak table tells when memory was collected, and a finalizer runs then: both differ from run to run. Lua looks for the fields
// "__mode" and "__gc" by the identity of two texts that it made at its start. These are respelt here, so that no text of a
// script is one of them, whatever it writes and when; metatables that had the fields before keep them.
void bursar_hide_collector(lua_State *L) {
    luaL_Buffer box;  // the metatable of long buffers is made with the first of them, and needs its __gc
    luaL_buffinitsize(L, &box, 2 * LUAL_BUFFERSIZE);
    luaL_pushresultsize(&box, 0);
    static const char *const names[] = {"__mode", "__gc"};
    for (size_t i = 0; i < 2; i++) {
        lua_pushstring(L, names[i]);
        // Within memory that Lua had from our allocator. Length, hash and place in the table of texts stay as they are, which
        // is why a new text of the old spelling does not find it.
        char *bytes = (char *)lua_tolstring(L, -1, NULL);
        bytes[0] = bytes[1] = ' ';
        lua_settop(L, -2);
    }
    lua_settop(L, -2);
}

// Pushes the core table and leaves the state's globals empty. Raises on memory.
void bursar_push_core(lua_State *L) {
    lua_newtable(L);
    lua_pushcfunction(L, luaopen_base);
    lua_call(L, 0, 1);
    lua_pushvalue(L, -2);
    copy_names(L, base_names);
    lua_settop(L, -3);
    lua_newtable(L);
    lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    add_library(L, "math", luaopen_math, math_names);
    add_library(L, "string", luaopen_string, string_names);
    add_library(L, "table", luaopen_table, table_names);
    add_library(L, "utf8", luaopen_utf8, utf8_names);
    add_library(L, "coroutine", luaopen_coroutine, coroutine_names);
    put_ours(L, "string", our_string);
    lua_getfield(L, -1, "string");
    lua_getfield(L, -1, "format");
    lua_pushvalue(L, -3);
    lua_pushcclosure(L, bursar_lua_format, 2);
    lua_setfield(L, -2, "format");
    lua_settop(L, -2);
    put_ours(L, "table", our_table);
    luaL_setfuncs(L, ours, 0);
    name_functions(L);

    lua_pushlightuserdata(L, (void *)&bursar_null);
    lua_setfield(L, -2, "null");
    lua_pushlightuserdata(L, (void *)&bursar_token);
    lua_setfield(L, -2, "token");
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &bursar_array_metatable);
    lua_setfield(L, -2, "array_metatable");
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &bursar_money_metatable);
    lua_setfield(L, -2, "money_metatable");
}
