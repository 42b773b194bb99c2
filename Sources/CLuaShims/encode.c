// A Lua value as JSON text: raw access only, keys sorted by bytes, integers exact, floats always recognisable as
// floats. What JSON cannot say exactly is refused, with the path to it.
#include "room.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    lua_State *L;
    bursar_room *room;
    // Why the value cannot be written; null with `out_of_memory`, or when the room was stopped meanwhile.
    const char *problem;
    bool out_of_memory;
    bool for_others;  // a text of the script's own, not one for the host
    const void *ancestors[BURSAR_MAX_DEPTH];
    int depth;
    // The path grows from its end, while the recursion unwinds.
    char path[512];
    size_t path_start;
} encoder;

static bool put_slowly(encoder *e, const char *bytes, size_t length) {
    if (e->room->scratch_length + length > BURSAR_MAX_VALUE) {
        e->problem = "makes the value larger than 16 MiB";
        return false;
    }
    if (bursar_scratch_put(e->room, bytes, length)) return true;
    e->out_of_memory = true;
    return false;
}

static inline bool put(encoder *e, const char *bytes, size_t length) {
    bursar_room *room = e->room;
    size_t filled = room->scratch_length;
    if (length > room->scratch_capacity - filled || filled + length > BURSAR_MAX_VALUE) return put_slowly(e, bytes, length);
    memcpy(room->scratch + filled, bytes, length);
    room->scratch_length = filled + length;
    return true;
}

static bool refuse(encoder *e, const char *problem) {
    e->problem = problem;
    return false;
}

// Makes room on Lua's stack, which is bounded by Lua and by the memory limit.
static bool reserve(encoder *e, int slots) {
    if (lua_checkstack(e->L, slots)) return true;
    e->out_of_memory = e->room->refused_size != 0;
    return refuse(e, "has too many fields");
}

// One value can take long: a small table that stands in it a million times is written, and looked through, a million times.
static bool is_stopped(encoder *e) { return e->room->stop != BURSAR_STOP_NONE; }

static void prepend(encoder *e, const char *bytes, size_t length) {
    if (length > e->path_start) return;  // a longer path loses its outermost part, never its innermost
    e->path_start -= length;
    memcpy(e->path + e->path_start, bytes, length);
}

static void prepend_index(encoder *e, lua_Integer index) {
    char text[32];
    int length = snprintf(text, sizeof text, "[%lld]", (long long)index);
    prepend(e, text, (size_t)length);
}

// How many bytes from `at` on are ASCII that JSON writes as it is. Eight at a time: a byte of `special` has its high bit set where
// the text has a quote, a backslash, a control character or one beyond ASCII.
size_t bursar_plain_length(const unsigned char *at, size_t left) {
    const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
    size_t i = 0;
    for (; left - i >= 8; i += 8) {
        uint64_t bytes;
        memcpy(&bytes, at + i, 8);
        uint64_t quote = bytes ^ ones * '"', backslash = bytes ^ ones * '\\';
        uint64_t special = bytes | (bytes - ones * 0x20) | ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash);
        if (special & highs) break;
    }
    while (i < left && at[i] >= 0x20 && at[i] < 0x80 && at[i] != '"' && at[i] != '\\') i++;
    return i;
}

// The length of the UTF-8 sequence at `at`, or 0 when it is none (overlong, surrogate, beyond U+10FFFF, cut off).
size_t bursar_utf8_length(const unsigned char *at, size_t left) {
    unsigned char first = at[0];
    if (first < 0x80) return 1;
    size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || length > left) return 0;
    unsigned char low = 0x80, high = 0xBF;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
    if (at[1] < low || at[1] > high) return 0;
    for (size_t i = 2; i < length; i++)
        if ((at[i] & 0xC0) != 0x80) return 0;
    return length;
}

static bool put_string(encoder *e, const char *bytes, size_t length) {
    if (!put(e, "\"", 1)) return false;
    size_t start = 0, i = 0;
    while (true) {
        i += bursar_plain_length((const unsigned char *)bytes + i, length - i);
        if (i == length) break;
        unsigned char byte = (unsigned char)bytes[i];
        if (byte >= 0x80) {
            size_t sequence = bursar_utf8_length((const unsigned char *)bytes + i, length - i);
            if (sequence == 0) return refuse(e, "is not valid UTF-8 text");
            i += sequence;
            continue;
        }
        char escape[8];
        int escape_length;
        switch (byte) {
            case '"': escape_length = snprintf(escape, sizeof escape, "\\\""); break;
            case '\\': escape_length = snprintf(escape, sizeof escape, "\\\\"); break;
            case '\n': escape_length = snprintf(escape, sizeof escape, "\\n"); break;
            case '\r': escape_length = snprintf(escape, sizeof escape, "\\r"); break;
            case '\t': escape_length = snprintf(escape, sizeof escape, "\\t"); break;
            default: escape_length = snprintf(escape, sizeof escape, "\\u%04x", byte);
        }
        if (!put(e, bytes + start, i - start) || !put(e, escape, (size_t)escape_length)) return false;
        start = ++i;
    }
    return put(e, bytes + start, length - start) && put(e, "\"", 1);
}

