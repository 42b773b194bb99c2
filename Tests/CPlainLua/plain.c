#include "CPlainLua.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    char *bytes;
    size_t length;
} text;

static void put(text *out, const char *bytes, size_t length) {
    char *grown = realloc(out->bytes, out->length + length + 1);
    if (grown == NULL) abort();
    memcpy(grown + out->length, bytes, length);
    out->bytes = grown;
    out->length += length;
    grown[out->length] = 0;
}

static int collect(lua_State *L) {
    text *out = lua_touserdata(L, lua_upvalueindex(1));
    int count = lua_gettop(L);
    for (int i = 1; i <= count; i++) {
        size_t length;
        const char *bytes = luaL_tolstring(L, i, &length);
        if (i > 1) put(out, "\t", 1);
        put(out, bytes, length);
        lua_pop(L, 1);
    }
    put(out, "\n", 1);
    return 0;
}

char *plain_lua_run(const char *source, const char *name) {
    text out = {NULL, 0};
    lua_State *L = luaL_newstate();
    if (L == NULL) return NULL;
    luaL_openlibs(L);
    lua_pushlightuserdata(L, &out);
    lua_pushcclosure(L, collect, 1);
    lua_setglobal(L, "print");
    if (luaL_loadbufferx(L, source, strlen(source), name, "t") != LUA_OK || lua_pcall(L, 0, 0, 0) != LUA_OK) {
        size_t length;
        const char *bytes = luaL_tolstring(L, -1, &length);
        put(&out, bytes, length);
    }
    lua_close(L);
    if (out.bytes == NULL) put(&out, "", 0);
    return out.bytes;
}
