/// Whether `bursar.yaml` is valid, and every environment has what calls need.
public struct ConfigurationCheck: Check {
    private let configuration: Result<Configuration, ConfigurationError>

    public init(_ configuration: Result<Configuration, ConfigurationError>) { self.configuration = configuration }

    public func results() -> [CheckResult] {
        let found: Configuration
        switch configuration {
        case .success(let configuration): found = configuration
        case .failure(let error): return [.failed("configuration", .invalid, error.description, hint: "correct that line")]
        }
        let wrong = TargetEnvironment.names(in: found).compactMap { name -> CheckResult? in
            do throws(ConfigurationError) {
                _ = try TargetEnvironment(named: name, in: found)
                return nil
            } catch { return .failed("configuration", .invalid, error.description, hint: "correct it, or take it out") }
        }
        if !wrong.isEmpty { return wrong }
        let names = TargetEnvironment.names(in: found).joined(separator: ", ")
        return [.ok("configuration", "\(found.path ?? "there is no bursar.yaml, and none is needed"); environments: \(names)")]
    }
}
