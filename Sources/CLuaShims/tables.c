// table.insert, remove, move and concat. Same results as Lua's, except that they look at the room's stop, and that a range of
// more elements than a table can have (a `__len` that lies, an end given as math.maxinteger) is refused before the first.
#include "room.h"

// Whether the metatable of an argument that is no table has the fields that make it work as one.
static bool acts_as_table(lua_State *L, int index, const char *const *fields) {
    if (!lua_getmetatable(L, index)) return false;
    bool all = true;
    for (; *fields != NULL; fields++) {
        lua_pushstring(L, *fields);
        if (lua_rawget(L, -2) == LUA_TNIL) all = false;
        lua_settop(L, -2);
    }
    lua_settop(L, -2);
    return all;
}

static const char *const reads[] = {"__index", NULL}, *const writes[] = {"__newindex", NULL};
static const char *const reads_length[] = {"__index", "__len", NULL};
static const char *const reads_writes_length[] = {"__index", "__newindex", "__len", NULL};

static void check_table(lua_State *L, int index, const char *const *fields) {
    if (lua_type(L, index) != LUA_TTABLE && !acts_as_table(L, index, fields)) luaL_checktype(L, index, LUA_TTABLE);
}

static void check_count(lua_State *L, int argument, lua_Unsigned count) {
    if (count <= BURSAR_MAX_ELEMENTS) return;
    LUAI_UACINT shown = (LUAI_UACINT)(count > LUA_MAXINTEGER ? LUA_MAXINTEGER : count);
    luaL_argerror(L, argument, lua_pushfstring(L, "%I elements are too many; the most is %d", shown, BURSAR_MAX_ELEMENTS));
}

// to[to_place] = from[from_place]
static void copy_element(lua_State *L, int from, lua_Integer from_place, int to, lua_Integer to_place) {
    bursar_look_at_stop(L);
    lua_geti(L, from, from_place);
    lua_seti(L, to, to_place);
}

int bursar_lua_insert(lua_State *L) {
    check_table(L, 1, reads_writes_length);
    lua_Integer end = (lua_Integer)((lua_Unsigned)luaL_len(L, 1) + 1), place = end;
    switch (lua_gettop(L)) {
        case 2: break;
        case 3:
            place = luaL_checkinteger(L, 2);
            luaL_argcheck(L, (lua_Unsigned)place - 1 < (lua_Unsigned)end, 2, "position out of bounds");
            if (place < end) check_count(L, 1, (lua_Unsigned)end - (lua_Unsigned)place);
            for (lua_Integer i = end; i > place; i--) copy_element(L, 1, i - 1, 1, i);
            break;
        default: return luaL_error(L, "wrong number of arguments to 'insert'");
    }
    lua_seti(L, 1, place);
    return 0;
}

int bursar_lua_remove(lua_State *L) {
    check_table(L, 1, reads_writes_length);
    lua_Integer length = luaL_len(L, 1), place = luaL_optinteger(L, 2, length);
    if (place != length)
        luaL_argcheck(L, (lua_Unsigned)place - 1 <= (lua_Unsigned)length, 2, "position out of bounds");
    if (place < length) check_count(L, 1, (lua_Unsigned)length - (lua_Unsigned)place);
    lua_geti(L, 1, place);
    for (; place < length; place++) copy_element(L, 1, place + 1, 1, place);
    lua_pushnil(L);
    lua_seti(L, 1, place);
    return 1;
}

int bursar_lua_move(lua_State *L) {
    lua_Integer first = luaL_checkinteger(L, 2), last = luaL_checkinteger(L, 3), to = luaL_checkinteger(L, 4);
    int target = lua_isnoneornil(L, 5) ? 1 : 5;
    check_table(L, 1, reads);
    check_table(L, target, writes);
    if (last >= first) {
        luaL_argcheck(L, first > 0 || last < LUA_MAXINTEGER + first, 3, "too many elements to move");
        lua_Integer count = last - first + 1;
        luaL_argcheck(L, to <= LUA_MAXINTEGER - count + 1, 4, "destination wrap around");
        check_count(L, 3, (lua_Unsigned)count);
        // Within one table, elements that are yet to be moved must not be overwritten.
        bool forward = to > last || to <= first || (target != 1 && !lua_compare(L, 1, target, LUA_OPEQ));
        for (lua_Integer i = 0; i < count; i++) {
            lua_Integer offset = forward ? i : count - 1 - i;
            copy_element(L, 1, first + offset, target, to + offset);
        }
    }
    lua_pushvalue(L, target);
    return 1;
}

static void add_element(lua_State *L, luaL_Buffer *out, lua_Integer place) {
    bursar_look_at_stop(L);
    lua_geti(L, 1, place);
    if (!lua_isstring(L, -1))
        luaL_error(L, "invalid value (%s) at index %I in table for 'concat'", luaL_typename(L, -1), (LUAI_UACINT)place);
    luaL_addvalue(out);
}

int bursar_lua_concat(lua_State *L) {
    check_table(L, 1, reads_length);
    lua_Integer length = luaL_len(L, 1);
    size_t separator_length;
    const char *separator = luaL_optlstring(L, 2, "", &separator_length);
    lua_Integer first = luaL_optinteger(L, 3, 1), last = luaL_optinteger(L, 4, length);
    if (first <= last) check_count(L, 1, (lua_Unsigned)last - (lua_Unsigned)first);
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    for (lua_Integer i = first; i <= last; i++) {
        if (i > first) luaL_addlstring(&out, separator, separator_length);
        add_element(L, &out, i);
        if (i == last) break;  // the last may be the last of all integers
    }
    luaL_pushresult(&out);
    return 1;
}
