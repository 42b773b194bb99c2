// Where the script is: its own lines only. Frames of C and of the prelude are passed over.
#include "room.h"

#include <stdio.h>
#include <string.h>

// The longest traceback, in lines.
#define TRACEBACK_LINES 24

static bool is_script_frame(lua_State *L, lua_Debug *frame) {
    return lua_getinfo(L, "Sl", frame) && frame->currentline > 0 && strcmp(frame->source, BURSAR_PRELUDE) != 0;
}

// Writes "refunds.lua:12" for the first script frame at `level` or above; where there is none the text stays as it was.
// Allocates nothing and raises nothing.
bool bursar_where(lua_State *L, int level, char *text, size_t size) {
    lua_Debug frame;
    for (; lua_getstack(L, level, &frame); level++) {
        if (!is_script_frame(L, &frame)) continue;
        snprintf(text, size, "%s:%d", frame.short_src, frame.currentline);
        return true;
    }
    return false;
}

// Pushes a list of lines, innermost first. Raises on memory. A function's name is whatever field it was called by, any text.
void bursar_push_traceback(lua_State *L, int level) {
    lua_Debug frame;
    int line = 0;
    luaL_checkstack(L, 4, NULL);
    lua_newtable(L);
    for (; line < TRACEBACK_LINES && lua_getstack(L, level, &frame); level++) {
        if (!is_script_frame(L, &frame)) continue;
        lua_getinfo(L, "n", &frame);
        char text[sizeof frame.short_src + 128];
        int length = snprintf(text, sizeof text, "%s:%d: in ", frame.short_src, frame.currentline);
        char *rest = text + length;
        size_t room = sizeof text - (size_t)length;
        if (strcmp(frame.what, "main") == 0)
            snprintf(rest, room, "the main chunk");
        else if (frame.name != NULL)
            snprintf(rest, room, "function '%.60s'", frame.name);
        else
            snprintf(rest, room, "the function at line %d", frame.linedefined);
        lua_pushstring(L, text);
        lua_rawseti(L, -2, ++line);
    }
}
