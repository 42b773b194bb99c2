import ConomyAPI

/// What the refunds of a payment add up to, by the documented buckets, in the smallest units of its currency. Kept as they come
/// and change: a payment may have a million of them.
struct RefundSums: Sendable {
    private(set) var refunded: Int128 = 0
    private(set) var inProgress: Int128 = 0
    private(set) var failed: Int128 = 0
    /// Children in review are in no bucket of the documents; their money is reserved all the same.
    private(set) var inReview: Int128 = 0
    private(set) var completedCount = 0
    private(set) var inProgressCount = 0
    private(set) var failedCount = 0

    /// - Parameter sign: 1 for a refund that comes into this state, -1 for one that leaves it.
    mutating func count(_ total: Money, _ state: PaymentState, sign: Int) {
        let amount = total.minorUnits * Int128(sign)
        switch state {
        case .settled, .refunded:
            refunded += amount
            completedCount += sign
        case .failed, .expired, .unsettled, .reversed:
            failed += amount
            failedCount += sign
        case .requiresReview: inReview += amount
        default:
            inProgress += amount
            inProgressCount += sign
        }
    }
}

/// The same as amounts, beside the payment's own.
struct RefundTotals {
    let refunded: Money
    let inProgress: Money
    let failed: Money
    let completedCount: Int
    let inProgressCount: Int
    let failedCount: Int
    let maxRefundable: Money
    let parent: Money

    init(_ sums: RefundSums, of parent: Money, difference: Int128) {
        refunded = Money(minorUnits: sums.refunded, parent.currency)
        inProgress = Money(minorUnits: sums.inProgress, parent.currency)
        failed = Money(minorUnits: sums.failed, parent.currency)
        (completedCount, inProgressCount, failedCount) = (sums.completedCount, sums.inProgressCount, sums.failedCount)
        let left = parent.minorUnits - sums.refunded - sums.inProgress - sums.inReview + difference
        maxRefundable = Money(minorUnits: max(0, left), parent.currency)
        self.parent = parent
    }
}
