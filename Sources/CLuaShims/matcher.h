// The matcher of Lua's patterns, shared by find, match, gmatch and gsub.
#ifndef BURSAR_MATCHER_H
#define BURSAR_MATCHER_H

#include "room.h"

// The most captures of a pattern, Lua's own number.
#define BURSAR_MAX_CAPTURES 32

// What a capture's length says while it has none.
enum { BURSAR_CAPTURE_OPEN = -1, BURSAR_CAPTURE_PLACE = -2 };

typedef struct {
    const char *start;
    ptrdiff_t length;
} bursar_capture;

// One pattern over one subject. Both texts must stay where they are, and end in a NUL as Lua's do.
typedef struct {
    lua_State *L;
    bursar_room *room;
    const char *subject, *subject_end, *pattern_end;
    int nesting;
    int count;
    bursar_capture captures[BURSAR_MAX_CAPTURES];
} bursar_matcher;

// Where the match of `pattern` at `at` ends, or null. Raises for a malformed pattern, and for one that nests too deep; leaves
// the script for good when the room is stopped.
const char *bursar_match_at(bursar_matcher *m, const char *at, const char *pattern);

#endif
