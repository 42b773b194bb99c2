// JSON text as Lua values, under one protected call.
//
// null is the one `null`; arrays carry the array mark, so an empty one stays an array; whole numbers that fit 64 bits
// are Lua integers; a decimal is a Lua float when the float's shortest spelling is the same number, and every other
// number arrives as its text, so nothing is rounded unseen.
//
// Text that can be read in two ways is refused, as the host's reader refuses it: a key that stands twice, half of a
// surrogate pair, bytes that are not UTF-8.
#include "room.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    lua_State *L;
    bursar_room *room;
    const char *start, *at, *end;
    int depth;
} decoder;

static int malformed(decoder *d, const char *what) {
    return luaL_error(d->L, "malformed JSON at byte %d: %s", (int)(d->at - d->start) + 1, what);
}

static void skip_space(decoder *d) {
    while (d->at < d->end && (*d->at == ' ' || *d->at == '\n' || *d->at == '\t' || *d->at == '\r')) d->at++;
}

static bool take(decoder *d, char wanted) {
    skip_space(d);
    if (d->at == d->end || *d->at != wanted) return false;
    d->at++;
    return true;
}

static unsigned hex4(decoder *d) {
    unsigned value = 0;
    if (d->end - d->at < 4) malformed(d, "\\u is cut off");
    for (int i = 0; i < 4; i++) {
        char c = *d->at++;
        unsigned digit = c >= '0' && c <= '9' ? (unsigned)(c - '0')
            : c >= 'a' && c <= 'f'            ? (unsigned)(c - 'a' + 10)
            : c >= 'A' && c <= 'F'            ? (unsigned)(c - 'A' + 10)
                                              : 16;
        if (digit == 16) malformed(d, "\\u wants four hexadecimal digits");
        value = value * 16 + digit;
    }
    return value;
}

static void put(decoder *d, const char *bytes, size_t length) {
    if (!bursar_scratch_put(d->room, bytes, length)) luaL_error(d->L, "not enough memory");
}

