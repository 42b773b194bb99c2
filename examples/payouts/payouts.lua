job {
  name = "payouts",
  about = "Pay out to bank accounts in several countries from a CSV file.",
  args = { input = { "file", help = "CSV: payout_id, country, currency, amount, the person, bank, account" } },
  effects = { "payments.create", "payments.capture" },
}

local rails = require "rails" -- rails.lua, beside this script

-- The account that pays, by currency: read once, not once a row.
local ours = {}
for account in conomy.accounts.each { type = "CHECKING", status = "ACTIVE" } do
  ours[account.currency] = account.accountNumber
end

local rows = csv(args.input, {
  key = "payout_id",
  country = "one_of(ARG, BRA, CHL, COL, MEX)",
  amount = "money(currency)",
})

for_each(rows, { name = "payouts", parallel = 4, max_failures = "50%" }, function(row)
  local from = ours[row.currency] or fail("there is no account in " .. row.currency .. " to pay from")
  local to = (rails[row.country] or rails.other)(row)
  local payment = conomy.payments.create {
    type = "WITHDRAWAL_ACCOUNT",
    externalId = row.payout_id, -- so that the payout can be found again from our books
    product = row.currency .. ":" .. row.currency,
    purchaseAmount = row.amount,
    origins = { { type = "ACCOUNT", currency = row.currency, account = { accountNumber = from } } },
    destinations = { to },
  }
  -- CREATED holds the money, CAPTURED sends it.
  payment = conomy.payments.capture(payment.id)
  return { payment_id = payment.id, status = payment.status, rail = to.type }
end)
