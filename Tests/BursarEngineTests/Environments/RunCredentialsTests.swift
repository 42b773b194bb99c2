import ConomyClient
import Foundation
import Testing

@testable import BursarEngine

@Suite("Where credentials come from")
struct RunCredentialsTests {
    private let lines = "# of the dashboard\nCONOMY_CLIENT_ID=client-9f3a\n\nCONOMY_CLIENT_SECRET = s=1\nCONOMY_API_KEY=k1\n"

    private func target(_ credentials: String, in folder: TemporaryFolder) throws -> TargetEnvironment {
        let text = "environments:\n  bank:\n    base_url: http://127.0.0.1:1\n\(credentials)"
        return try TargetEnvironment(named: "bank", in: Configuration(text: text, path: folder.path + "/bursar.yaml"))
    }

    private func failure(_ target: TargetEnvironment, _ environment: [String: String] = [:]) -> String {
        do throws(RunFailure) {
            _ = try RunCredentials(for: target, environment: environment).complete(for: "bank")
            return ""
        } catch { return error.kind == .credentials ? error.description : "kind \(error.kind)" }
    }

    private func file(_ folder: TemporaryFolder, mode: Int, text: String? = nil) throws {
        let path = try folder.write("secrets", text ?? lines)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    @Test("a file that only its owner can read gives all three")
    func fromFile() throws {
        let folder = try TemporaryFolder()
        try file(folder, mode: 0o600)
        let found = try RunCredentials(for: target("    credentials: {file: secrets}\n", in: folder), environment: [:])
        let credentials = try found.complete(for: "bank")
        #expect(credentials.clientID.reveal() == "client-9f3a" && credentials.clientSecret.reveal() == "s=1")
        #expect(credentials.apiKey.reveal() == "k1" && found.clientIDEnd == "9f3a" && found.secrets.count == 3)
    }

    @Test("a file that others may read or write is refused", arguments: [0o640, 0o604, 0o622, 0o777])
    func wideFile(mode: Int) throws {
        let folder = try TemporaryFolder()
        try file(folder, mode: mode)
        let said = try failure(target("    credentials: {file: secrets}\n", in: folder))
        #expect(said.contains("mode \(String(mode, radix: 8))") && said.contains("chmod 600") && !said.contains("s=1"))
    }

    @Test("a file that is missing, a folder, or written otherwise is refused, and nothing of it is told")
    func badFile() throws {
        let folder = try TemporaryFolder()
        let target = try target("    credentials: {file: secrets}\n", in: folder)
        #expect(failure(target).contains("No such file"))
        for text in ["hush-hush", "CONOMY_CLIENT_ID=a\nCONOMY_CLIENT_ID=hush", "OTHER=hush"] {
            try file(folder, mode: 0o600, text: text)
            let said = failure(target)
            #expect(said.contains("NAME=value") && !said.contains("hush"), "\(said)")
        }
        try file(folder, mode: 0o600, text: "CONOMY_CLIENT_ID=a\n")
        #expect(failure(target).contains("CONOMY_CLIENT_SECRET, CONOMY_API_KEY are not set in \(folder.path)/secrets"))
    }

    @Test("a command's output gives them; one that fails is named with its status")
    func fromCommand() throws {
        let folder = try TemporaryFolder()
        let script = try folder.write(
            "ask", "#!/bin/sh\nprintf 'CONOMY_CLIENT_ID=%s\\nCONOMY_CLIENT_SECRET=b\\nCONOMY_API_KEY=c\\n' \"$1\"\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: script)
        let found = try RunCredentials(
            for: target("    credentials: {command: [./ask, \"a; b\"]}\n", in: folder), environment: [:])
        #expect(try found.complete(for: "bank").clientID.reveal() == "a; b")
        #expect(try failure(target("    credentials: {command: [\"false\"]}\n", in: folder)).contains("ended with 1"))
        #expect(try failure(target("    credentials: {command: [./none]}\n", in: folder)).contains("cannot be run"))
    }

    @Test("systemd's folder gives them, and nothing is mixed: what the environment of the command has any of comes from there")
    func places() throws {
        let folder = try TemporaryFolder()
        for (name, value) in [("CONOMY_CLIENT_ID", "a\n"), ("conomy_client_secret", "b"), ("CONOMY_API_KEY", "c")] {
            _ = try folder.write("systemd/" + name, value)
        }
        let systemd = ["CREDENTIALS_DIRECTORY": folder.path + "/systemd"]
        let target = try target("", in: folder)
        #expect(try RunCredentials(for: target, environment: systemd).complete(for: "bank").clientID.reveal() == "a")
        let mixed = failure(target, systemd.merging(["CONOMY_API_KEY": "other"]) { given, _ in given })
        #expect(mixed.contains("CONOMY_CLIENT_ID, CONOMY_CLIENT_SECRET are not set in the environment of this command"))
    }

    @Test("what events are signed with comes from the environment, else from where the credentials are; two while it is changed")
    func webhooks() throws {
        let folder = try TemporaryFolder()
        let target = try target("    credentials: {file: secrets}\n", in: folder)
        try file(folder, mode: 0o600, text: lines + "CONOMY_WEBHOOK_SECRET=old, new\n")
        func secrets(_ target: TargetEnvironment, _ environment: [String: String]) throws -> [String] {
            try RunCredentials.webhookSecrets(for: target, environment: environment).map { $0.reveal() }
        }
        #expect(try secrets(target, ["CONOMY_API_KEY": "k"]) == ["old", "new"])
        #expect(try secrets(target, ["CONOMY_WEBHOOK_SECRET": "mine"]) == ["mine"])
        // It is no credential of a call: calls go on having theirs from the file, and all of the file is hidden.
        let found = try RunCredentials(for: target, environment: ["CONOMY_WEBHOOK_SECRET": "mine"])
        #expect(try found.complete(for: "bank").apiKey.reveal() == "k1")
        #expect(Set(found.secrets.map { $0.reveal() }) == ["client-9f3a", "s=1", "k1", "old", "new"])
        _ = try folder.write("systemd/conomy_webhook_secret", "theirs\n")
        let plain = try self.target("", in: folder)
        #expect(try secrets(plain, ["CREDENTIALS_DIRECTORY": folder.path + "/systemd"]) == ["theirs"])
        for environment in [[:], ["CONOMY_WEBHOOK_SECRET": " , "]] {
            let failure = #expect(throws: RunFailure.self) {
                try RunCredentials.webhookSecrets(for: plain, environment: environment)
            }
            #expect(failure?.kind == .credentials && failure?.message.contains("CONOMY_WEBHOOK_SECRET is not set") == true)
        }
    }

    @Test("credentials: names one place", arguments: ["{}", "{file: a, command: [b]}", "{fiel: a}", "{command: []}", "[a]"])
    func badSettings(text: String) throws {
        let folder = try TemporaryFolder()
        #expect(throws: ConfigurationError.self) { try target("    credentials: \(text)\n", in: folder) }
    }
}
