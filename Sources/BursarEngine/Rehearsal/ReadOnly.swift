import ConomyAPI

/// A performer that can only read: the door to a target that a rehearsal is given.
struct ReadOnly: Performer {
    private let target: any Performer

    init(_ target: any Performer) { self.target = target }

    func perform(_ call: Call) async throws(CallFailure) -> Answer {
        guard call.operation.effect == .read else {
            throw CallFailure(
                .refused, code: "rehearsal_reads_only", "\(call.operation.name) was about to leave a rehearsal",
                hint: "this is a defect of Bursar; nothing was sent")
        }
        return try await target.perform(call)
    }
}
