job {
  name = "events",
  about = "What is done without anybody asking, when the API tells of it.",
  effects = { "payments.refund", "payments.assign" }, -- anything else is refused
}

-- The day of a time, as the API's filters want it.
local function day(time)
  local year, month, date = time:match("^(%d+)-(%d+)-(%d+)")
  return date .. "/" .. month .. "/" .. year
end

-- An order that was paid twice on one day: the later payment goes back.
on("payment.settled", function(event)
  -- An event says what was true when it was sent; what is true now is read.
  local payment = conomy.payments.get(event.transaction.id)
  if payment.type ~= "TOPUP_ACCOUNT" or not payment.externalId then return end
  local on_that_day = { accountNumber = payment.accountNumber, status = "SETTLED",
    startDate = day(payment.createdAt), endDate = day(payment.createdAt) }
  for other in conomy.payments.each(on_that_day) do
    -- Both payments have an event, in any order: the same one of them is the later, whoever looks.
    local is_earlier = other.createdAt .. other.id < payment.createdAt .. payment.id
    if other.externalId == payment.externalId and is_earlier then
      local reason = payment.externalId .. " was paid with " .. other.id .. " already"
      local refund = conomy.payments.refund(payment.id, { amount = "all", reason = reason })
      return emit { order = payment.externalId, paid_with = other.id, given_back = payment.id, refund = refund.refundId }
    end
  end
end)

-- Money that nobody announced: it belongs to the seller whose document the sender has.
on("purchase.pendingAssignment", function(event)
  local deposit = conomy.payments.get(event.transaction.id)
  local document = conomy.payments.customer(deposit.id).documentNumber
  for seller in conomy.identities.each { documentNumber = document } do
    for account in conomy.accounts.each { identityId = seller.id, currency = deposit.currency, status = "ACTIVE" } do
      conomy.payments.assign(deposit.id, { accountNumber = account.accountNumber })
      return emit { deposit = deposit.id, seller = seller.name, account = account.accountNumber }
    end
  end
  log.warn("a deposit is nobody's", { deposit = deposit.id, document = document, expires = deposit.expiresAt })
end)

-- A refund that did not arrive: nothing can be done about that from here, so somebody is told.
on("payment.refund.failed", function(event)
  local refund = event.transaction
  log.error("a refund did not arrive; ask the customer where to", { refund = refund.id, amount = refund.totalAmount })
  emit { refund = refund.id, amount = refund.totalAmount, currency = refund.currency, came_back = true }
end)
