job {
  name = "onboarding",
  about = "Set up every seller of a CSV file: an identity, its accounts, and our permission to read it.",
  args = {
    input = { "file", help = "CSV: seller, name, email, phone, country, document_type, document, idv, currencies" },
    parent = { "text", help = "the id of our own organization" },
  },
  effects = { "identities.create", "identities.add_children", "identities.add_permissions", "accounts.create" },
}

local rows = csv(args.input, { key = "seller", document_type = "one_of(RUT, RFC, NIT, CUIT)" })

-- The seller as the API knows it already, or a new one: a second run of the same file makes nobody twice. What was found is kept (step): a
-- run that goes on after it was cut off must not take what it made itself for what was there before.
local function identity_of(row)
  local found = step("find", function()
    return conomy.identities.each({ type = "ORGANIZATION", documentNumber = row.document })()
  end)
  if found then return found, false end
  return conomy.identities.create {
    type = "ORGANIZATION",
    externalId = row.seller,
    name = row.name,
    email = row.email,
    phone = row.phone,
    country = row.country,
    documentType = row.document_type,
    documentNumber = row.document,
    idv = row.idv, -- where your identity check of the seller is filed
  }, true
end

local function account_of(identity, currency)
  local found = step("find " .. currency, function()
    return conomy.accounts.each({ identityId = identity.id, currency = currency })()
  end)
  return found or conomy.accounts.create {
    identityId = identity.id,
    type = "CHECKING",
    custody = "BANK_ACCOUNT",
    currency = currency,
    name = identity.name .. " " .. currency,
  }
end

local counts = for_each(rows, { name = "sellers", parallel = 4 }, function(row)
  local identity, is_new = identity_of(row)
  if is_new then
    conomy.identities.add_children(args.parent, { children = { identity.id } })
    conomy.identities.add_permissions(args.parent, {
      { resource = "IDENTITY", reference = identity.id, permissions = { "account:read" } },
    })
  end
  local result = { identity = identity.id, new = is_new }
  for currency in string.gmatch(row.currencies, "%u+") do
    result["account_" .. string.lower(currency)] = account_of(identity, currency).accountNumber
  end
  return result
end)

log.info("sellers set up", counts)