// The shortest spelling that reads back as the same number. Fifteen digits are always kept, so fewer never need trying,
// except close to zero, where a number has fewer.
int bursar_spell(double number, char *text, size_t size) {
    int length = 0;
    for (int digits = isnormal(number) ? 15 : 1; digits <= 17; digits++) {
        length = snprintf(text, size, "%.*g", digits, number);
        if (strtod(text, NULL) == number) break;
    }
    return length;
}

static bool put_integer(encoder *e, lua_Integer number) {
    char text[24], *first = text + sizeof text;
    // As an unsigned number, for the smallest integer has no positive.
    lua_Unsigned left = number < 0 ? 0 - (lua_Unsigned)number : (lua_Unsigned)number;
    do *--first = (char)('0' + left % 10);
    while ((left /= 10) != 0);
    if (number < 0) *--first = '-';
    return put(e, first, (size_t)(text + sizeof text - first));
}

static bool put_number(encoder *e, int index) {
    char text[40];
    int length;
    if (lua_isinteger(e->L, index)) return put_integer(e, lua_tointegerx(e->L, index, NULL));
    double number = lua_tonumberx(e->L, index, NULL);
    if (!isfinite(number)) return refuse(e, isnan(number) ? "is not a number (NaN)" : "is infinite");
    length = bursar_spell(number, text, sizeof text);
    if (strpbrk(text, ".e") == NULL) length += snprintf(text + length, sizeof text - (size_t)length, ".0");
    return put(e, text, (size_t)length);
}

static bool put_value(encoder *e, int index);

static bool put_array(encoder *e, int table, lua_Integer count) {
    if (!put(e, "[", 1)) return false;
    for (lua_Integer i = 1; i <= count; i++) {
        if (i > 1 && !put(e, ",", 1)) return false;
        lua_rawgeti(e->L, table, i);
        if (!put_value(e, lua_gettop(e->L))) {
            prepend_index(e, i);
            return false;
        }
        lua_settop(e->L, -2);
    }
    return put(e, "]", 1);
}

// The keys lie on the stack from `first`, `count` of them, each beneath its value.
static bool put_object(encoder *e, int first, int count, bursar_name *fields) {
    for (int i = 0; i < count; i++) bursar_read_name(e->L, first + 2 * i, &fields[i]);
    bursar_sort_names(fields, (size_t)count);
    if (!put(e, "{", 1)) return false;
    for (int i = 0; i < count; i++) {
        if (i > 0 && !put(e, ",", 1)) return false;
        if (!e->for_others && fields[i].length == 6 && memcmp(fields[i].bytes, "$money", 6) == 0)
            return refuse(e, "has a field \"$money\", which is how Bursar marks money; name it otherwise");
        bool good = put_string(e, fields[i].bytes, fields[i].length) && put(e, ":", 1);
        if (!good) return false;
        if (!put_value(e, fields[i].index + 1)) {
            prepend(e, fields[i].bytes, fields[i].length);
            prepend(e, ".", 1);
            return false;
        }
    }
    return put(e, "}", 1);
}

static bool is_marked_array(lua_State *L, int table) {
    if (!lua_getmetatable(L, table)) return false;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &bursar_array_metatable);
    bool marked = lua_rawequal(L, -1, -2);
    lua_settop(L, -3);
    return marked;
}

static bool put_table_contents(encoder *e, int table) {
    lua_State *L = e->L;
    int base = lua_gettop(L);
    int names = 0;
    lua_Integer places = 0, last = 0;
    lua_pushnil(L);
    while (lua_next(L, table)) {
        if (is_stopped(e)) return false;
        if (lua_type(L, -2) == LUA_TSTRING) {
            // Key and value stay on the stack beneath a copy of the key, which the walk goes on with.
            if (!reserve(e, 8)) return false;
            lua_pushvalue(L, -2);
            names++;
            if (places > 0) return refuse(e, "mixes list elements and named fields; make it one or the other");
            continue;
        }
        lua_settop(L, -2);
        if (lua_isinteger(L, -1) && lua_tointegerx(L, -1, NULL) > 0) {
            lua_Integer place = lua_tointegerx(L, -1, NULL);
            places++;
            if (place > last) last = place;
        } else {
            return refuse(e, "has a key that is neither text nor a place in a list");
        }
        if (names > 0 && places > 0) return refuse(e, "mixes list elements and named fields; make it one or the other");
    }
    if (places > 0 && last != places) return refuse(e, "is a list with holes; use null for an element that is absent");
    bool is_array = places > 0 || is_marked_array(L, table);
    if (is_array && names > 0) return refuse(e, "is an array with a named field");
    if (is_array) return put_array(e, table, places);
    bursar_name few[64];
    bursar_name *fields = names <= 64 ? few : bursar_block_resize(NULL, (size_t)names * sizeof(bursar_name));
    if (fields == NULL) {
        bursar_note_refusal(e->room, (size_t)names * sizeof(bursar_name));
        e->out_of_memory = true;
        return false;
    }
    bool good = put_object(e, base + 1, names, fields);  // raises nothing, so `fields` is freed
    if (fields != few) bursar_block_free(fields);
    if (good) lua_settop(L, base);
    return good;
}

