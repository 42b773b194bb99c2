import ConomyAPI

/// Looks whether effects are frozen. A look is one question to the system: it is made for each effect.
struct FreezeWatch: Sendable {
    let files: [FreezeFile]

    /// Why no effect may leave now; nil while none is frozen.
    var failure: CallFailure? {
        for file in files {
            if let content = file.content {
                return CallFailure(
                    .refused, code: "frozen",
                    "effects are frozen since \(content.at) by \(content.by): \(content.because)",
                    hint: "bursar thaw lets them happen again; then run again: what was settled is not sent twice")
            }
        }
        return nil
    }
}
