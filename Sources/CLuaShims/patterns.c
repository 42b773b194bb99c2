#define _GNU_SOURCE  // memmem
// string.find, match, gmatch and gsub. Same results as Lua's; see matcher.c for why they are ours.
#include "matcher.h"

#include <ctype.h>
#include <string.h>

// Plain text is searched in pieces of this many bytes, with a look at the stop between them.
enum { PIECE = 1 << 20 };

static bursar_matcher matcher(lua_State *L, const char *subject, size_t length, const char *pattern, size_t pattern_length) {
    return (bursar_matcher){.L = L, .room = bursar_room_of(L), .subject = subject, .subject_end = subject + length,
                            .pattern_end = pattern + pattern_length};
}

// Pushes capture `index`, or the whole match from `from` to `to` when the pattern has no captures and `index` is 0.
static void push_capture(bursar_matcher *m, int index, const char *from, const char *to) {
    if (index >= m->count) {
        if (index != 0) luaL_error(m->L, "invalid capture index %%%d", index + 1);
        lua_pushlstring(m->L, from, (size_t)(to - from));
        return;
    }
    const bursar_capture *capture = &m->captures[index];
    if (capture->length == BURSAR_CAPTURE_OPEN) luaL_error(m->L, "unfinished capture");
    if (capture->length == BURSAR_CAPTURE_PLACE)
        lua_pushinteger(m->L, capture->start - m->subject + 1);
    else
        lua_pushlstring(m->L, capture->start, (size_t)capture->length);
}

// All captures; with none, the whole match if there is a `from`.
static int push_captures(bursar_matcher *m, const char *from, const char *to) {
    int count = m->count == 0 && from != NULL ? 1 : m->count;
    luaL_checkstack(m->L, count, "too many captures");
    for (int i = 0; i < count; i++) push_capture(m, i, from, to);
    return count;
}

// The optional argument that says where to begin, as an offset; beyond the end it is one more than the length.
static size_t start_offset(lua_State *L, int argument, size_t length) {
    lua_Integer place = luaL_optinteger(L, argument, 1);
    if (place > 0) return (size_t)place - 1 > length ? length + 1 : (size_t)place - 1;
    if (place == 0 || place < -(lua_Integer)length) return 0;
    return length - (size_t)(-place);
}

static bool has_no_specials(const char *pattern, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (pattern[i] != 0 && strchr("^$*+?.([%-", pattern[i]) != NULL) return false;
    return true;
}

static const char *find_plain(lua_State *L, const char *text, size_t length, const char *wanted, size_t wanted_length) {
    size_t piece = wanted_length > PIECE ? wanted_length : PIECE;
    while (length >= wanted_length) {
        size_t window = length - wanted_length < piece ? length : piece + wanted_length;
        const char *found = memmem(text, window, wanted, wanted_length);
        if (found != NULL || window == length) return found;
        bursar_look_at_stop(L);
        text += piece + 1;  // the places 0 to `piece` have been tried
        length -= piece + 1;
    }
    return NULL;
}

static int find_or_match(lua_State *L, bool find) {
    size_t length, pattern_length;
    const char *subject = luaL_checklstring(L, 1, &length);
    const char *pattern = luaL_checklstring(L, 2, &pattern_length);
    size_t offset = start_offset(L, 3, length);
    if (offset > length) {
        lua_pushnil(L);
        return 1;
    }
    if (find && (lua_toboolean(L, 4) || has_no_specials(pattern, pattern_length))) {
        const char *found = find_plain(L, subject + offset, length - offset, pattern, pattern_length);
        if (found == NULL) {
            lua_pushnil(L);
            return 1;
        }
        lua_pushinteger(L, found - subject + 1);
        lua_pushinteger(L, found - subject + (lua_Integer)pattern_length);
        return 2;
    }
    bursar_matcher m = matcher(L, subject, length, pattern, pattern_length);
    bool anchored = *pattern == '^';
    if (anchored) pattern++;
    const char *at = subject + offset;
    do {
        const char *end = bursar_match_at(&m, at, pattern);
        if (end == NULL) continue;
        if (!find) return push_captures(&m, at, end);
        lua_pushinteger(L, at - subject + 1);
        lua_pushinteger(L, end - subject);
        return push_captures(&m, NULL, NULL) + 2;
    } while (at++ < m.subject_end && !anchored);
    lua_pushnil(L);
    return 1;
}

int bursar_lua_find(lua_State *L) { return find_or_match(L, true); }

int bursar_lua_match(lua_State *L) { return find_or_match(L, false); }

// gmatch's step keeps what it needs as upvalues: subject, pattern, offset to go on from, end of the last match (-1: none).
enum { SUBJECT = 1, PATTERN = 2, OFFSET = 3, LAST_END = 4 };

