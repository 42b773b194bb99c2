// `return conomy.payments.refund(...)` is a tail call: Lua forgets the line it stands on, and the error of a refused
// payment would name another one, or none. Operators need the line, so a script's tail calls are made plain calls.
//
// Lua offers no switch for this, so the compiled chunk is written out by lua_dump, its tail calls are changed in the
// text of that, and it is read again. The bytes are always our own, never a script's. The instruction after a tail
// call returns whatever was left on the stack, so a plain call with open results in its place means the same. What is
// lost is unbounded recursion by tail calls. A chunk of a layout not known here is left as it is.
//
// On the way, a text is refused whose error messages could end the process: to name the value in `a.b.c.d()` Lua goes back
// through the fields by recursion without a bound, and searches the whole function at each.
#include "room.h"

#include <string.h>

// Lua 5.4's lopcodes.h and lundump.h.
enum { OP_MOVE = 0, OP_FIRST_LOAD = 1, OP_SETUPVAL = 10, OP_GETTABUP = 11, OP_GETTABLE = 12, OP_GETI = 13, OP_GETFIELD = 14,
       OP_SELF = 20, OP_NEWTABLE = 19, OP_FORPREP = 74, OP_TFORPREP = 75, OP_CLOSURE = 79, OP_VARARG = 80 };
enum { OP_CALL = 68, OP_TAILCALL = 69, OPCODE_BITS = 0x7F, ARGUMENT_A_SHIFT = 7, ARGUMENT_B_SHIFT = 16, ARGUMENT_C_SHIFT = 24 };

// The most fields that are gone through to name a value.
enum { LONGEST_NAME = 200 };

enum { K_NIL = 0x00, K_FALSE = 0x01, K_TRUE = 0x11, K_INTEGER = 0x03, K_FLOAT = 0x13, K_SHORT = 0x04, K_LONG = 0x14 };
static const unsigned char header[] = {0x1B, 'L', 'u', 'a', 0x54, 0, 0x19, 0x93, '\r', '\n', 0x1A, '\n', 4, 8, 8};
enum { HEADER_SIZE = sizeof header + 8 + 8 };

typedef struct {
    unsigned char *at, *end;
    bool bad;
    bool long_name;
} chunk;

static void skip(chunk *c, size_t count) {
    if ((size_t)(c->end - c->at) < count) {
        c->bad = true;
        c->at = c->end;
    } else {
        c->at += count;
    }
}

// Seven bits a byte, the highest first; the last byte has the high bit set.
static size_t number(chunk *c) {
    size_t value = 0;
    while (c->at < c->end) {
        unsigned char byte = *c->at++;
        if (value > SIZE_MAX >> 8) break;
        value = value << 7 | (byte & 0x7F);
        if (byte & 0x80) return value;
    }
    c->bad = true;
    c->at = c->end;
    return 0;
}

static void skip_string(chunk *c) {
    size_t size = number(c);
    if (size > 0) skip(c, size - 1);
}

// Whether naming some value goes through too many fields. `steps` counts them for what lies in each register; Lua stops at local
// variables, which this does not know, so it counts rather too many.
static bool has_long_name(const unsigned char *code, size_t count) {
    int steps[256] = {0};
    for (size_t i = 0; i < count; i++) {
        uint32_t instruction;
        memcpy(&instruction, code + i * sizeof instruction, sizeof instruction);
        unsigned a = instruction >> ARGUMENT_A_SHIFT & 0xFF, b = instruction >> ARGUMENT_B_SHIFT & 0xFF;
        int operation = instruction & OPCODE_BITS;
        switch (operation) {
            case OP_MOVE:
            case OP_GETI:
            case OP_SELF:
            case OP_GETFIELD: steps[a] = steps[b] + 1; break;
            case OP_GETTABLE: steps[a] = steps[b] + steps[instruction >> ARGUMENT_C_SHIFT] + 1; break;
            case OP_CALL:
            case OP_FORPREP:
            case OP_TFORPREP:
            case OP_VARARG: memset(steps + a, 0, (256 - a) * sizeof *steps); break;
            case OP_NEWTABLE:
            case OP_CLOSURE: steps[a] = 0; break;
            default:
                if (operation >= OP_FIRST_LOAD && operation <= OP_GETTABUP && operation != OP_SETUPVAL) steps[a] = 0;
        }
        if (steps[a] > LONGEST_NAME) return true;
    }
    return false;
}

