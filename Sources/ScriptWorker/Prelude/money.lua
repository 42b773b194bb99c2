-- Money: a whole number of a currency's smallest unit. Never a float, never rounded, never below zero.
-- A money value holds its minor units, its currency and its amount as text, and cannot be changed.
local _ENV <const> = ...

local opaque, peek, metatable = opaque, peek, money_metatable
local format, match, sub, rep = string.format, string.match, string.sub, string.rep
local MOST <const> = math.maxinteger

-- Set when the run starts.
currencies, default_exponent = {}, 2

local function shown(value)
    return type(value) == "string" and '"' .. printable(value, 80) .. '"' or printable(tostring(value), 80)
end

local function exponent_of(currency)
    return rawget(currencies, currency) or default_exponent
end

local function make(minor, currency)
    local exponent, amount = exponent_of(currency), nil
    if exponent == 0 then
        amount = format("%d", minor)
    else
        local digits = format("%0" .. exponent + 1 .. "d", minor)
        amount = sub(digits, 1, -exponent - 1) .. "." .. sub(digits, -exponent)
    end
    return opaque(metatable, minor, currency, amount)
end

local function refuse_amount(amount, advice)
    raise("invalid", shown(amount) .. " is not an amount: " .. advice)
end

local function check_currency(currency)
    if type(currency) ~= "string" then
        raise("invalid", 'money wants a currency code such as "USD" as its second argument, not ' .. shown(currency))
    end
    if rawget(currencies, currency) then return currency end
    if not match(currency, "^[A-Z][A-Z0-9]+$") or #currency < 3 or #currency > 12 then
        raise("invalid", shown(currency) .. " is not a currency code: write it in capital letters, like \"USD\""
            .. did_you_mean(currency, currencies))
    end
    return currency
end

