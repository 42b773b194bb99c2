import ConomyAPI
import ExactJSON

/// An account of the bank.
struct Account: Sendable {
    let id: String
    let number: String
    let identityID: String
    var externalID: String?
    let type: String
    let custody: String
    let currency: Currency
    var name: String
    var holder: String
    var status: String
    let parentID: String?
    let custodyBankAccount: JSON?
    /// What belongs to the account.
    var balance: Money
    /// What of it can be spent; the rest is held for payments on their way.
    var available: Money
    let createdAt: Timestamp
    var updatedAt: Timestamp

    mutating func spend(available amount: Money) {
        guard let rest = available - amount else {
            preconditionFailure("\(amount) was taken from \(available) of account \(number)")
        }
        available = rest
    }

    mutating func spend(balance amount: Money) {
        guard let rest = balance - amount else { preconditionFailure("\(amount) was taken from \(balance) of account \(number)") }
        balance = rest
    }
}

/// All accounts, by number and by id.
struct AccountBook: Sendable, Listed {
    private var accounts: [Account] = []
    private var byNumber: [String: Int] = [:]
    private var byID: [String: Int] = [:]
    /// Deleted accounts leave a gap, so that the positions of the others stay.
    private var isDeleted: [Bool] = []
    private var deletedByNumber: [String: Int] = [:]
    private var deletedPositions: [Int] = []

    subscript(number number: String) -> Account? { byNumber[number].map { accounts[$0] } }
    subscript(id id: String) -> Account? { byID[id].map { accounts[$0] } }
    /// In the order they were made.
    var all: some Sequence<Account> { accounts.indices.lazy.filter { !isDeleted[$0] }.map { accounts[$0] } }

    var places: Int { accounts.count }
    var hasGaps: Bool { byID.count < accounts.count }
    func item(at place: Int) -> Account? { isDeleted[place] ? nil : accounts[place] }
    func id(of account: Account) -> String { account.id }

    /// Those that were deleted, in that order. Old payments still name them.
    var deleted: [Account] { deletedPositions.map { accounts[$0] } }

    /// The account with this number, deleted or not.
    func everKnown(number: String) -> Account? { (byNumber[number] ?? deletedByNumber[number]).map { accounts[$0] } }

    mutating func add(_ account: Account) {
        byNumber[account.number] = accounts.count
        byID[account.id] = accounts.count
        accounts.append(account)
        isDeleted.append(false)
    }

    mutating func remove(_ account: Account) {
        guard let index = byID.removeValue(forKey: account.id) else { return }
        byNumber[account.number] = nil
        deletedByNumber[account.number] = index
        isDeleted[index] = true
        deletedPositions.append(index)
    }

    /// Changes an account in place. Money never moves to a number that was not looked up before, so an unknown one is a
    /// mistake of ours.
    mutating func change(number: String, _ change: (inout Account) -> Void) {
        guard let index = byNumber[number] else { preconditionFailure("account \(number) is gone") }
        change(&accounts[index])
    }
}

extension Bank {
    /// The account that a request names.
    func named(_ number: String) -> Account? { hiddenAccounts.contains(number) ? nil : accounts[number: number] }
}
