import ArgumentParser
import BursarEngine
import Foundation

/// Where a passphrase comes from: the terminal, or a file. It is never an argument: others see those.
struct PassphraseOptions: ParsableArguments {
    @Option(help: "Take the passphrase from the first line of this file.", completion: .file())
    var passphraseFile: String?

    /// A new key's passphrase; nil where none is wanted.
    /// - Throws: `RunFailure` when it is empty, or was not typed the same twice.
    func new(asking: Bool) throws(RunFailure) -> String? {
        if let passphraseFile { return try read(passphraseFile) }
        guard asking else { return nil }
        let first = try ask("Passphrase: ")
        guard try ask("Once more: ") == first else {
            throw RunFailure(.usage, "the two passphrases are not the same", hint: "nothing was made: try again")
        }
        return first
    }

    /// The passphrase of a key that has one.
    func known(of key: String) throws(RunFailure) -> String {
        if let passphraseFile { return try read(passphraseFile) }
        return try ask("Passphrase of \(key): ")
    }

    private func read(_ path: String) throws(RunFailure) -> String {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw RunFailure(.invalid, "the file of the passphrase, \(path), cannot be read as text")
        }
        let line = text.prefix { !$0.isNewline }
        guard !line.isEmpty else { throw RunFailure(.invalid, "the file of the passphrase, \(path), has an empty first line") }
        return String(line)
    }

    /// Reads a line of the terminal, which does not show it.
    private func ask(_ prompt: String) throws(RunFailure) -> String {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard terminal >= 0 else {
            throw RunFailure(
                .usage, "a passphrase is wanted, and there is no terminal to ask on",
                hint: "--passphrase-file FILE takes it from a file")
        }
        defer { close(terminal) }
        var shown = termios()
        tcgetattr(terminal, &shown)
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(terminal, TCSAFLUSH, &hidden)
        defer {
            tcsetattr(terminal, TCSAFLUSH, &shown)
            write(terminal, "\n")
        }
        write(terminal, prompt)
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while Foundation.read(terminal, &byte, 1) == 1, byte != UInt8(ascii: "\n") { bytes.append(byte) }
        guard !bytes.isEmpty else { throw RunFailure(.usage, "an empty passphrase protects nothing", hint: "nothing was done") }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func write(_ terminal: Int32, _ text: String) { _ = text.withCString { Foundation.write(terminal, $0, strlen($0)) } }
}
