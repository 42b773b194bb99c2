public import ConomyAPI
public import ConomyClient
import ExactJSON
public import Logging

/// One call from the command line, through the same gate and client as a script's.
public enum SingleCall {
    /// Performs `operation` with arguments by name; dots and brackets in a name reach into objects and lists.
    /// - Throws: `RunFailure` when it was not performed; an answer of the API, whatever its status, is returned.
    public static func perform(
        _ operation: Operation, arguments: [(name: String, value: String)], options: RunOptions, credentials: RunCredentials,
        logger: Logger,
        trace: HTTPTrace? = nil
    ) async throws(RunFailure) -> Answer {
        let call: Call
        do throws(InvalidArguments) {
            let (path, table) = try sort(arguments, operation)
            call = try Call(binding: operation, path: path, table: table)
        } catch {
            throw RunFailure(.usage, error.description, hint: "bursar api show \(operation.name) lists its fields")
        }
        let target = try await Target.open(options, credentials: credentials, logger: logger, trace: trace)
        let chain = Chain.performer(
            through: BreakerKeeper(around: target.client, options, logger: logger), account: target.account, options: options,
            declared: DeclaredEffectsBox(), effects: EffectLedger(),
            rehearsal: options.isRehearsal ? target.rehearsal(options) : nil,
            logger: logger)
        let result: Result<Answer, CallFailure>
        do throws(CallFailure) { result = .success(try await chain.perform(call)) } catch { result = .failure(error) }
        await target.close()
        switch result {
        case .success(let answer): return answer
        case .failure(let failure): throw RunFailure(error: ScriptError(failure, operation: operation.name).object, isOurs: true)
        }
    }

    private static func sort(_ arguments: [(name: String, value: String)], _ operation: Operation) throws(InvalidArguments) -> (
        path: [String: JSON], table: JSON
    ) {
        var path: [String: JSON] = [:]
        var table = JSON.object([:])
        var seen: Set<String> = []
        for (name, text) in arguments {
            guard seen.insert(name).inserted else {
                throw InvalidArguments(
                    operation: operation.name,
                    violations: [Violation(code: "repeated_field", path: name, problem: "is given twice", hint: nil)])
            }
            if operation.pathParameters.contains(where: { $0.name == name }) {
                path[name] = .string(text)
            } else if operation.queryParameters.contains(where: { $0.name == name })
                || !(name.contains(".") || name.contains("["))
            {
                var object = table.object ?? [:]
                object[name] = value(text, operation.schema(at: name))
                table = .object(object)
            } else {
                table = table.setting(FieldPath.steps(of: name)[...], to: value(text, operation.schema(at: name)))
            }
        }
        return (path, table)
    }

    /// A command line knows text only: the schema says what it stands for. Text that starts like JSON is read as JSON where an
    /// object or a list belongs.
    private static func value(_ text: String, _ schema: Schema?) -> JSON {
        guard let kinds = schema?.kinds, !kinds.contains(.string) else { return .string(text) }
        return (try? JSON(parsing: text)) ?? .string(text)
    }
}

/// A field's path as error texts and the command line write it: `origins[1].account.accountNumber`.
enum FieldPath {
    enum Step: Equatable {
        case member(String)
        /// Counted from 1.
        case item(Int)
    }

    static func steps(of path: String) -> [Step] {
        path.split(separator: ".").flatMap { part -> [Step] in
            let pieces = part.split(separator: "[")
            let member: [Step] = part.hasPrefix("[") ? [] : [.member(String(pieces[0]))]
            return member
                + pieces.dropFirst(member.count).map { piece in Int(piece.dropLast()).map(Step.item) ?? .member(String(piece)) }
        }
    }
}

extension JSON {
    /// The same value with `value` at a path; what is missing on the way is made.
    func setting(_ steps: ArraySlice<FieldPath.Step>, to value: JSON) -> JSON {
        guard let step = steps.first else { return value }
        switch step {
        case .member(let name):
            var object = self.object ?? [:]
            object[name] = (object[name] ?? .null).setting(steps.dropFirst(), to: value)
            return .object(object)
        case .item(let number):
            var items = self.array ?? []
            while items.count < min(number, 1000) { items.append(.null) }
            guard items.indices.contains(number - 1) else { return self }
            items[number - 1] = items[number - 1].setting(steps.dropFirst(), to: value)
            return .array(items)
        }
    }
}

extension Operation {
    /// The schema of a field of the body or query, by its path; nil when there is none or the way there is not fixed.
    func schema(at path: String) -> Schema? {
        if let parameter = queryParameters.first(where: { $0.name == path }) { return parameter.schema.resolved }
        var schema = body?.schema.resolved
        for step in FieldPath.steps(of: path) {
            switch step {
            case .member(let name):
                schema = schema?.property(name) ?? schema?.alternatives.lazy.compactMap { $0.resolved.property(name) }.first
            case .item: schema = schema?.items?.resolved
            }
        }
        return schema
    }
}