local function minor_units(amount, currency)
    if math.type(amount) == "integer" then amount = format("%d", amount) end
    if math.type(amount) == "float" then
        refuse_amount(amount, "it is a Lua float, which cannot hold cents exactly; write it as text, like \"150.00\"")
    end
    if type(amount) ~= "string" then refuse_amount(amount, "write it as text, like \"150.00\"") end
    local whole, fraction = match(amount, "^([0-9]+)%.([0-9]+)$")
    if not whole then whole, fraction = match(amount, "^[0-9]+$"), "" end
    if not whole then
        if amount == "" then refuse_amount(amount, "it is empty") end
        if match(amount, "^%s") or match(amount, "%s$") then refuse_amount(amount, "remove the spaces around it") end
        if match(amount, "^%-") then refuse_amount(amount, "amounts have no sign; what is done with it says the direction") end
        if match(amount, "^%+") then refuse_amount(amount, "amounts have no sign") end
        if match(amount, "[0-9][eE]") then refuse_amount(amount, "write all digits, without an exponent") end
        if match(amount, "[0-9],[0-9]") then
            refuse_amount(amount, "write digits only, with a point before the decimals and nothing between thousands")
        end
        if match(amount, "^%.") or match(amount, "%.$") then refuse_amount(amount, "write a digit on both sides of the point") end
        if match(amount, "[\128-\255]") then refuse_amount(amount, "use the digits 0 to 9") end
        refuse_amount(amount, "write it as digits with a point, like \"150.00\"")
    end
    if #whole > 1 and sub(whole, 1, 1) == "0" then refuse_amount(amount, "remove the zeros before it") end
    local exponent = exponent_of(currency)
    if #fraction > exponent then
        refuse_amount(amount, exponent == 0 and format("%s has no decimals", currency)
            or format("%s has %d decimals, and this has %d", currency, exponent, #fraction))
    end
    if #whole + exponent > 18 then refuse_amount(amount, "it is too large") end
    return math.tointeger(whole .. fraction .. rep("0", exponent - #fraction))
end

-- money("150.00", "ARS")
function money(amount, currency)
    currency = check_currency(currency)
    return make(minor_units(amount, currency), currency)
end

local function both(left, right, sign)
    local left_minor, left_currency = peek(left, metatable)
    local right_minor, right_currency = peek(right, metatable)
    if not left_minor or not right_minor then
        raise("invalid", format("cannot do %s %s %s: both must be money", shown(left), sign, shown(right)))
    end
    if left_currency ~= right_currency then
        raise("invalid", format("cannot do %s %s %s: %s and %s are different currencies",
            tostring(left), sign, tostring(right), left_currency, right_currency))
    end
    return left_minor, right_minor, left_currency
end

-- A list of `count` amounts that add up to this one; the first ones carry what does not divide.
local function split(value, count)
    local minor, currency = peek(value, metatable)
    if not minor then raise("invalid", "split wants money: write amount:split(3)") end
    if math.type(count) ~= "integer" or count < 1 or count > 100000 then
        raise("invalid", "split wants a whole number of parts from 1 to 100000, not " .. shown(count))
    end
    local parts, share, rest = {}, minor // count, minor % count
    for index = 1, count do parts[index] = make(share + (index <= rest and 1 or 0), currency) end
    return array(parts)
end

metatable.__name = "money"
metatable.__metatable = false

function metatable.__index(value, key)
    local _, currency, amount = peek(value, metatable)
    if key == "amount" then return amount end
    if key == "currency" then return currency end
    if key == "split" then return split end
    raise("invalid", format("money has no field %s%s", shown(key), did_you_mean(key, { "amount", "currency", "split" })))
end

function metatable.__newindex()
    raise("invalid", "a money value cannot be changed; make another with money(amount, currency)")
end

function metatable.__tostring(value)
    local _, currency, amount = peek(value, metatable)
    return amount .. " " .. currency
end

function metatable.__concat(left, right)
    return tostring(left) .. tostring(right)
end

function metatable.__eq(left, right)
    local left_minor, left_currency = peek(left, metatable)
    local right_minor, right_currency = peek(right, metatable)
    return left_minor ~= nil and left_minor == right_minor and left_currency == right_currency
end

function metatable.__lt(left, right)
    local a, b = both(left, right, "<")
    return a < b
end

function metatable.__le(left, right)
    local a, b = both(left, right, "<=")
    return a <= b
end

function metatable.__add(left, right)
    local a, b, currency = both(left, right, "+")
    if a > MOST - b then raise("invalid", format("%s + %s is too large", tostring(left), tostring(right))) end
    return make(a + b, currency)
end

function metatable.__sub(left, right)
    local a, b, currency = both(left, right, "-")
    if a < b then raise("invalid", format("%s - %s is below zero; amounts have no sign", tostring(left), tostring(right))) end
    return make(a - b, currency)
end

function metatable.__mul(left, right)
    local value, factor = left, right
    if type(left) ~= "money" then value, factor = right, left end
    local minor, currency = peek(value, metatable)
    if math.type(factor) ~= "integer" or factor < 0 then
        raise("invalid", format("cannot do %s * %s: money is multiplied by whole numbers from zero", shown(left), shown(right)))
    end
    if factor > 0 and minor > MOST // factor then
        raise("invalid", format("%s * %s is too large", tostring(left), tostring(right)))
    end
    return make(minor * factor, currency)
end

local function no_division(left, right)
    raise("invalid", format("cannot divide %s by %s: parts must add up; use amount:split(n)", shown(left), shown(right)))
end

metatable.__div, metatable.__idiv, metatable.__mod, metatable.__pow = no_division, no_division, no_division, no_division

function metatable.__unm(value)
    raise("invalid", "cannot negate " .. tostring(value) .. ": amounts have no sign")
end

-- A value that the host has kept, with its money as money again.
function money_again(value)
    if type(value) ~= "table" then return value end
    local marked = rawget(value, "$money")
    if type(marked) == "table" then return money(marked[1], marked[2]) end
    for key, item in next, value do
        if type(item) == "table" then value[key] = money_again(item) end
    end
    return value
end