static void put_escaped_code(decoder *d) {
    unsigned code = hex4(d);
    if (code >= 0xD800 && code < 0xDC00 && d->end - d->at >= 6 && d->at[0] == '\\' && d->at[1] == 'u') {
        d->at += 2;
        unsigned low = hex4(d);
        if (low >= 0xDC00 && low < 0xE000) code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    if (code >= 0xD800 && code < 0xE000) malformed(d, "half of a surrogate pair is missing");
    char out[4];
    size_t length = 0;
    if (code < 0x80) {
        out[length++] = (char)code;
    } else if (code < 0x800) {
        out[length++] = (char)(0xC0 | code >> 6);
        out[length++] = (char)(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        out[length++] = (char)(0xE0 | code >> 12);
        out[length++] = (char)(0x80 | (code >> 6 & 0x3F));
        out[length++] = (char)(0x80 | (code & 0x3F));
    } else {
        out[length++] = (char)(0xF0 | code >> 18);
        out[length++] = (char)(0x80 | (code >> 12 & 0x3F));
        out[length++] = (char)(0x80 | (code >> 6 & 0x3F));
        out[length++] = (char)(0x80 | (code & 0x3F));
    }
    put(d, out, length);
}

// Goes over text to the next quote or backslash.
static void skip_text(decoder *d) {
    while (true) {
        d->at += bursar_plain_length((const unsigned char *)d->at, (size_t)(d->end - d->at));
        if (d->at == d->end || *d->at == '"' || *d->at == '\\') break;
        unsigned char byte = (unsigned char)*d->at;
        if (byte < 0x20) malformed(d, "a control character in a string must be escaped");
        size_t length = bursar_utf8_length((const unsigned char *)d->at, (size_t)(d->end - d->at));
        if (length == 0) malformed(d, "a string is not UTF-8 text");
        d->at += length;
    }
    if (d->at == d->end) malformed(d, "a string is cut off");
}

// Stands behind the opening quote.
static void push_string(decoder *d) {
    const char *start = d->at;
    skip_text(d);
    if (*d->at == '"') {
        lua_pushlstring(d->L, start, (size_t)(d->at++ - start));
        return;
    }
    d->room->scratch_length = 0;
    put(d, start, (size_t)(d->at - start));
    for (;;) {
        char c = *d->at++;
        if (c == '"') break;
        if (d->at == d->end) malformed(d, "a string is cut off");
        switch (*d->at++) {
            case '"': put(d, "\"", 1); break;
            case '\\': put(d, "\\", 1); break;
            case '/': put(d, "/", 1); break;
            case 'b': put(d, "\b", 1); break;
            case 'f': put(d, "\f", 1); break;
            case 'n': put(d, "\n", 1); break;
            case 'r': put(d, "\r", 1); break;
            case 't': put(d, "\t", 1); break;
            case 'u': put_escaped_code(d); break;
            default: malformed(d, "an unknown escape");
        }
        start = d->at;
        skip_text(d);
        put(d, start, (size_t)(d->at - start));
    }
    lua_pushlstring(d->L, d->room->scratch, d->room->scratch_length);
}

// Significant digits and the power of ten of the last of them: how two spellings are compared as numbers.
typedef struct {
    char digits[40];
    int count;
    long exponent;
} decimal;

static bool read_decimal(const char *text, size_t length, decimal *out) {
    size_t i = 0;
    bool fraction = false;
    out->count = 0;
    out->exponent = 0;
    if (i < length && text[i] == '-') i++;
    for (; i < length && text[i] != 'e' && text[i] != 'E'; i++) {
        if (text[i] == '.') {
            fraction = true;
            continue;
        }
        if (out->count > 0 || text[i] != '0') {
            if (out->count == (int)sizeof out->digits) return false;
            out->digits[out->count++] = text[i];
        }
        if (fraction) out->exponent--;
    }
    if (out->count == 0) {  // zero, whatever its exponent
        out->exponent = 0;
        return true;
    }
    if (i < length) {
        errno = 0;
        long power = strtol(text + i + 1, NULL, 10);
        if (errno != 0 || power > 100000 || power < -100000) return false;
        out->exponent += power;
    }
    while (out->count > 0 && out->digits[out->count - 1] == '0') {
        out->count--;
        out->exponent++;
    }
    return true;
}

static bool same_decimal(const decimal *a, const decimal *b) {
    return a->count == b->count && a->exponent == b->exponent && memcmp(a->digits, b->digits, (size_t)a->count) == 0;
}

static void take_digits(decoder *d) {
    if (d->at == d->end || *d->at < '0' || *d->at > '9') malformed(d, "a digit was expected");
    while (d->at < d->end && *d->at >= '0' && *d->at <= '9') d->at++;
}

// Goes over a number as JSON writes it. True when it has a fraction or an exponent.
static bool take_number(decoder *d) {
    bool fraction = false;
    if (*d->at == '-') d->at++;
    if (d->at < d->end && *d->at == '0')
        d->at++;
    else
        take_digits(d);
    if (d->at < d->end && *d->at == '.') {
        fraction = true;
        d->at++;
        take_digits(d);
    }
    if (d->at < d->end && (*d->at == 'e' || *d->at == 'E')) {
        fraction = true;
        d->at++;
        if (d->at < d->end && (*d->at == '+' || *d->at == '-')) d->at++;
        take_digits(d);
    }
    return fraction;
}

static void push_number(decoder *d) {
    const char *start = d->at;
    char text[64];
    bool whole = !take_number(d);
    size_t length = (size_t)(d->at - start);
    if (whole && length <= 18 && *start != '-') {  // almost all; they fit
        lua_Integer number = 0;
        for (const char *digit = start; digit < d->at; digit++) number = number * 10 + (*digit - '0');
        lua_pushinteger(d->L, number);
        return;
    }
    if (length < sizeof text) {
        memcpy(text, start, length);
        text[length] = 0;
        if (whole && strcmp(text, "-0") != 0) {  // the integer zero has no sign, the float has one
            errno = 0;
            long long number = strtoll(text, NULL, 10);
            if (errno == 0) {
                lua_pushinteger(d->L, number);
                return;
            }
        } else {
            decimal asked, kept;
            char spelt[40];
            double number = strtod(text, NULL);
            int spelt_length = bursar_spell(number, spelt, sizeof spelt);
            if (read_decimal(text, length, &asked) && read_decimal(spelt, (size_t)spelt_length, &kept)
                && same_decimal(&asked, &kept)) {
                lua_pushnumber(d->L, number);
                return;
            }
        }
    }
    lua_pushlstring(d->L, start, length);
}

static void push_value(decoder *d);

static void enter(decoder *d, int slots) {
    if (d->depth++ == BURSAR_MAX_DEPTH) malformed(d, "nested more than 64 deep");
    luaL_checkstack(d->L, slots + 8, "a value is nested too deep");
}

static void push_array(decoder *d) {
    enter(d, 0);
    lua_newtable(d->L);
    lua_rawgetp(d->L, LUA_REGISTRYINDEX, &bursar_array_metatable);
    lua_setmetatable(d->L, -2);
    if (!take(d, ']')) {
        lua_Integer place = 0;
        do {
            push_value(d);
            lua_rawseti(d->L, -2, ++place);
        } while (take(d, ','));
        if (!take(d, ']')) malformed(d, "',' or ']' was expected");
    }
    d->depth--;
}

// Fields wait on the stack for a table of the right size; an object of more fields has its table made then.
enum { WAITING_FIELDS = 64 };

// Moves the `count` fields on top of the stack into a table beneath them.
static void make_table(decoder *d, int count) {
    lua_State *L = d->L;
    lua_createtable(L, 0, count);
    lua_insert(L, -2 * count - 1);
    for (; count > 0; count--) {
        lua_pushvalue(L, -2);
        if (lua_rawget(L, -2 * count - 2) != LUA_TNIL) malformed(d, "a key stands twice in one object");
        lua_settop(L, -2);
        lua_rawset(L, -2 * count - 1);
    }
}

static void push_object(decoder *d) {
    lua_State *L = d->L;
    enter(d, 2 * WAITING_FIELDS);
    int fields = 0;
    if (!take(d, '}')) {
        do {
            if (!take(d, '"')) malformed(d, "a key was expected");
            push_string(d);
            if (fields >= WAITING_FIELDS) {
                lua_pushvalue(L, -1);
                if (lua_rawget(L, -3) != LUA_TNIL) malformed(d, "a key stands twice in one object");
                lua_settop(L, -2);
            }
            if (!take(d, ':')) malformed(d, "':' was expected");
            push_value(d);
            fields++;
            if (fields == WAITING_FIELDS)
                make_table(d, fields);
            else if (fields > WAITING_FIELDS)
                lua_rawset(L, -3);
        } while (take(d, ','));
        if (!take(d, '}')) malformed(d, "',' or '}' was expected");
    }
    if (fields < WAITING_FIELDS) make_table(d, fields);
    d->depth--;
}

static bool take_word(decoder *d, const char *word) {
    size_t length = strlen(word);
    if ((size_t)(d->end - d->at) < length || memcmp(d->at, word, length) != 0) return false;
    d->at += length;
    return true;
}

static void push_value(decoder *d) {
    if (d->room->stop != BURSAR_STOP_NONE) bursar_leave(d->L);
    skip_space(d);
    if (d->at == d->end)
        malformed(d, "a value was expected");
    else if (*d->at == '"') {
        d->at++;
        push_string(d);
    } else if (*d->at == '{') {
        d->at++;
        push_object(d);
    } else if (*d->at == '[') {
        d->at++;
        push_array(d);
    } else if (take_word(d, "true"))
        lua_pushboolean(d->L, 1);
    else if (take_word(d, "false"))
        lua_pushboolean(d->L, 0);
    else if (take_word(d, "null"))
        lua_pushlightuserdata(d->L, (void *)&bursar_null);
    else if (*d->at == '-' || (*d->at >= '0' && *d->at <= '9'))
        push_number(d);
    else
        malformed(d, "a value was expected");
}

// Pushes the value. Raises on memory and on text that is not JSON: call it protected.
void bursar_push_decoded(lua_State *L, bursar_text json) {
    decoder d = {.L = L, .room = bursar_room_of(L), .start = json.bytes, .at = json.bytes};
    if (json.bytes == NULL) json = (bursar_text){"", 0};
    d.start = d.at = json.bytes;
    d.end = json.bytes + json.length;
    luaL_checkstack(L, 8, NULL);
    push_value(&d);
    skip_space(&d);
    if (d.at != d.end) malformed(&d, "something follows the value");
}

// decode(text) -> value. Raises for text that is not JSON.
int bursar_lua_decode(lua_State *L) {
    bursar_text json;
    json.bytes = luaL_checklstring(L, 1, &json.length);
    bursar_push_decoded(L, json);
    return 1;
}
