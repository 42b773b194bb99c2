// Lua's allocator with an account. Beyond the limit it says no; Lua collects, and most often asks again for the same.
// When the script runs on and the block was not given, the script has reached its limit: see stop.c.
#include "room.h"

#include <stdlib.h>
#include <string.h>

// What tests are told of this thread's blocks, and which of them they want refused.
static _Thread_local struct {
    int64_t until_refusal;  // negative: none is refused
    bool persistent;
    int64_t asked, held;
} blocks = {.until_refusal = -1};

void bursar_fail_allocations(int64_t after, bool persistent) {
    blocks.until_refusal = after;
    blocks.persistent = persistent;
    blocks.asked = 0;
}

int64_t bursar_allocations_asked(void) { return blocks.asked; }

int64_t bursar_blocks_held(void) { return blocks.held; }

static bool test_refuses(void) {
    blocks.asked++;
    if (blocks.until_refusal < 0) return false;
    if (blocks.until_refusal > 0) {
        blocks.until_refusal--;
        return false;
    }
    if (!blocks.persistent) blocks.until_refusal = -1;
    return true;
}

void *bursar_block_resize(void *block, size_t size) {
    if (test_refuses()) return NULL;
    void *moved = realloc(block, size);
    if (moved != NULL && block == NULL) blocks.held++;
    return moved;
}

void bursar_block_free(void *block) {
    if (block != NULL) blocks.held--;
    free(block);
}

void bursar_note_refusal(bursar_room *room, size_t size) {
    room->refused_size = size;
    if (room->stop == BURSAR_STOP_NONE) room->asked_size = size;
}

static void *refuse(bursar_room *room, size_t size) {
    bursar_note_refusal(room, size);
    if (room->current != NULL) {
        // Reading the call chain allocates nothing, and Lua has saved its program counter before it came here.
        bursar_where(room->current, 0, room->stop_location, sizeof room->stop_location);
        bursar_watch_memory(room->current);
    }
    return NULL;
}

// Lua counts on it that a block can be made smaller; where the system will not, the block stays as it is.
static void *shrink(void *block, size_t size) {
    void *moved = realloc(block, size);
    return moved != NULL ? moved : block;
}

void *bursar_allocate(void *data, void *block, size_t old_size, size_t new_size) {
    bursar_room *room = data;
    if (block == NULL) old_size = 0;  // then it is a type tag, not a size
    if (new_size == 0) {
        bursar_block_free(block);
        room->used -= old_size;
        return NULL;
    }
    void *moved;
    if (new_size <= old_size) {
        moved = shrink(block, new_size);
    } else {
        size_t left = room->used < room->limit ? room->limit - room->used : 0;
        if (new_size - old_size > left) return refuse(room, new_size);
        moved = bursar_block_resize(block, new_size);
        if (moved == NULL) return refuse(room, new_size);
    }
    if (new_size == room->refused_size) room->refused_size = 0;
    room->used = room->used - old_size + new_size;
    return moved;
}

bool bursar_scratch_put(bursar_room *room, const char *bytes, size_t length) {
    if (length == 0) return true;
    if (length > room->scratch_capacity - room->scratch_length) {
        size_t wanted = room->scratch_capacity < 4096 ? 4096 : room->scratch_capacity * 2;
        while (wanted - room->scratch_length < length) wanted *= 2;
        char *grown = bursar_block_resize(room->scratch, wanted);
        if (grown == NULL) {
            bursar_note_refusal(room, wanted);
            return false;
        }
        room->scratch = grown;
        room->scratch_capacity = wanted;
    }
    memcpy(room->scratch + room->scratch_length, bytes, length);
    room->scratch_length += length;
    return true;
}

size_t bursar_room_memory_used(const bursar_room *room) { return room->used; }

size_t bursar_room_memory_asked(const bursar_room *room) { return room->asked_size; }

size_t bursar_room_memory_counted_by_lua(bursar_room *room) {
    return (size_t)lua_gc(room->main, LUA_GCCOUNT) * 1024 + (size_t)lua_gc(room->main, LUA_GCCOUNTB);
}

void bursar_room_set_memory_limit(bursar_room *room, size_t memory_limit) { room->limit = memory_limit; }
