-- pairs and next in one order for everyone: numbers ascending, then texts by bytes, then booleans.
local _ENV <const> = ...

local keys, metafield, type, rawget = keys, metafield, type, rawget

local function sorted_keys(table)
    local list = keys(table)
    if list then return list end
    raise("invalid", "a table with several tables, functions or coroutines as keys has no order that is the same in every run;"
        .. " keep a list beside it and walk that")
end

function pairs(value)
    local own = metafield(value, "__pairs")
    if own ~= nil then
        local step, state, first = own(value)
        return step, state, first
    end
    if type(value) ~= "table" then raise("invalid", "pairs wants a table, not a " .. type(value)) end
    local list, place = sorted_keys(value), 0
    if metafield(value, "__index") == nil then
        return function()
            local key, found
            repeat
                place = place + 1
                key = list[place]
                if key == nil then return nil end
                found = value[key]
            until found ~= nil
            return key, found
        end, value, nil
    end
    return function()
        local key, found
        repeat
            place = place + 1
            key = list[place]
            if key == nil then return nil end
            found = rawget(value, key)
        until found ~= nil
        return key, found
    end, value, nil
end

-- The walk that `next` is in: one table's keys and the place of the last key given.
local walked, walked_keys, walked_place = nil, nil, 0

local function start_walk(table)
    walked, walked_keys, walked_place = table, sorted_keys(table), 0
end

local function find_place(key)
    if walked_keys[walked_place] == key then return walked_place end
    for place = 1, #walked_keys do
        if walked_keys[place] == key then return place end
    end
end

local base_next = next

function next(table, key)
    if type(table) ~= "table" then raise("invalid", "next wants a table, not a " .. type(table)) end
    if base_next(table) == nil then return nil end
    if key == nil or walked ~= table then start_walk(table) end
    local place = 0
    if key ~= nil then
        place = find_place(key)
        if not place then
            start_walk(table)
            place = find_place(key) or raise("invalid", "next was given a key that the table does not have")
        end
    end
    repeat
        place = place + 1
        local following = walked_keys[place]
        if following == nil then
            walked, walked_keys = nil, nil
            return nil
        end
        walked_place = place
        local value = rawget(table, following)
        if value ~= nil then return following, value end
    until false
end
