import AsyncHTTPClient
import BursarEngine
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization

/// Tells an address when a run begins and how it ended, as healthchecks.io understands it: `URL/start`, then `URL`, or `URL/CODE` with
/// the exit code of a run that failed. Whoever watches there hears of a run that never came, too.
final class Ping: Sendable {
    private let address: URLComponents
    private let run = UUID().uuidString.lowercased()
    private let started = Mutex<Task<Void, Never>?>(nil)

    /// How much the other side takes of a text.
    private static let mostBytes = 10_000
    private static let tries = 3
    private static let patience = Duration.seconds(5)
    /// Of a run that was told to stop.
    private static let hurriedPatience = Duration.seconds(1)

    /// Nil when it is no address; `WebAddress` says why.
    init?(_ url: String) {
        guard WebAddress.problem(url) == nil, let address = URLComponents(string: url) else { return nil }
        self.address = address
    }

    /// The address for a word: `start`, an exit code, or none.
    func url(_ word: String?) -> String {
        var address = address
        if let word { address.path = (address.path.hasSuffix("/") ? String(address.path.dropLast()) : address.path) + "/" + word }
        // By it the other side knows which end belongs to which start.
        address.queryItems = (address.queryItems ?? []) + [URLQueryItem(name: "rid", value: run)]
        return address.string ?? ""
    }

    func start() {
        let task = Task { [self] in _ = await send(url("start"), "", tries: 1, Ping.patience) }
        started.withLock { $0 = task }
    }

    /// - Returns: why it could not be told; nil when it was.
    func end(_ end: EndOfRun, isHurried: Bool) async -> String? {
        // The start must not come after the end.
        let start = started.withLock { $0 }
        if isHurried { start?.cancel() }
        await withTaskCancellationHandler {
            await start?.value
        } onCancel: {
            start?.cancel()
        }
        return await send(
            url(end.exit.isSuccess ? nil : String(end.exit.rawValue)), end.body(most: Ping.mostBytes),
            tries: isHurried ? 1 : Ping.tries,
            isHurried ? Ping.hurriedPatience : Ping.patience)
    }

    /// - Returns: why it was not taken; nil when it was.
    private func send(_ url: String, _ body: String, tries: Int, _ patience: Duration) async -> String? {
        var problem: String?
        for number in 1...tries {
            if number > 1 { try? await Task.sleep(for: .seconds(number - 1)) }
            guard !Task.isCancelled || number == 1 else { break }
            do {
                let status = try await Ping.post(url, body, patience)
                if (200..<300).contains(status) { return nil }
                problem = "it answered \(status)"
                // It understood, and said no.
                if (300..<500).contains(status), status != 408, status != 429 { break }
            } catch { problem = Ping.words(error) }
        }
        // The path is as good as a password.
        return problem.map { "the ping to \(address.host ?? "") failed: \($0)" }
    }

    private static func words(_ error: any Error) -> String {
        switch error as? HTTPClientError {
        case .deadlineExceeded?, .connectTimeout?, .readTimeout?: "it did not answer in time"
        case .cancelled?: "it did not answer before the program was told to stop"
        case nil where error is CancellationError: "it did not answer before the program was told to stop"
        default: "\(error)"
        }
    }

    private static func post(_ url: String, _ body: String, _ patience: Duration) async throws -> Int {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        // A port that is closed is an answer.
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            var request = HTTPClientRequest(url: url)
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "text/plain; charset=utf-8")
            request.headers.add(name: "User-Agent", value: "Bursar/\(bursarVersion)")
            request.body = .bytes(ByteBuffer(string: body))
            let response = try await client.execute(request, timeout: .nanoseconds(Int64(patience / .nanoseconds(1))))
            try await client.shutdown()
            return Int(response.status.code)
        } catch {
            try? await client.shutdown()
            throw error
        }
    }
}
