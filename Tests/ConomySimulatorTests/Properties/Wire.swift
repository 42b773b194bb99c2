import ConomyAPI
import ConomySimulator
import ExactJSON
import Foundation
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A way to ask a bank.
protocol Way: Sendable {
    func ask(_ call: Call) async throws -> Answer
}

/// In memory.
struct Memory: Way {
    let simulator: Simulator
    func ask(_ call: Call) -> Answer { simulator.answer(call) }
}

/// Over HTTP, with a plain client that knows nothing but a call's target and its body.
struct Wire: Way {
    private let port: Int
    private let session: URLSession
    var token = ""

    init(port: Int) {
        self.port = port
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpMaximumConnectionsPerHost = 16
        session = URLSession(configuration: configuration)
    }

    func ask(_ call: Call) async throws -> Answer {
        try await send(call.operation.method.rawValue, call.target, call.body)
    }

    func send(_ method: String, _ target: String, _ body: JSON?) async throws -> Answer {
        var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)\(target)"), "\(target)"))
        request.httpMethod = method
        request.httpBody = body.map { Data($0.bytes()) }
        request.setValue("local-key", forHTTPHeaderField: "x-api-key")
        request.setValue("Tests/1.0", forHTTPHeaderField: "User-Agent")
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        if !token.isEmpty { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
        let (data, response) = try await session.data(for: request)
        let status = try #require(response as? HTTPURLResponse).statusCode
        return Answer(status: status, body: data.isEmpty ? JSON?.none : try JSON(parsing: data))
    }

    static let signIn = Call(
        Catalogue.conomy.authenticate, body: ["clientId": "local-client", "clientSecret": "local-secret"])

    /// Serves a bank for as long as `body` needs it.
    static func serve<Result>(
        _ simulator: Simulator, _ body: (inout Wire) async throws -> Result
    ) async throws -> Result {
        let server = SimulatorServer(simulator: simulator)
        var wire = Wire(port: try await server.start())
        do {
            let result = try await body(&wire)
            await server.stop()
            return result
        } catch {
            await server.stop()
            throw error
        }
    }
}
