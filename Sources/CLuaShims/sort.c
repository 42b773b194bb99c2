// Names in byte order. Not by qsort: glibc's takes memory that no limit of the room counts, and asks the system how much there
// is, which is a system call that the filter does not allow.
#include "room.h"

#include <string.h>

// The text at a stack index, which must be a text.
void bursar_read_name(lua_State *L, int index, bursar_name *name) {
    name->index = index;
    name->bytes = lua_tolstring(L, index, &name->length);
    name->head = 0;
    for (size_t i = 0; i < 8; i++) name->head = name->head << 8 | (i < name->length ? (unsigned char)name->bytes[i] : 0);
}

static bool is_before(const bursar_name *left, const bursar_name *right) {
    if (left->head != right->head) return left->head < right->head;
    int order = memcmp(left->bytes, right->bytes, left->length < right->length ? left->length : right->length);
    return order != 0 ? order < 0 : left->length < right->length;
}

// Puts `name` into the heap names[0..<count] whose place `hole` is free. It goes down to a leaf and then up: the name comes
// from the end of the heap and belongs near there, and so is compared half as often.
static void sift(bursar_name *names, size_t count, size_t hole, bursar_name name) {
    size_t top = hole;
    for (size_t child = 2 * hole + 1; child < count; child = 2 * hole + 1) {
        if (child + 1 < count && is_before(&names[child], &names[child + 1])) child++;
        names[hole] = names[child];
        hole = child;
    }
    while (hole > top && is_before(&names[(hole - 1) / 2], &name)) {
        names[hole] = names[(hole - 1) / 2];
        hole = (hole - 1) / 2;
    }
    names[hole] = name;
}

void bursar_sort_names(bursar_name *names, size_t count) {
    for (size_t place = count / 2; place-- > 0;) sift(names, count, place, names[place]);
    for (size_t left = count; left-- > 1;) {
        bursar_name last = names[left];
        names[left] = names[0];
        sift(names, left, 0, last);
    }
}
