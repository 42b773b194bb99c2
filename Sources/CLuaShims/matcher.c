// Lua 5.4's patterns, as its manual describes them in section 6.4.1. The system's own are a loop in C that nothing stops: this
// matcher looks at the room's stop wherever it goes on, and keeps nothing between calls that an error could leave wrong.
//
// A single character, class or set is an item. Items without a suffix are matched in a loop; an item that can match in
// more than one way, and a capture, try the rest of the pattern one level deeper.
#include "matcher.h"

#include <ctype.h>
#include <string.h>

// The most levels, Lua's own number.
enum { MOST_LEVELS = 200 };

static inline void look_at_stop(const bursar_matcher *m) {
    if (m->room->stop != BURSAR_STOP_NONE) bursar_leave(m->L);
}

// Behind the item that begins at `p`.
static const char *item_end(bursar_matcher *m, const char *p) {
    char first = *p++;
    if (first == '%') {
        if (p == m->pattern_end) luaL_error(m->L, "malformed pattern (ends with '%%')");
        return p + 1;
    }
    if (first != '[') return p;
    if (*p == '^') p++;
    do {  // a ']' that comes first is a member of the set
        if (p == m->pattern_end) luaL_error(m->L, "malformed pattern (missing ']')");
        if (*p++ == '%' && p < m->pattern_end) p++;
    } while (*p != ']');
    return p + 1;
}

static bool in_class(unsigned char byte, unsigned char letter) {
    bool is;
    switch (tolower(letter)) {
        case 'a': is = isalpha(byte); break;
        case 'c': is = iscntrl(byte); break;
        case 'd': is = isdigit(byte); break;
        case 'g': is = isgraph(byte); break;
        case 'l': is = islower(byte); break;
        case 'p': is = ispunct(byte); break;
        case 's': is = isspace(byte); break;
        case 'u': is = isupper(byte); break;
        case 'w': is = isalnum(byte); break;
        case 'x': is = isxdigit(byte); break;
        case 'z': is = byte == 0; break;  // not in the manual any more, and still there
        default: return letter == byte;
    }
    return isupper(letter) ? !is : is;
}

// The set from its '[' to behind its ']'.
static bool in_set(unsigned char byte, const char *set, const char *end) {
    const char *last = end - 1;
    bool found = true;
    const char *p = set + 1;
    if (*p == '^') {
        found = false;
        p++;
    }
    while (p < last) {
        if (*p == '%') {
            if (in_class(byte, (unsigned char)p[1])) return found;
            p += 2;
        } else if (p[1] == '-' && p + 2 < last) {
            if ((unsigned char)p[0] <= byte && byte <= (unsigned char)p[2]) return found;
            p += 3;
        } else {
            if ((unsigned char)*p == byte) return found;
            p++;
        }
    }
    return !found;
}

static bool matches_item(const bursar_matcher *m, const char *at, const char *item, const char *end) {
    if (at >= m->subject_end) return false;
    unsigned char byte = (unsigned char)*at;
    switch (*item) {
        case '.': return true;
        case '%': return in_class(byte, (unsigned char)item[1]);
        case '[': return in_set(byte, item, end);
        default: return (unsigned char)*item == byte;
    }
}

static const char *match_rest(bursar_matcher *m, const char *at, const char *p);

// As many as there are, then fewer, until the rest matches.
static const char *match_most(bursar_matcher *m, const char *at, const char *item, const char *end) {
    ptrdiff_t count = 0;
    while (matches_item(m, at + count, item, end)) {
        look_at_stop(m);
        count++;
    }
    for (; count >= 0; count--) {
        const char *found = match_rest(m, at + count, end + 1);
        if (found != NULL) return found;
    }
    return NULL;
}

// As few as there can be, then more.
static const char *match_fewest(bursar_matcher *m, const char *at, const char *item, const char *end) {
    for (;; at++) {
        const char *found = match_rest(m, at, end + 1);
        if (found != NULL) return found;
        if (!matches_item(m, at, item, end)) return NULL;
    }
}

static const char *open_capture(bursar_matcher *m, const char *at, const char *p, ptrdiff_t length) {
    if (m->count >= BURSAR_MAX_CAPTURES) luaL_error(m->L, "too many captures");
    m->captures[m->count] = (bursar_capture){at, length};
    m->count++;
    const char *found = match_rest(m, at, p);
    if (found == NULL) m->count--;
    return found;
}

