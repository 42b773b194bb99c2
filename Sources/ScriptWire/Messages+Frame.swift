// Kind bytes: below 64 the worker's, from 64 the host's, so that a frame sent the wrong way is noticed.

extension WorkerMessage: FrameMessage {
    public static func read(from fields: inout FieldReader) throws(FrameError) -> WorkerMessage {
        let kind = try fields.byte()
        switch kind {
        case 1:
            return .request(
                id: try fields.number(), task: try fields.number(), name: try fields.text(), location: try fields.text(),
                payload: try fields.payload())
        case 2:
            return .note(
                task: try fields.number(), name: try fields.text(), location: try fields.text(), payload: try fields.payload())
        case 3: return .waiting
        case 4: return .finished(payload: try fields.payload())
        case 5: return .failed(payload: try fields.payload())
        case 6:
            guard let limit = WorkerLimit(rawValue: try fields.byte()) else { throw .badValue(what: "limit") }
            return .limit(limit, payload: try fields.payload())
        case 7: return .confined(lacking: try fields.text())
        default: throw .unknownKind(kind)
        }
    }

    public func write(to fields: inout FieldWriter) {
        switch self {
        case .request(let id, let task, let name, let location, let payload):
            fields.byte(1)
            fields.number(id)
            fields.number(task)
            fields.text(name)
            fields.text(location)
            fields.payload(payload)
        case .note(let task, let name, let location, let payload):
            fields.byte(2)
            fields.number(task)
            fields.text(name)
            fields.text(location)
            fields.payload(payload)
        case .waiting:
            fields.byte(3)
        case .finished(let payload):
            fields.byte(4)
            fields.payload(payload)
        case .failed(let payload):
            fields.byte(5)
            fields.payload(payload)
        case .limit(let limit, let payload):
            fields.byte(6)
            fields.byte(limit.rawValue)
            fields.payload(payload)
        case .confined(let lacking):
            fields.byte(7)
            fields.text(lacking)
        }
    }
}

extension HostMessage: FrameMessage {
    public static func read(from fields: inout FieldReader) throws(FrameError) -> HostMessage {
        let kind = try fields.byte()
        switch kind {
        case 64:
            return .confine(
                WireLimits(
                    memoryBytes: try fields.longNumber(), runningMilliseconds: try fields.longNumber(),
                    runMilliseconds: try fields.longNumber(), outputBytes: try fields.longNumber(),
                    requestsInFlight: try fields.number()))
        case 65:
            let id = try fields.number()
            let ok = try fields.byte()
            guard ok <= 1 else { throw .badValue(what: "answer") }
            return .answer(WorkerAnswer(id: id, ok: ok == 1, payload: try fields.payload()))
        case 66: return .start(payload: try fields.payload())
        default: throw .unknownKind(kind)
        }
    }

    public func write(to fields: inout FieldWriter) {
        switch self {
        case .confine(let limits):
            fields.byte(64)
            fields.longNumber(limits.memoryBytes)
            fields.longNumber(limits.runningMilliseconds)
            fields.longNumber(limits.runMilliseconds)
            fields.longNumber(limits.outputBytes)
            fields.number(limits.requestsInFlight)
        case .answer(let answer):
            fields.byte(65)
            fields.number(answer.id)
            fields.byte(answer.ok ? 1 : 0)
            fields.payload(answer.payload)
        case .start(let payload):
            fields.byte(66)
            fields.payload(payload)
        }
    }
}
