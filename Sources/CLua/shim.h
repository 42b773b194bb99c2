// The system's Lua 5.4, as its headers declare it. Swift never imports this module: see CLuaShims.
#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>