static int gmatch_step(lua_State *L) {
    size_t length, pattern_length;
    const char *subject = lua_tolstring(L, lua_upvalueindex(SUBJECT), &length);
    const char *pattern = lua_tolstring(L, lua_upvalueindex(PATTERN), &pattern_length);
    size_t offset = (size_t)lua_tointeger(L, lua_upvalueindex(OFFSET));
    lua_Integer last_end = lua_tointeger(L, lua_upvalueindex(LAST_END));
    bursar_matcher m = matcher(L, subject, length, pattern, pattern_length);
    for (; offset <= length; offset++) {
        const char *at = subject + offset, *end = bursar_match_at(&m, at, pattern);
        if (end == NULL || end - subject == last_end) continue;
        lua_pushinteger(L, end - subject);
        lua_pushvalue(L, -1);
        lua_replace(L, lua_upvalueindex(OFFSET));
        lua_replace(L, lua_upvalueindex(LAST_END));
        return push_captures(&m, at, end);
    }
    return 0;
}

int bursar_lua_gmatch(lua_State *L) {
    size_t length;
    luaL_checklstring(L, 1, &length);
    luaL_checkstring(L, 2);
    lua_Integer offset = (lua_Integer)start_offset(L, 3, length);
    lua_settop(L, 2);
    lua_pushinteger(L, offset);
    lua_pushinteger(L, -1);
    lua_pushcclosure(L, gmatch_step, 4);
    return 1;
}

// Adds the replacement text of argument 3: %0 to %9 are captures, %% is a percent sign.
static void add_text(bursar_matcher *m, luaL_Buffer *out, const char *from, const char *to) {
    lua_State *L = m->L;
    size_t length;
    const char *text = lua_tolstring(L, 3, &length), *end = text + length, *percent;
    while ((percent = memchr(text, '%', (size_t)(end - text))) != NULL) {
        bursar_look_at_stop(L);
        luaL_addlstring(out, text, (size_t)(percent - text));
        unsigned char next = (unsigned char)percent[1];  // the NUL behind the text, at its end
        if (next == '%')
            luaL_addchar(out, '%');
        else if (next == '0')
            luaL_addlstring(out, from, (size_t)(to - from));
        else if (isdigit(next)) {
            push_capture(m, next - '1', from, to);
            luaL_tolstring(L, -1, NULL);  // a place is a number
            lua_remove(L, -2);
            luaL_addvalue(out);
        } else
            luaL_error(L, "invalid use of '%%' in replacement string");
        text = percent + 2;
    }
    luaL_addlstring(out, text, (size_t)(end - text));
}

// Adds what replaces one match. False when the match stays as it is.
static bool add_replacement(bursar_matcher *m, luaL_Buffer *out, const char *from, const char *to, int kind) {
    lua_State *L = m->L;
    switch (kind) {
        case LUA_TFUNCTION: {
            lua_pushvalue(L, 3);
            int count = push_captures(m, from, to);
            lua_call(L, count, 1);
            break;
        }
        case LUA_TTABLE:
            push_capture(m, 0, from, to);
            lua_gettable(L, 3);
            break;
        default: add_text(m, out, from, to); return true;
    }
    if (!lua_toboolean(L, -1)) {
        lua_settop(L, -2);
        luaL_addlstring(out, from, (size_t)(to - from));
        return false;
    }
    if (!lua_isstring(L, -1)) luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    luaL_addvalue(out);
    return true;
}

int bursar_lua_gsub(lua_State *L) {
    size_t length, pattern_length;
    const char *at = luaL_checklstring(L, 1, &length);
    const char *pattern = luaL_checklstring(L, 2, &pattern_length);
    int kind = lua_type(L, 3);
    lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)length + 1);
    luaL_argexpected(
        L, kind == LUA_TNUMBER || kind == LUA_TSTRING || kind == LUA_TFUNCTION || kind == LUA_TTABLE, 3,
        "string/function/table");
    bursar_matcher m = matcher(L, at, length, pattern, pattern_length);
    bool anchored = *pattern == '^';
    if (anchored) pattern++;
    if (kind == LUA_TNUMBER) lua_tolstring(L, 3, NULL);  // in place, before the buffer takes the top of the stack
    bool changed = false;
    const char *last_end = NULL;
    lua_Integer count = 0;
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    while (count < most) {
        bursar_look_at_stop(L);
        const char *end = bursar_match_at(&m, at, pattern);
        if (end != NULL && end != last_end) {
            count++;
            if (add_replacement(&m, &out, at, end, kind)) changed = true;
            at = last_end = end;
        } else if (at < m.subject_end) {
            luaL_addchar(&out, *at++);
        } else {
            break;
        }
        if (anchored) break;
    }
    if (changed) {
        luaL_addlstring(&out, at, (size_t)(m.subject_end - at));
        luaL_pushresult(&out);
    } else {
        lua_pushvalue(L, 1);
    }
    lua_pushinteger(L, count);
    return 2;
}