static bool put_table(encoder *e, int table) {
    const void *identity = lua_topointer(e->L, table);
    for (int i = 0; i < e->depth; i++)
        if (e->ancestors[i] == identity) return refuse(e, "contains itself");
    if (e->depth == BURSAR_MAX_DEPTH) return refuse(e, "is nested more than 64 deep");
    if (is_stopped(e) || !reserve(e, 16)) return false;
    e->ancestors[e->depth++] = identity;
    bool good = put_table_contents(e, table);
    e->depth--;
    return good;
}

// Money is { "$money": [amount, currency] } to the host, which no table of a script may look like, and { "amount", "currency" } in
// a text for others. They are its user values 3 and 2.
static bool put_userdata(encoder *e, int index) {
    lua_State *L = e->L;
    if (!lua_getmetatable(L, index)) return refuse(e, "cannot be sent");
    lua_rawgetp(L, LUA_REGISTRYINDEX, &bursar_money_metatable);
    bool is_money = lua_rawequal(L, -1, -2);
    lua_settop(L, -3);
    if (!is_money) return refuse(e, "is a source or an iterator, which cannot be sent; send its rows");
    size_t amount_length, currency_length;
    lua_getiuservalue(L, index, 3);
    lua_getiuservalue(L, index, 2);
    const char *amount = lua_tolstring(L, -2, &amount_length), *currency = lua_tolstring(L, -1, &currency_length);
    bool good = e->for_others
        ? put(e, "{\"amount\":", 10) && put_string(e, amount, amount_length) && put(e, ",\"currency\":", 12)
            && put_string(e, currency, currency_length) && put(e, "}", 1)
        : put(e, "{\"$money\":[", 11) && put_string(e, amount, amount_length) && put(e, ",", 1)
            && put_string(e, currency, currency_length) && put(e, "]}", 2);
    lua_settop(L, -3);
    return good;
}

static bool put_value(encoder *e, int index) {
    lua_State *L = e->L;
    switch (lua_type(L, index)) {
        case LUA_TNIL: return put(e, "null", 4);
        case LUA_TBOOLEAN: return lua_toboolean(L, index) ? put(e, "true", 4) : put(e, "false", 5);
        case LUA_TNUMBER: return put_number(e, index);
        case LUA_TSTRING: {
            size_t length;
            const char *bytes = lua_tolstring(L, index, &length);
            return put_string(e, bytes, length);
        }
        case LUA_TTABLE: return put_table(e, index);
        case LUA_TLIGHTUSERDATA:
            if (lua_touserdata(L, index) == &bursar_null) return put(e, "null", 4);
            return refuse(e, "cannot be sent");
        case LUA_TUSERDATA: return put_userdata(e, index);
        case LUA_TFUNCTION: return refuse(e, "is a function, which cannot be sent");
        default: return refuse(e, "is a coroutine, which cannot be sent");
    }
}

// encode(value, [for others]) -> text | nil, path, problem. The path is ".origins[1].amount", or "" for the value itself.
int bursar_lua_encode(lua_State *L) {
    encoder e = {.L = L, .room = bursar_room_of(L), .path_start = sizeof e.path, .for_others = lua_toboolean(L, 2)};
    lua_settop(L, 1);
    luaL_checkstack(L, 16, NULL);
    e.room->scratch_length = 0;
    bool good = put_value(&e, 1);
    lua_settop(L, 1);
    if (is_stopped(&e)) return bursar_leave(L);
    if (e.out_of_memory) return bursar_out_of_memory(L);
    if (good) {
        lua_pushlstring(L, e.room->scratch, e.room->scratch_length);
        return 1;
    }
    lua_pushnil(L);
    lua_pushlstring(L, e.path + e.path_start, sizeof e.path - e.path_start);
    lua_pushstring(L, e.problem);
    return 3;
}
