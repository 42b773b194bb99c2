import BursarListener
import ConomyAPI
import Foundation
import NIOCore
import Synchronization
import Testing

@Suite("The receiver of events")
final class EventReceiverTests: Sendable {
    /// A connection as a stranger makes it: bytes out, bytes in.
    final class Line {
        private let descriptor: Int32

        init(port: Int) throws {
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            let size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let status = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
            }
            try #require(status == 0)
        }

        deinit { close(descriptor) }

        func write(_ text: String) { _ = text.withCString { send(descriptor, $0, strlen($0), Int32(MSG_NOSIGNAL)) } }

        /// Until the other end closes, or has answered once.
        func read() -> String {
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &bytes, bytes.count, 0)
            return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        }
    }

    struct Full: Error {}

    private let stored = Mutex<[String]>([])
    private static let body = #"{"eventType":"payment.settled","timestamp":"t","transaction":{"id":"p1","status":"SETTLED"}}"#

    private func request(_ body: String, _ more: [String] = [], method: String = "POST", path: String = "/") -> String {
        let lines = ["\(method) \(path) HTTP/1.1", "Host: x", "Content-Length: \(body.utf8.count)"] + more
        return lines.joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    private func signed(_ body: String) -> String {
        "X-Webhook-Signature: " + WebhookSignature.header(Array(body.utf8), secret: "k")
    }

    @Test("answers 200 once an event is stored, and otherwise says what its sender may know")
    func answers() async throws {
        let isFull = Mutex(false)
        let receiver = EventReceiver(secrets: ["k"]) { message, _ in
            if isFull.withLock({ $0 }) { throw Full() }
            self.stored.withLock { $0.append(message.type) }
        }
        let port = try await receiver.start(host: "127.0.0.1", port: 0)
        func ask(_ text: String) throws -> String {
            let line = try Line(port: port)
            line.write(text)
            return String(line.read().split(separator: " ").dropFirst().first ?? "closed")
        }
        let body = Self.body
        #expect(try ask(request(body, [signed(body)])) == "200")
        #expect(try ask(request(body)) == "401")
        #expect(try ask(request(body, [signed(body + " ")])) == "401")
        #expect(try ask(request(body, [signed(body), signed(body)])) == "401")
        #expect(try ask(request("{}", [signed("{}")])) == "400")
        #expect(try ask(request("", method: "GET")) == "405")
        #expect(try ask(request("", method: "GET", path: "/health")) == "200")
        #expect(try ask(request(String(repeating: "x", count: 300_000))) == "413")
        let endless = "POST / HTTP/1.1\r\nX: " + String(repeating: "x", count: 40_000)
        #expect(try ask(endless) == "closed")
        // Also one that comes to its end in one piece.
        #expect(try ask(request("", ["X: " + String(repeating: "x", count: 20_000)], method: "GET", path: "/health")) == "closed")
        isFull.withLock { $0 = true }
        #expect(try ask(request(body, [signed(body)])) == "503")
        isFull.withLock { $0 = false }
        // One connection may be used again.
        let line = try Line(port: port)
        for _ in 0..<3 {
            line.write(request(body, [signed(body)]))
            #expect(line.read().hasPrefix("HTTP/1.1 200"))
        }
        #expect(stored.withLock { $0.count } == 4)
        await receiver.stop()
    }

    @Test("serves others while hundreds of connections dawdle, and closes those in time")
    func slow() async throws {
        var limits = EventReceiver.Limits()
        limits.time = .milliseconds(1500)
        let receiver = EventReceiver(secrets: ["k"], limits: limits) { message, _ in
            self.stored.withLock { $0.append(message.type) }
        }
        let port = try await receiver.start(host: "127.0.0.1", port: 0)
        let slow = try (0..<500).map { number in
            let line = try Line(port: port)
            line.write(["", "POST", "POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc"][number % 3])
            return line
        }
        let line = try Line(port: port)
        line.write(request(Self.body, [signed(Self.body)]))
        #expect(line.read().hasPrefix("HTTP/1.1 200"))
        // Each is closed: reading comes to an end.
        for line in slow { #expect(line.read() == "") }
        await receiver.stop()
    }

    @Test("bears only so many connections: the one that has sent nothing for longest makes room")
    func many() async throws {
        var limits = EventReceiver.Limits()
        limits.connections = 3
        let receiver = EventReceiver(secrets: ["k"], limits: limits) { _, _ in }
        let port = try await receiver.start(host: "127.0.0.1", port: 0)
        let health = request("", method: "GET", path: "/health")
        func ask(_ line: Line) -> Bool {
            line.write(health)
            return line.read().hasPrefix("HTTP/1.1 200")
        }
        let three = try (0..<3).map { _ in try Line(port: port) }
        // The first is used last: the second has been silent for longest.
        #expect(ask(three[1]) && ask(three[2]) && ask(three[0]))
        let fourth = try Line(port: port)
        #expect(ask(fourth))
        #expect(three[1].read() == "")
        #expect(ask(three[2]) && ask(three[0]) && ask(fourth))
        // However many come and say nothing, whoever has something to say is heard.
        for _ in 0..<20 {
            let silent = try (0..<3).map { _ in try Line(port: port) }
            let line = try Line(port: port)
            line.write(request(Self.body, [signed(Self.body)]))
            #expect(line.read().hasPrefix("HTTP/1.1 200"))
            _ = silent
        }
        await receiver.stop()
    }

    @Test("lets nobody go whose event is being stored: where all are, one more is closed as it comes")
    func busy() async throws {
        var limits = EventReceiver.Limits()
        limits.connections = 2
        let (isStoring, storing) = AsyncStream.makeStream(of: Void.self)
        let (goesOn, go) = AsyncStream.makeStream(of: Void.self)
        let receiver = EventReceiver(secrets: ["k"], limits: limits) { _, _ in
            storing.yield()
            for await _ in goesOn { break }
        }
        let port = try await receiver.start(host: "127.0.0.1", port: 0)
        let two = try (0..<2).map { _ in try Line(port: port) }
        for line in two { line.write(request(Self.body, [signed(Self.body)])) }
        var begun = isStoring.makeAsyncIterator()
        await begun.next()
        await begun.next()
        #expect(try Line(port: port).read() == "")
        go.finish()
        for line in two { #expect(line.read().hasPrefix("HTTP/1.1 200")) }
        await receiver.stop()
    }
}
