-- Where a payout goes in each country: a row of payouts.csv as the node of a payment.
local rails = {}

local function person(row)
  return { firstName = row.first_name, lastName = row.last_name, email = row.email,
    documentType = row.document_type, documentNumber = row.document }
end

-- Brazil: the central bank's instant payments, by the person's document.
function rails.BRA(row)
  return { type = "PIX", currency = row.currency, pix = { customer = person(row) } }
end

-- Mexico: an account is a CLABE of 18 digits.
function rails.MEX(row)
  return { type = "SPEI", currency = row.currency, spei = { clabe = row.account, bankId = row.bank, customer = person(row) } }
end

-- Colombia
function rails.COL(row)
  return { type = "BREB", currency = row.currency, breb = { bankId = row.bank, accountNumber = row.account, customer = person(row) } }
end

-- Everywhere else: an account at a bank.
function rails.other(row)
  return {
    type = "BANK_ACCOUNT",
    currency = row.currency,
    bank = { accountNumber = row.account, bank = row.bank, typeAccount = "CHECKING", country = row.country, currency = row.currency,
      accountHolder = row.first_name .. " " .. row.last_name, accountHolderDni = row.document },
    customer = person(row),
  }
end

return rails
