// string.rep: Lua's result, in as many steps as doubling takes. (Lua's own goes round once for each repetition, also when there
// is nothing to repeat.)
#include "room.h"

#include <string.h>

int bursar_lua_rep(lua_State *L) {
    size_t length, separator_length;
    const char *text = luaL_checklstring(L, 1, &length);
    lua_Integer count = luaL_checkinteger(L, 2);
    const char *separator = luaL_optlstring(L, 3, "", &separator_length);
    size_t unit = length + separator_length;
    if (count <= 0 || unit == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    if (unit < length || unit > (size_t)(LUA_MAXINTEGER / count)) return luaL_error(L, "resulting string too large");
    size_t total = (size_t)count * unit - separator_length;
    luaL_Buffer out;
    char *bytes = luaL_buffinitsize(L, &out, total);
    memcpy(bytes, text, length);
    size_t filled = length;
    if (count > 1) {
        memcpy(bytes + length, separator, separator_length);
        filled = unit;
    }
    while (filled < total) {
        size_t more = filled < total - filled ? filled : total - filled;
        memcpy(bytes + filled, bytes, more);
        filled += more;
    }
    luaL_pushresultsize(&out, total);
    return 1;
}
