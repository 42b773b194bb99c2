// Lua's allocator with an account. Beyond the limit it says no; Lua collects, and most often asks again for the same.
// When the script runs on and the block was not given, the script has reached its limit: see stop.c.
#include "room.h"

#include <stdlib.h>
#include <string.h>

static void *refuse(bursar_room *room, size_t size) {
    room->refused_size = size;
    if (room->current != NULL) {
        // Reading the call chain allocates nothing, and Lua has saved its program counter before it came here.
        bursar_where(room->current, 0, room->stop_location, sizeof room->stop_location);
        bursar_watch_memory(room->current);
    }
    return NULL;
}

void *bursar_allocate(void *data, void *block, size_t old_size, size_t new_size) {
    bursar_room *room = data;
    if (block == NULL) old_size = 0;  // then it is a type tag, not a size
    if (new_size == 0) {
        free(block);
        room->used -= old_size;
        return NULL;
    }
    if (new_size > old_size && new_size - old_size > room->limit - (room->used < room->limit ? room->used : room->limit)) {
        return refuse(room, new_size);
    }
    void *moved = realloc(block, new_size);
    if (moved == NULL) return refuse(room, new_size);
    if (new_size == room->refused_size) room->refused_size = 0;
    room->used = room->used - old_size + new_size;
    return moved;
}

bool bursar_scratch_put(bursar_room *room, const char *bytes, size_t length) {
    if (length > room->scratch_capacity - room->scratch_length) {
        size_t wanted = room->scratch_capacity < 4096 ? 4096 : room->scratch_capacity * 2;
        while (wanted - room->scratch_length < length) wanted *= 2;
        char *grown = realloc(room->scratch, wanted);
        if (grown == NULL) return false;
        room->scratch = grown;
        room->scratch_capacity = wanted;
    }
    memcpy(room->scratch + room->scratch_length, bytes, length);
    room->scratch_length += length;
    return true;
}

size_t bursar_room_memory_used(const bursar_room *room) { return room->used; }

void bursar_room_set_memory_limit(bursar_room *room, size_t memory_limit) { room->limit = memory_limit; }
