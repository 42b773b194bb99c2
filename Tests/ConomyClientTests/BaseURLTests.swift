import ConomyClient
import Testing

@Suite("Where calls may go")
struct BaseURLTests {
    @Test(
        "a proper URL is read into its parts, and its path prefix is kept",
        arguments: [
            ("https://api.conomyhq.com/sandbox", "https://api.conomyhq.com/sandbox"),
            ("https://api.conomyhq.com/sandbox/", "https://api.conomyhq.com/sandbox"),
            ("https://api.conomyhq.com", "https://api.conomyhq.com"),
            ("HTTPS://API.ConomyHQ.com:8443/a/b", "https://api.conomyhq.com:8443/a/b"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"), ("http://127.9.8.7", "http://127.9.8.7"),
            ("http://localhost:1/x", "http://localhost:1/x"),
            ("http://[::1]:8080/v", "http://[::1]:8080/v"), ("https://10.0.0.1", "https://10.0.0.1"),
        ])
    func proper(text: String, read: String) throws {
        #expect(try BaseURL(text).description == read)
    }

    @Test(
        "an odd URL is refused, and the words name it",
        arguments: [
            "", "api.conomyhq.com", "//api.conomyhq.com", "ftp://api.conomyhq.com", "https://", "https:///sandbox",
            "https:/api.conomyhq.com",
            "http://api.conomyhq.com", "http://localhost.example.com", "http://127.0.0.1.example.com", "http://127.1",
            "http://2130706433",
            "http://0177.0.0.1", "http://0.0.0.0", "http://[::2]", "http://[::ffff:10.0.0.1]", "http://127.0.0.01",
            "https://user@api.conomyhq.com", "https://user:pw@api.conomyhq.com", "https://api.conomyhq.com@evil.example",
            "https://api.conomyhq.com\\@evil.example",
            "https://api.conomyhq.com?x=1", "https://api.conomyhq.com/#f", "https://api.conomyhq.com/a?b",
            "https://api.conomyhq.com:0", "https://api.conomyhq.com:99999",
            "https://api.conomyhq.com:", "https://api.conomyhq.com:80a", "https://api.conomyhq.com:1:2", "https://a..b",
            "https://.a", "https://a.", "https://-a.b",
            "https://api conomyhq.com", "https://api.conomyhq.com/a b", "https://api.conomyhq.com/\r\nHost:evil",
            "https://аpi.conomyhq.com", "https://api%2economyhq.com",
            "https://api.conomyhq.com/../x", "https://api.conomyhq.com/./x", "https://api.conomyhq.com//x",
            "https://api.conomyhq.com/%2e%2e/x", "https://[::1", "https://[::1]x",
            "https://[abc]", " https://api.conomyhq.com", "https://api_x.com",
        ])
    func odd(text: String) {
        #expect {
            try BaseURL(text)
        } throws: {
            let error = $0 as? EnvironmentError
            return error?.code == "bad_url" && error?.hint.isEmpty == false
        }
    }

    @Test("production is the vendor's host without /sandbox, or what is called so")
    func production() throws {
        func isProduction(_ name: String, _ url: String) throws -> Bool {
            try ClientEnvironment(name: name, baseURL: url, credentials: credentials, userAgent: "Bursar/1.0").isProduction
        }
        #expect(try isProduction("live", "https://api.conomyhq.com"))
        #expect(try isProduction("production", "https://proxy.example.com"))
        #expect(try !isProduction("sandbox", "https://api.conomyhq.com/sandbox"))
        #expect(try !isProduction("local", "http://127.0.0.1:1"))
    }

    @Test("credentials that cannot travel are refused without being shown")
    func credentialsChecked() {
        func error(_ id: String, _ secret: String, _ key: String, agent: String = "Bursar/1.0") -> EnvironmentError? {
            let credentials = ClientEnvironment.Credentials(
                clientID: Secret(id), clientSecret: Secret(secret), apiKey: Secret(key))
            do throws(EnvironmentError) {
                _ = try ClientEnvironment(name: "x", baseURL: "https://a.b", credentials: credentials, userAgent: agent)
                return nil
            } catch { return error }
        }
        #expect(error("i", "s", "k") == nil)
        #expect(error("", "s", "k")?.message.contains("clientId") == true)
        #expect(error("i", "", "k")?.message.contains("clientSecret") == true)
        for key in ["", "marked key", "marked\r\nX-Evil: 1", "markedé"] {
            let error = error("i", "s", key)
            #expect(error?.code == "bad_credential")
            #expect(error?.description.contains("marked") == false)
        }
        #expect(error("i", "s", "k", agent: "a\r\nb")?.code == "bad_user_agent")
    }
}
