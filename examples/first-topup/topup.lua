-- The whole life of one payment: created, captured, received, settled; and the balance that proves it.
job {
  name = "first-topup",
  about = "Top up an account and check that the money is there.",
  args = {
    amount = { "amount", help = "such as 25000", default = "25000" },
    currency = { "text", default = "CLP" },
  },
  effects = { "payments.create", "payments.capture", "payments.simulate_received" },
}

-- Money is exact: 0.1 + 0.2 is 0.3, and pesos are never added to dollars.
local amount = money(args.amount, args.currency)

-- `each` walks all pages of a list; the first account of the currency will do.
local account = conomy.accounts.each({ currency = args.currency, status = "ACTIVE" })()
assert(account, "there is no active account in " .. args.currency)
local before = money(account.balance, account.currency)

local payment = conomy.payments.create {
  type = "TOPUP_ACCOUNT",
  product = args.currency .. ":" .. args.currency, -- paid in : received in
  purchaseAmount = amount,
  externalId = "first-topup",
  origins = { { type = "FINTOC", currency = args.currency } }, -- the payer's bank, in Chile
  destinations = { { type = "ACCOUNT", currency = args.currency, account = { accountNumber = account.accountNumber } } },
}
emit { step = "created", status = payment.status }

emit { step = "captured", status = conomy.payments.capture(payment.id).status }

-- In production the payer's bank does this. In the sandbox and in the embedded bank, you do.
emit { step = "received", status = conomy.payments.simulate_received({ id = payment.id }).status }

-- CAPTURED is not success; SETTLED is.
payment = await(payment, "SETTLED", { timeout = "5m" })
emit { step = "settled", status = payment.status }

local after = money(conomy.accounts.get(account.id).balance, account.currency)
assert(after == before + amount, "the balance is " .. after .. ", and should be " .. (before + amount))
emit { balance_before = before, balance_after = after }
