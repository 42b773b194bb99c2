import ScriptWire
import Testing

@Suite struct FrameTests {
    static let workerMessages: [WorkerMessage] = [
        .confined(lacking: "ñ"),
        .request(id: 1, task: 0, name: "call", location: "refunds.lua:12", payload: Array(#"{"op":"payments.refund"}"#.utf8)),
        .request(id: .max, task: .max, name: "", location: "ñandú.lua:1", payload: []),
        .note(task: 7, name: "log", location: "", payload: [0, 255, 10]),
        .waiting,
        .finished(payload: Array("null".utf8)),
        .failed(payload: Array("{}".utf8)),
        .limit(.time, payload: []),
        .limit(.memory, payload: [1]),
        .limit(.output, payload: [1, 2]),
        .limit(.requests, payload: [3]),
    ]
    static let hostMessages: [HostMessage] = [
        .confine(
            WireLimits(
                memoryBytes: .max, runningMilliseconds: 1, runMilliseconds: 1 << 40, outputBytes: 1 << 33, requestsInFlight: 7)),
        .start(payload: Array("{}".utf8)),
        .answer(WorkerAnswer(id: 1, ok: true, payload: Array("[]".utf8))),
        .answer(WorkerAnswer(id: 0xDEAD_BEEF, ok: false, payload: [])),
    ]

    @Test("every message comes back as it was sent")
    func roundTrip() throws {
        #expect(try Frame.messages(WorkerMessage.self, in: Frame.bytes(Self.workerMessages).dropFirst(4)) == Self.workerMessages)
        #expect(try Frame.messages(HostMessage.self, in: Frame.bytes(Self.hostMessages).dropFirst(4)) == Self.hostMessages)
    }

    @Test("a stream is cut into the same frames whatever pieces it arrives in", arguments: 0..<40)
    func pieces(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        var sent: [[WorkerMessage]] = []
        var stream: [UInt8] = []
        for _ in 0..<20 {
            let messages = (0..<Int.random(in: 0...5, using: &random)).compactMap { _ in
                Self.workerMessages.randomElement(using: &random)
            }
            sent.append(messages)
            stream += Frame.bytes(messages)
        }
        var splitter = FrameSplitter()
        var received: [[WorkerMessage]] = []
        var place = 0
        while place < stream.count {
            let end = min(stream.count, place + Int.random(in: 1...30, using: &random))
            splitter.append(stream[place..<end])
            place = end
            while let body = try splitter.next() { received.append(try Frame.messages(WorkerMessage.self, in: body)) }
        }
        #expect(received == sent)
        #expect(splitter.pendingBytes == 0)
    }

    @Test("rubbish is an error and never a trap", arguments: 0..<300)
    func rubbish(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        // Half of it is a good frame with a few bytes changed, cut or put in: that reaches deeper than noise.
        var bytes: [UInt8]
        if seed % 2 == 0 {
            bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        } else {
            bytes = Array(Frame.bytes(Self.workerMessages).dropFirst(4))
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.removeSubrange(place...)
                default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
                }
                if bytes.isEmpty { bytes = [0] }
            }
        }
        if let messages = try? Frame.messages(WorkerMessage.self, in: bytes) {
            #expect(Array(Frame.bytes(messages).dropFirst(4)) == bytes)
        }
        if let messages = try? Frame.messages(HostMessage.self, in: bytes) {
            #expect(Array(Frame.bytes(messages).dropFirst(4)) == bytes)
        }
        var splitter = FrameSplitter()
        splitter.append(bytes)
        var cut = 0
        while let body = try? splitter.next() { cut += body.count + Frame.headerSize }
        #expect(cut + splitter.pendingBytes == bytes.count)
    }

    @Test("each fault has its own error")
    func errors() {
        func error(_ bytes: [UInt8]) -> FrameError? {
            do throws(FrameError) {
                _ = try Frame.messages(WorkerMessage.self, in: bytes)
                return nil
            } catch { return error }
        }
        #expect(error([9]) == .unknownKind(9))
        #expect(error([65]) == .unknownKind(65))
        #expect(error([1, 0, 0]) == .truncated)
        #expect(error([4, 10, 0, 0, 0, 1]) == .truncated)
        #expect(
            error([4, 0xFF, 0xFF, 0xFF, 0xFF]) == .tooLarge(what: "a payload", bytes: 0xFFFF_FFFF, most: Frame.largestPayload))
        #expect(error([2, 0, 0, 0, 0, 1, 0, 0, 0, 0xFF]) == .notText)
        #expect(error([6, 9, 0, 0, 0, 0]) == .badValue(what: "limit"))
        var splitter = FrameSplitter()
        splitter.append([0xFF, 0xFF, 0xFF, 0x7F] as [UInt8])
        #expect(throws: FrameError.tooLarge(what: "a frame", bytes: 0x7FFF_FFFF, most: Frame.largestBody)) { try splitter.next() }
    }
}
