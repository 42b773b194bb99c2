import Foundation

/// How far one comes on the way to a server: to its address, to its port.
enum Reach {
    enum Outcome: Sendable {
        case connected(address: String)
        case unknownName(String)
        case refused(String)
    }

    /// How long one address may take.
    private static let patienceMilliseconds: Int32 = 10_000

    /// Resolves the name and connects, and sends nothing. Blocks, for as long as the system's resolver takes and ten seconds for
    /// each of at most three addresses.
    static func look(host: String, port: Int) -> Outcome {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let failure = getaddrinfo(host, String(port), &hints, &list)
        guard failure == 0, let list else { return .unknownName(String(cString: gai_strerror(failure))) }
        defer { freeaddrinfo(list) }
        var last = "no address"
        var entry: UnsafeMutablePointer<addrinfo>? = list
        var tries = 0
        while let address = entry, tries < 3 {
            switch connect(address.pointee) {
            case nil: return .connected(address: text(address.pointee))
            case let reason?: last = "\(text(address.pointee)): \(String(cString: strerror(reason)))"
            }
            tries += 1
            entry = address.pointee.ai_next
        }
        return .refused(last)
    }

    /// Nil once it is connected, else the system's reason.
    private static func connect(_ address: addrinfo) -> Int32? {
        let descriptor = socket(
            address.ai_family, address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue),
            address.ai_protocol)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        if Foundation.connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 { return nil }
        guard errno == EINPROGRESS else { return errno }
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&waiting, 1, patienceMilliseconds) > 0 else { return ETIMEDOUT }
        var (reason, size) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &reason, &size)
        return reason == 0 ? nil : reason
    }

    private static func text(_ address: addrinfo) -> String {
        var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard getnameinfo(address.ai_addr, address.ai_addrlen, &buffer, socklen_t(buffer.count), nil, 0, NI_NUMERICHOST) == 0
        else { return "an address" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
