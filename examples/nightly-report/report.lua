job {
  name = "nightly-report",
  about = "Count and add up yesterday's payments by status and currency.",
  effects = {}, -- reads only: any write is refused
}

local days = require "days" -- days.lua, beside this script

local year, month, day = days.before(now())
local yesterday = string.format("%02d/%02d/%04d", day, month, year) -- as the API's filters want it

-- `each` asks for page after page, so a busy day needs no more memory than a quiet one.
local groups = {}
for payment in conomy.payments.each { startDate = yesterday, endDate = yesterday } do
  local amount = money(payment.totalAmount, payment.currency)
  local name = payment.currency .. " " .. payment.status
  local group = groups[name] or { currency = payment.currency, status = payment.status, payments = 0, total = money("0", payment.currency) }
  group.payments, group.total = group.payments + 1, group.total + amount
  groups[name] = group
end

-- One line of the report for each group; pairs goes through them in order.
local lines = {}
for name, group in pairs(groups) do
  group.name, group.date = name, string.format("%04d-%02d-%02d", year, month, day)
  lines[#lines + 1] = group
end

for_each(lines, { name = "report", key = "name", parallel = 1 }, function(group)
  local line = { date = group.date, currency = group.currency, status = group.status, payments = group.payments, total = group.total.amount }
  emit(line) -- to standard output, as one line of JSON
  return line -- to the result file, as one line of CSV
end)
