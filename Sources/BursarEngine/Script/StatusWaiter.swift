import ConomyAPI
import ExactJSON

/// `await(object, status)`: reads the object again until it is in that status, or can no longer come there.
struct StatusWaiter: Sendable {
    let options: RunOptions
    let location: String

    /// - Throws: when the object ends in another status, or the time is up.
    func wait(_ payload: JSON, read: @Sendable (Call) async throws(ScriptError) -> Answer) async throws(ScriptError) -> JSON {
        guard let object = payload["object"], let wanted = payload["status"]?.string else {
            throw ScriptError(
                "invalid", code: "bad_value", "await takes an object and the status to wait for",
                hint: "await(payment, \"SETTLED\")")
        }
        var call = try self.call(for: object)
        call.awaited = wanted
        let statuses =
            call.operation.answers[200].flatMap { $0 }?.resolved.property("status")?.enumeration.compactMap(\.string) ?? []
        if !statuses.isEmpty, !statuses.contains(wanted) {
            throw ScriptError(
                "invalid", code: "bad_value", "await: \"\(wanted)\" is no status of \(call.operation.resource)",
                hint: closest(to: wanted, among: statuses).map { "did you mean \"\($0)\"?" }
                    ?? "there are \(statuses.joined(separator: ", "))")
        }
        let timeout = try span("timeout", payload, .seconds(600))
        let interval = try span(
            "every", payload, options.target.isLocal && !options.isRehearsal ? .milliseconds(20) : .seconds(2))
        let terminal = Set(Schema.named("PaymentStatus")?.extensions["x-terminal"]?.array?.compactMap(\.string) ?? [])
        var waited = Duration.zero
        let news = EventNews(options, about: call.objectID)
        while true {
            news?.look()
            let answer = try await read(call)
            let value: JSON
            do throws(APIError) { value = try answer.value() } catch { throw ScriptError(error, operation: call.operation.name) }
            let status = value["status"]?.string ?? "without a status"
            if status == wanted { return value }
            let name = "\(call.operation.resource.dropLast()) \(call.objectID ?? "")"
            guard !terminal.contains(status) else {
                throw ScriptError(
                    "failed", code: "other_status",
                    "\(name) is \(status), and nothing leaves that status; it was to become \(wanted)")
            }
            guard waited < timeout else {
                throw ScriptError(
                    "failed", code: "timeout", "\(name) is still \(status) after \(timeout); it was to become \(wanted)",
                    hint: "give more time: await(object, status, { timeout = \"1h\" })")
            }
            let slept = await pause(interval, news)
            waited += max(slept, .milliseconds(1))
        }
    }

    /// Waits for the next look, or until an event says that there is something to see.
    private func pause(_ interval: Duration, _ news: EventNews?) async -> Duration {
        guard let news, interval > EventNews.interval else {
            await options.pause(interval)
            return interval
        }
        var slept = Duration.zero
        while slept < interval {
            let piece = min(EventNews.interval, interval - slept)
            await options.pause(piece)
            slept += piece
            if news.hasCome { break }
        }
        return slept
    }

    private func span(_ name: String, _ payload: JSON, _ fallback: Duration) throws(ScriptError) -> Duration {
        guard let value = payload["options"]?[name], !value.isNull else { return fallback }
        guard let span = Span.read(value) else {
            throw ScriptError(
                "invalid", code: "bad_value", "await: \(name) is \(value.text()), which is no length of time",
                hint: "write \"30s\" or \"10m\"")
        }
        return span
    }

    /// The read that tells how the object is now. Answers of some operations name the object by another field.
    private func call(for object: JSON) throws(ScriptError) -> Call {
        let id = object["refundId"] ?? object["paymentId"] ?? object["id"] ?? object
        let name =
            if object["paymentConfigs"] != nil || object["paymentLinkId"] != nil {
                "checkout_sessions.get"
            } else if object["checkoutToken"] != nil, object["duration"] != nil {
                "payment_links.get"
            } else if object["availableFunds"] != nil {
                "accounts.get"
            } else if object["documentNumber"] != nil {
                "identities.get"
            } else {
                "payments.get"
            }
        guard let text = id.string, let operation = Catalogue.conomy[name], let parameter = operation.pathParameters.first else {
            throw ScriptError(
                "invalid", code: "bad_value", "await: the object has no id",
                hint: "give what an operation answered, or a payment's id")
        }
        var call = Call(operation, pathParameters: [parameter.name: text])
        call.location = location
        return call
    }
}
