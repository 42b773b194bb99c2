import Testing

@testable import BursarEngine

@Suite("Failures by cause")
struct FailureGroupsTests {
    @Test("what differs from row to row does not make a cause, what the API says does")
    func causes() {
        let first = FailureGroups.cause(
            of:
                "payments.refund: the API answered 422 failedPrecondition (code 21): amount 828668.87 is more than 828667.87 [trace 1a2b]"
        )
        let second = FailureGroups.cause(
            of: "payments.refund: the API answered 422 failedPrecondition (code 21): amount 10.00 is more than 5.00 [trace 3c4d]")
        let other = FailureGroups.cause(
            of:
                "payments.refund: the API answered 404 notFound (code 31): payment 679d26c44a21df7584b38e11 is unknown [trace 5e6f]"
        )
        #expect(first == second)
        #expect(first != other)
        #expect(other.contains("404 notFound (code 31)"))
        #expect(!other.contains("679d"))
        #expect(
            FailureGroups.cause(of: "amount has 3 decimals, and ARS has 2")
                == FailureGroups.cause(of: "amount has 1 decimals, and CLP has 0"))
    }

    @Test("groups keep a whole example and where they happened")
    func groups() {
        var groups = FailureGroups()
        groups.add(kind: "declined", message: "no payment 111111", place: "line 2")
        groups.add(kind: "declined", message: "no payment 222222", place: "line 3")
        groups.add(kind: "refused", message: "no payment 333333", place: "line 4")
        #expect(groups.groups.map(\.count) == [2, 1])
        #expect(groups.groups[0].example == "no payment 111111")
        #expect(groups.groups[0].places == ["line 2", "line 3"])
    }
}
