// Order that does not depend on the machine: a stable sort (Lua's own picks pivots by the clock), and a table's keys
// as a sorted list (Lua's own order depends on a random seed and on addresses).
#include "room.h"

#include <string.h>

// Whether the element at `left` sorts before the one at `right`; both are stack indices. Raises what `<` or the
// comparator raises.
typedef bool less(lua_State *L, int left, int right);

// Sorts the list at `list` into the list at `out`, both tables of `count` elements, by merging runs of growing length.
static void merge_sort(lua_State *L, int list, int out, lua_Integer count, less *before) {
    int from = list, to = out;
    for (lua_Integer width = 1; width < count; width *= 2) {
        for (lua_Integer start = 1; start <= count; start += 2 * width) {
            lua_Integer left = start, middle = start + width, right = middle;
            lua_Integer end = middle + width > count + 1 ? count + 1 : middle + width;
            if (middle > count + 1) middle = right = count + 1;
            for (lua_Integer place = start; place < end; place++) {
                bursar_look_at_stop(L);
                bool take_right = left == middle;
                if (left < middle && right < end) {
                    lua_rawgeti(L, from, right);
                    lua_rawgeti(L, from, left);
                    take_right = before(L, lua_gettop(L) - 1, lua_gettop(L));
                    lua_settop(L, -3);
                }
                lua_rawgeti(L, from, take_right ? right++ : left++);
                lua_rawseti(L, to, place);
            }
        }
        int swapped = from;
        from = to;
        to = swapped;
    }
    if (from != out)
        for (lua_Integer place = 1; place <= count; place++) {
            lua_rawgeti(L, from, place);
            lua_rawseti(L, out, place);
        }
}

static bool script_less(lua_State *L, int left, int right) {
    if (lua_isnil(L, 2)) return lua_compare(L, left, right, LUA_OPLT);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, left);
    lua_pushvalue(L, right);
    lua_call(L, 2, 1);
    bool answer = lua_toboolean(L, -1);
    lua_settop(L, -2);
    return answer;
}

// sort(list, comparator or nil): stable. The list is not touched when the comparator raises.
int bursar_lua_sort(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    lua_Integer count = luaL_len(L, 1);
    luaL_argcheck(L, count <= BURSAR_MAX_ELEMENTS, 1, "too many elements to sort");
    if (count < 2) return 0;
    lua_createtable(L, (int)count, 0);
    lua_createtable(L, (int)count, 0);
    for (lua_Integer place = 1; place <= count; place++) {
        bursar_look_at_stop(L);
        lua_geti(L, 1, place);
        if (lua_isnil(L, -1)) return luaL_error(L, "the list has a hole at %d", (int)place);
        lua_rawseti(L, 3, place);
    }
    merge_sort(L, 3, 4, count, script_less);
    for (lua_Integer place = 1; place <= count; place++) {
        lua_rawgeti(L, 4, place);
        lua_seti(L, 1, place);
    }
    return 0;
}

// Numbers, then texts, then booleans.
static int key_class(int type) { return type == LUA_TNUMBER ? 0 : type == LUA_TSTRING ? 1 : type == LUA_TBOOLEAN ? 2 : 3; }

static bool key_less(lua_State *L, int left, int right) {
    int a = lua_type(L, left), b = lua_type(L, right);
    if (a != b || key_class(a) == 3) return key_class(a) < key_class(b);
    if (a == LUA_TNUMBER) return lua_compare(L, left, right, LUA_OPLT);
    if (a == LUA_TBOOLEAN) return lua_toboolean(L, left) < lua_toboolean(L, right);
    size_t left_length, right_length;
    const char *x = lua_tolstring(L, left, &left_length), *y = lua_tolstring(L, right, &right_length);
    int order = memcmp(x, y, left_length < right_length ? left_length : right_length);
    return order != 0 ? order < 0 : left_length < right_length;
}

// The common table, one with a few names, without the machinery below. Leaves the sorted list on top, or nothing.
static bool push_few_names(lua_State *L) {
    enum { FEW = 64 };
    bursar_name names[FEW];
    int count = 0;
    luaL_checkstack(L, FEW + 8, NULL);
    int base = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        lua_settop(L, -2);
        if (lua_type(L, -1) != LUA_TSTRING || count == FEW) {
            lua_settop(L, base);
            return false;
        }
        bursar_read_name(L, lua_gettop(L), &names[count++]);
        lua_pushvalue(L, -1);
    }
    bursar_sort_names(names, (size_t)count);
    lua_createtable(L, count, 0);
    for (int i = 0; i < count; i++) {
        lua_pushvalue(L, names[i].index);
        lua_rawseti(L, -2, i + 1);
    }
    return true;
}

// keys(table) -> its keys in order | nil when two keys have no order (tables, functions, coroutines).
int bursar_lua_keys(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    if (push_few_names(L)) return 1;
    lua_newtable(L);
    lua_Integer count = 0;
    int unordered = 0;
    bool sorted = true;
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        bursar_look_at_stop(L);
        lua_settop(L, -2);
        if (key_class(lua_type(L, -1)) == 3 && ++unordered > 1) {
            lua_pushnil(L);
            return 1;
        }
        if (sorted && count > 0) {
            lua_rawgeti(L, 2, count);
            sorted = !key_less(L, lua_gettop(L) - 1, lua_gettop(L));
            lua_settop(L, -2);
        }
        lua_pushvalue(L, -1);
        lua_rawseti(L, 2, ++count);
    }
    if (sorted) return 1;
    lua_createtable(L, (int)(count <= BURSAR_MAX_ELEMENTS ? count : 0), 0);
    merge_sort(L, 2, 3, count, key_less);
    return 1;
}
