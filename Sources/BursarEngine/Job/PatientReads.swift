import ConomyAPI

/// Reads once more what was answered with rubbish: for reading back, which one page in between must not end. Whoever looks for what is in
/// doubt has looks of its own.
struct PatientReads: Performer {
    let next: any Performer
    private static let most = 4

    func perform(_ call: Call) async throws(CallFailure) -> Answer {
        var tries = 1
        while true {
            do throws(CallFailure) { return try await next.perform(call) } catch {
                guard error.code == "rubbish_answer", tries < PatientReads.most, !Task.isCancelled else { throw error }
                tries += 1
            }
        }
    }
}