static const char *close_capture(bursar_matcher *m, const char *at, const char *p) {
    int open = m->count - 1;
    while (open >= 0 && m->captures[open].length != BURSAR_CAPTURE_OPEN) open--;
    if (open < 0) luaL_error(m->L, "invalid pattern capture");
    m->captures[open].length = at - m->captures[open].start;
    const char *found = match_rest(m, at, p);
    if (found == NULL) m->captures[open].length = BURSAR_CAPTURE_OPEN;
    return found;
}

// %bxy: from an x to the y that balances it.
static const char *match_balance(bursar_matcher *m, const char *at, const char *p) {
    if (m->pattern_end - p < 2) luaL_error(m->L, "malformed pattern (missing arguments to '%%b')");
    if (at >= m->subject_end || *at != p[0]) return NULL;
    size_t open = 1;
    for (at++; at < m->subject_end; at++) {
        if (*at == p[1]) {
            if (--open == 0) return at + 1;
        } else if (*at == p[0]) {
            open++;
        }
    }
    return NULL;
}

// %1 to %9: the text of a capture once more.
static const char *match_back(bursar_matcher *m, const char *at, char digit) {
    int index = digit - '1';
    if (index < 0 || index >= m->count || m->captures[index].length == BURSAR_CAPTURE_OPEN)
        luaL_error(m->L, "invalid capture index %%%d", index + 1);
    const bursar_capture *capture = &m->captures[index];
    if (capture->length == BURSAR_CAPTURE_PLACE || m->subject_end - at < capture->length) return NULL;
    return memcmp(capture->start, at, (size_t)capture->length) == 0 ? at + capture->length : NULL;
}

// %f[set]: between a character outside the set and one within; both ends of the subject count as NUL.
static bool is_frontier(bursar_matcher *m, const char *at, const char *set, const char *end) {
    unsigned char before = at == m->subject ? 0 : (unsigned char)at[-1];
    unsigned char after = at == m->subject_end ? 0 : (unsigned char)*at;
    return !in_set(before, set, end) && in_set(after, set, end);
}

static const char *match_items(bursar_matcher *m, const char *at, const char *p) {
    while (p != m->pattern_end) {
        look_at_stop(m);
        switch (*p) {
            case '(':
                if (p[1] == ')') return open_capture(m, at, p + 2, BURSAR_CAPTURE_PLACE);
                return open_capture(m, at, p + 1, BURSAR_CAPTURE_OPEN);
            case ')': return close_capture(m, at, p + 1);
            case '$':
                if (p + 1 == m->pattern_end) return at == m->subject_end ? at : NULL;
                break;
            case '%':
                if (p[1] == 'b') {
                    at = match_balance(m, at, p + 2);
                    if (at == NULL) return NULL;
                    p += 4;
                    continue;
                }
                if (p[1] == 'f') {
                    const char *set = p + 2;
                    if (*set != '[') luaL_error(m->L, "missing '[' after '%%f' in pattern");
                    const char *end = item_end(m, set);
                    if (!is_frontier(m, at, set, end)) return NULL;
                    p = end;
                    continue;
                }
                if (isdigit((unsigned char)p[1])) {
                    at = match_back(m, at, p[1]);
                    if (at == NULL) return NULL;
                    p += 2;
                    continue;
                }
                break;
            default: break;
        }
        const char *end = item_end(m, p);
        bool here = matches_item(m, at, p, end);
        switch (*end) {  // a NUL at the end of the pattern
            case '?':
                if (here) {
                    const char *found = match_rest(m, at + 1, end + 1);
                    if (found != NULL) return found;
                }
                p = end + 1;
                continue;
            case '*':
                if (here) return match_most(m, at, p, end);
                p = end + 1;
                continue;
            case '+': return here ? match_most(m, at + 1, p, end) : NULL;
            case '-':
                if (here) return match_fewest(m, at, p, end);
                p = end + 1;
                continue;
            default:
                if (!here) return NULL;
                at++;
                p = end;
        }
    }
    return at;
}

static const char *match_rest(bursar_matcher *m, const char *at, const char *p) {
    if (m->nesting == MOST_LEVELS) luaL_error(m->L, "pattern too complex");
    m->nesting++;
    const char *found = match_items(m, at, p);
    m->nesting--;
    return found;
}

const char *bursar_match_at(bursar_matcher *m, const char *at, const char *pattern) {
    m->count = 0;
    m->nesting = 0;
    return match_rest(m, at, pattern);
}
