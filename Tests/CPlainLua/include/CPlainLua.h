// Lua as the system has it: what our own versions of its functions are compared with.
#ifndef BURSAR_CPLAINLUA_H
#define BURSAR_CPLAINLUA_H

// Runs a chunk in a state of its own and gives what it printed, a line for each print, and last its error, if it raised one.
// The text is the caller's to free; null without memory.
char *_Nullable plain_lua_run(const char *_Nonnull source, const char *_Nonnull name);

#endif
