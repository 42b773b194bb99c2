-- Days, as arithmetic: a script has the run's clock, now(), and no calendar.
local days = {}

local lengths = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function length(year, month)
  local leap = month == 2 and year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
  return lengths[month] + (leap and 1 or 0)
end

-- The day before the day of `instant`, "2026-03-01T09:00:00Z", in UTC -> year, month, day
function days.before(instant)
  local year, month, day = string.match(instant, "^(%d+)-(%d+)-(%d+)T")
  year, month, day = math.tointeger(year), math.tointeger(month), math.tointeger(day) - 1
  if day == 0 then
    month = month - 1
    if month == 0 then year, month = year - 1, 12 end
    day = length(year, month)
  end
  return year, month, day
end

return days
