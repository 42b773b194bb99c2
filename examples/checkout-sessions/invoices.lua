job {
  name = "checkout-sessions",
  about = "Make a payment link and a checkout session for every invoice of a CSV file.",
  args = {
    input = { "file", help = "CSV: invoice, customer, email, net, tax, currency, about" },
    days = { "integer", help = "how long a link stays open", default = 7 },
  },
  effects = { "payment_links.create", "payment_links.open_session" },
}

-- How customers may pay, by currency.
local methods = {
  CLP = { "WEBPAY", "FINTOC" },
  BRL = { "PIX" },
  MXN = { "SPEI", "CARD" },
}

local accounts = {}
for account in conomy.accounts.each { type = "CHECKING", status = "ACTIVE" } do accounts[account.currency] = account end

local rows = csv(args.input, { key = "invoice", net = "money(currency)", tax = "money(currency)" })

for_each(rows, { name = "invoices", parallel = 4 }, function(row)
  local account = accounts[row.currency] or fail("there is no account in " .. row.currency)
  local total = row.net + row.tax -- exact, and only because both are in one currency
  local link = conomy.payment_links.create {
    checkoutToken = row.invoice, -- what the customer's address ends with; the same invoice twice is a 409
    currency = row.currency,
    items = { {
      description = row.about,
      preTaxAmount = row.net,
      totalAmount = total,
      tax = { name = "VAT", type = "FIXED", value = row.tax.amount, amount = row.tax },
    } },
    paymentMethodsAllowed = methods[row.currency] or fail("nobody has said how " .. row.currency .. " is paid"),
    customer = { firstName = row.customer, email = row.email },
    destinations = { { type = "ACCOUNT", currency = row.currency, amount = total, account = { accountNumber = account.accountNumber } } },
    owner = { identityId = account.identityId },
    duration = args.days * 24 * 60 * 60,
  }
  local session = conomy.payment_links.open_session(link.checkoutToken)
  return { link = link.id, session = session.id, total = total, url = session.url, open_until = session.expiresAt }
end)
