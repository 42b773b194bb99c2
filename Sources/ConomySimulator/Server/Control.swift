import ConomyAPI
import ExactJSON

/// What a test or an operator may do to the simulator itself, under `/_sim/`. Only this machine may; no token is needed. The
/// page `bursar docs bank` describes all of it.
struct Control {
    let simulator: Simulator

    init(_ simulator: Simulator) { self.simulator = simulator }

    func answer(_ request: WireRequest, _ path: Substring, _ query: Substring) -> Answer {
        do throws(Refusal) {
            guard request.isLocal else {
                throw Refusal(.forbiddenOperation, "the simulator is controlled from its own machine only")
            }
            guard let bytes = request.body else {
                throw Refusal(.parsingResource, "the body is longer than \(Door.bodyLimit) bytes")
            }
            var body: JSON = [:]
            if !bytes.isEmpty {
                do { body = try JSON(parsing: bytes) } catch { throw Refusal(.parsingResource, "the body is not JSON: \(error)") }
            }
            let steps = path.dropFirst(6).split(separator: "/").map(String.init)
            let values = QueryValues(try Door.read(query))
            guard let endpoint = ControlEndpoint.all.first(where: { $0.fits(request.method, steps) }) else {
                throw .notFound("control", "\(request.method) \(path)")
            }
            let tenant = try tenant(values)
            let order = ControlRequest(simulator: simulator, tenant: tenant, path: steps, query: values, body: body)
            return Answer(status: 200, body: try endpoint.perform(order))
        } catch {
            return simulator.withBank { error.answer(traceID: $0.identifiers.uuid()) }
        }
    }

    /// The parameter `clientId` names the tenant; without it the first is meant.
    private func tenant(_ query: QueryValues) throws(Refusal) -> Int {
        guard let clientID = query["clientId"] else { return 0 }
        guard let tenant = simulator.withPlatform({ $0.tenant(clientID: clientID) }) else { throw .notFound("tenant", clientID) }
        return tenant
    }
}
