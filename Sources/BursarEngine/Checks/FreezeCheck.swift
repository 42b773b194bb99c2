/// Whether somebody has stopped effects.
public struct FreezeCheck: Check {
    private let folder: String

    /// - Parameter folder: where freeze files lie.
    public init(folder: String) { self.folder = folder }

    public func results() -> [CheckResult] {
        let all = FreezeFile(folder: folder)
        let files =
            [(all, "every environment", "")]
            + all.frozenAlone.map { (FreezeFile(folder: folder, environment: $0), $0, " --env \($0)") }
        let frozen = files.compactMap { file, what, flag -> CheckResult? in
            file.content.map {
                .warning(
                    "freeze", "\(what) is frozen since \($0.at) by \($0.by): \($0.because)",
                    hint: "bursar thaw\(flag) lets effects happen again")
            }
        }
        return frozen.isEmpty ? [.ok("freeze", "effects are not frozen")] : frozen
    }
}
