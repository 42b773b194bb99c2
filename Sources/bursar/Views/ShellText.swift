/// Text for a command line that is meant to be copied.
enum ShellText {
    private static let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+,=-")

    /// One word for a shell, whatever is in it.
    static func quoted(_ text: String) -> String {
        guard text.isEmpty || text.hasPrefix("-") || text.hasPrefix("=") || !text.allSatisfy(plain.contains) else { return text }
        return "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
