job {
  name = "bulk-refunds",
  about = "Refund every payment listed in a CSV file.",
  args = { input = { "file", help = "CSV with payment_id, amount, currency, reason" } },
  effects = { "payments.refund" }, -- anything else is refused
}

local rows = csv(args.input, { key = "payment_id", amount = "money(currency)" })

for_each(rows, { name = "refunds", parallel = 16 }, function(row)
  local refund = conomy.payments.refund(row.payment_id, { amount = row.amount, reason = row.reason })
  return { refund_id = refund.refundId, status = refund.status } -- the row's line in the result file
end)
