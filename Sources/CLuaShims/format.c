// string.format without addresses, which differ from run to run: %s shows what our tostring shows, and %p is refused.
#include "room.h"

#include <string.h>

// Upvalues: Lua's own format, and the core table, whose tostring the prelude replaces.
enum { BASE = 1, CORE = 2 };

static bool has_pointer(const char *text, const char *end) {
    while ((text = memchr(text, '%', (size_t)(end - text))) != NULL) {
        text++;
        text += strspn(text, "-+ #0123456789.");
        if (text >= end) return false;
        if (*text++ == 'p') return true;
    }
    return false;
}

int bursar_lua_format(lua_State *L) {
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    if (has_pointer(text, text + length))
        return luaL_error(L, "string.format has no %%p in a Bursar script: addresses differ from run to run");
    int count = lua_gettop(L);
    for (int i = 2; i <= count; i++) {
        if (lua_type(L, i) <= LUA_TBOOLEAN || lua_type(L, i) == LUA_TNUMBER || lua_type(L, i) == LUA_TSTRING) continue;
        lua_getfield(L, lua_upvalueindex(CORE), "tostring");
        lua_pushvalue(L, i);
        lua_call(L, 1, 1);
        lua_replace(L, i);
    }
    // Called from here and not by Lua, so that its errors are those of this function.
    return lua_tocfunction(L, lua_upvalueindex(BASE))(L);
}