static void make_calls_plain(unsigned char *code, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t instruction;
        memcpy(&instruction, code + i * sizeof instruction, sizeof instruction);
        if ((instruction & OPCODE_BITS) != OP_TAILCALL) continue;
        // C of a call is the number of results plus one; zero leaves all of them.
        instruction = (instruction & ~(uint32_t)OPCODE_BITS & (((uint32_t)1 << ARGUMENT_C_SHIFT) - 1)) | OP_CALL;
        memcpy(code + i * sizeof instruction, &instruction, sizeof instruction);
    }
}

static void visit_function(chunk *c, int depth) {
    // Lua's compiler nests functions 200 deep at most.
    if (depth > 250) c->bad = true;
    if (c->bad) return;
    skip_string(c);  // source
    number(c);       // first line
    number(c);       // last line
    skip(c, 3);      // parameters, varargs, stack size
    size_t count = number(c);
    unsigned char *code = c->at;
    if (count > SIZE_MAX / 4) c->bad = true;
    skip(c, c->bad ? 0 : count * 4);
    if (!c->bad && has_long_name(code, count)) c->long_name = true;
    if (!c->bad) make_calls_plain(code, count);
    for (count = number(c); count > 0 && !c->bad; count--) {
        unsigned char kind = c->at < c->end ? *c->at : 0xFF;
        skip(c, 1);
        switch (kind) {
            case K_NIL:
            case K_FALSE:
            case K_TRUE: break;
            case K_INTEGER:
            case K_FLOAT: skip(c, 8); break;
            case K_SHORT:
            case K_LONG: skip_string(c); break;
            default: c->bad = true;
        }
    }
    for (count = number(c); count > 0 && !c->bad; count--) skip(c, 3);  // upvalues
    for (count = number(c); count > 0 && !c->bad; count--) visit_function(c, depth + 1);
    skip(c, number(c));  // lines
    for (count = number(c); count > 0 && !c->bad; count--) {
        number(c);
        number(c);
    }
    for (count = number(c); count > 0 && !c->bad; count--) {  // local variables
        skip_string(c);
        number(c);
        number(c);
    }
    for (count = number(c); count > 0 && !c->bad; count--) skip_string(c);  // names of upvalues
}

static int write_chunk(lua_State *L, const void *bytes, size_t size, void *data) {
    (void)L;
    return !bursar_scratch_put(data, bytes, size);
}

// Replaces the compiled chunk on top of the stack; false when it is refused. Without memory it does not return: the room
// is stopped.
bool bursar_keep_frames(lua_State *L) {
    bursar_room *room = bursar_room_of(L);
    room->scratch_length = 0;
    if (lua_dump(L, write_chunk, room, 0) != 0) bursar_out_of_memory(L);
    if (room->scratch_length < HEADER_SIZE + 1 || memcmp(room->scratch, header, sizeof header) != 0) return true;
    unsigned char *bytes = (unsigned char *)room->scratch;
    chunk c = {.at = bytes + HEADER_SIZE + 1, .end = bytes + room->scratch_length};
    visit_function(&c, 0);
    if (c.bad || c.at != c.end) return true;
    if (c.long_name) return false;
    if (luaL_loadbufferx(L, room->scratch, room->scratch_length, "chunk", "b") != LUA_OK) bursar_out_of_memory(L);
    lua_remove(L, -2);
    return true;
}
