import Fuzzing
import ScriptWire
import Testing

/// Frames from a process that may have been taken over, both ways: never a trap, never more memory than the bytes are worth.
@Suite struct FrameFuzzTests {
    @Test("random messages come back as they were sent, cut into pieces anywhere")
    func roundTrip() throws {
        let failure = try fuzz(rounds: 400) { random in
            let sent = (0..<random.number(1...6)).map { _ in
                (0..<random.number(0...5)).map { _ in workerMessage(&random) }
            }
            let answers = (0..<random.number(0...5)).map { _ in hostMessage(&random) }
            let stream = sent.flatMap { Frame.bytes($0) } + Frame.bytes(answers)
            let bodies = try split(pieces(of: stream, &random)).bodies
            guard bodies.count == sent.count + 1 else { return "\(bodies.count) frames instead of \(sent.count + 1)" }
            for (body, messages) in zip(bodies, sent) {
                guard try Frame.messages(WorkerMessage.self, in: body) == messages else { return "not \(messages)" }
            }
            return try Frame.messages(HostMessage.self, in: bodies[sent.count]) == answers ? nil : "not \(answers)"
        }
        #expect(failure == nil)
    }

    @Test("a damaged stream is an error or other messages, is the same in any pieces, and what is read is written the same")
    func damage() {
        let failure = fuzz(rounds: 3000) { random in
            let isHost = random.once(in: 2)
            var stream: [UInt8] = []
            for _ in 0..<random.number(1...4) {
                let count = random.number(0...4)
                stream +=
                    isHost
                    ? Frame.bytes((0..<count).map { _ in hostMessage(&random) })
                    : Frame.bytes((0..<count).map { _ in workerMessage(&random) })
            }
            stream = random.damaged(stream, tokens: Self.lies)
            let piecesSeed = random.next()
            func check(_ bytes: [UInt8]) -> String? {
                var pieces = FuzzRandom(seed: piecesSeed)
                return isHost ? read(HostMessage.self, bytes, &pieces) : read(WorkerMessage.self, bytes, &pieces)
            }
            guard let found = check(stream) else { return nil }
            let small = shrunk(stream) { check($0) != nil }
            return "\(isHost ? "host" : "worker"): \(found); smallest: \(shown(small)): \(check(small) ?? "")"
        }
        #expect(failure == nil)
    }

    @Test("a frame of more messages than any sender makes is refused before they are all made")
    func manyMessages() throws {
        let most = [UInt8](repeating: 3, count: Frame.mostMessages)
        #expect(try Frame.messages(WorkerMessage.self, in: most).count == Frame.mostMessages)
        #expect(throws: FrameError.tooManyMessages(most: Frame.mostMessages)) {
            try Frame.messages(WorkerMessage.self, in: most + [3])
        }
    }

    @Test("a length that lies makes nobody wait for more than the bound, nor hold more than came")
    func lyingLength() throws {
        for size in [0, 1, Frame.largestBody, Frame.largestBody + 1, 0x7FFF_FFFF, 0xFFFF_FFFF] {
            var splitter = FrameSplitter()
            splitter.append((0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) })
            if size > Frame.largestBody {
                #expect(throws: FrameError.tooLarge(what: "a frame", bytes: size, most: Frame.largestBody)) {
                    try splitter.next()
                }
            } else {
                #expect(try splitter.next() == (size == 0 ? [] : nil))
                #expect(splitter.pendingBytes == (size == 0 ? 0 : 4))
            }
        }
    }

    /// The bodies of a stream given in pieces, and the error that ended it.
    private func split(_ pieces: [ArraySlice<UInt8>]) throws -> (bodies: [[UInt8]], error: FrameError?, left: Int) {
        var splitter = FrameSplitter()
        var bodies: [[UInt8]] = []
        for piece in pieces {
            splitter.append(piece)
            do throws(FrameError) {
                while let body = try splitter.next() { bodies.append(body) }
            } catch { return (bodies, error, 0) }
        }
        return (bodies, nil, splitter.pendingBytes)
    }

    private func pieces(of stream: [UInt8], _ random: inout FuzzRandom) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        let largest = random.one(of: [1, 3, 30, 5000])
        var place = 0
        while place < stream.count {
            let end = min(stream.count, place + random.number(1...largest))
            pieces.append(stream[place..<end])
            place = end
        }
        return pieces
    }

    /// What is wrong with how a stream is read; nil when nothing is.
    private func read<Message: FrameMessage & Equatable>(
        _ type: Message.Type, _ stream: [UInt8], _ random: inout FuzzRandom
    ) -> String? {
        guard let whole = try? split([stream[...]]), let cut = try? split(pieces(of: stream, &random)) else {
            return "unreachable"
        }
        guard whole.bodies == cut.bodies, whole.error == cut.error, whole.left == cut.left else { return "pieces matter" }
        if whole.error == nil {
            let read = whole.bodies.reduce(0) { $0 + $1.count + Frame.headerSize }
            guard read + whole.left == stream.count else { return "bytes were lost" }
        }
        for body in whole.bodies {
            guard let messages = try? Frame.messages(type, in: body) else { continue }
            guard Array(Frame.bytes(messages).dropFirst(Frame.headerSize)) == body else {
                return "written differently: \(messages)"
            }
        }
        return nil
    }

    private static let lies: [[UInt8]] = [
        [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 4], [0, 0, 0, 1], [1, 0, 0, 0], [0, 4, 0, 0], [1, 4, 0, 0], [0, 0, 0, 0x80], [3],
        [6, 3],
        [64], [65], [66], [7], [0xC0, 0x80], [0xED, 0xA0, 0x80],
    ]

    private func text(_ random: inout FuzzRandom) -> String {
        let text = (0..<random.number(0...4)).map { _ in random.one(of: ["call", "é", "😀", "\u{0}", ".lua:12", "x"]) }.joined()
        return random.once(in: 20) ? String(repeating: "n", count: Frame.longestText) : text
    }

    private func payload(_ random: inout FuzzRandom) -> [UInt8] {
        (0..<random.number(0...random.one(of: [3, 40, 2000]))).map { _ in random.byte() }
    }

    private func workerMessage(_ random: inout FuzzRandom) -> WorkerMessage {
        let number = UInt32(truncatingIfNeeded: random.next()), task = UInt32(random.number(0...3))
        switch random.number(0...6) {
        case 0:
            return .request(id: number, task: task, name: text(&random), location: text(&random), payload: payload(&random))
        case 1: return .note(task: task, name: text(&random), location: text(&random), payload: payload(&random))
        case 2: return .waiting
        case 3: return .finished(payload: payload(&random))
        case 4: return .failed(payload: payload(&random))
        case 5: return .confined(lacking: text(&random))
        default: return .limit(random.one(of: [.time, .memory, .output, .requests]), payload: payload(&random))
        }
    }

    private func hostMessage(_ random: inout FuzzRandom) -> HostMessage {
        if random.once(in: 6) { return .start(payload: payload(&random)) }
        if random.once(in: 6) {
            return .confine(
                WireLimits(
                    memoryBytes: random.next(), runningMilliseconds: random.next(), runMilliseconds: random.next(),
                    outputBytes: random.next(), requestsInFlight: UInt32(truncatingIfNeeded: random.next())))
        }
        return .answer(
            WorkerAnswer(id: UInt32(truncatingIfNeeded: random.next()), ok: random.once(in: 2), payload: payload(&random)))
    }
}
