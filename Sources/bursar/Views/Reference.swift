/// A page of reference, such as `Reference/library.md` of what a script sees: sections with an introduction and entries.
struct Reference {
    /// One function or value, `string.rep(s, n, [separator])`.
    struct Entry {
        let signature: String
        let lines: [String]
        /// `string.rep`
        var name: String { String(signature.prefix { $0 != "(" }) }
    }

    struct Section {
        let title: String
        var lines: [String] = []
        var entries: [Entry] = []
    }

    let sections: [Section]

    /// All are built into the program; what is said of probes is made from the probes.
    static let library = Reference(
        markdown: String(decoding: PackageResources.library_md, as: UTF8.self) + "\n" + ProbeSection.markdown)
    /// The embedded bank and how to control it.
    static let bank = Reference(markdown: String(decoding: PackageResources.bank_md, as: UTF8.self))

    /// Reads Markdown whose headings of the first two levels are sections and of the third are entries.
    init(markdown: String) {
        var sections: [Section] = []
        var entry: Entry?
        func close() {
            if let entry { sections[sections.count - 1].entries.append(entry) }
            entry = nil
        }
        for line in markdown.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("### ") {
                close()
                entry = Entry(signature: String(line.dropFirst(4)), lines: [])
            } else if line.hasPrefix("#") {
                close()
                sections.append(Section(title: String(line.drop { $0 == "#" }.dropFirst())))
            } else if let open = entry {
                entry = Entry(signature: open.signature, lines: open.lines + [line])
            } else if !sections.isEmpty {
                sections[sections.count - 1].lines.append(line)
            }
        }
        close()
        self.sections = sections
    }

    /// Everything that can be asked for: sections and entries, in the order of the page.
    var topics: [String] { sections.flatMap { [$0.title] + $0.entries.map(\.name) } }

    func section(_ title: String) -> Section? { sections.first { $0.title.lowercased() == title.lowercased() } }

    func entry(_ name: String) -> Entry? { sections.lazy.flatMap(\.entries).first { $0.name == name } }

    // As text

    func text(width: Int) -> String {
        sections.map { Reference.text($0, width: width) }.joined(separator: "\n\n\n")
    }

    static func text(_ section: Section, width: Int) -> String {
        var blocks = [section.title + "\n" + String(repeating: "=", count: section.title.count)]
        let introduction = paragraphs(section.lines, width: width, indent: 0)
        if !introduction.isEmpty { blocks.append(introduction) }
        blocks += section.entries.map { text($0, width: width) }
        return blocks.joined(separator: "\n\n")
    }

    static func text(_ entry: Entry, width: Int) -> String {
        let body = paragraphs(entry.lines, width: width, indent: 4)
        return (ReportView.wrapped(entry.signature, width, indent: 4) + (body.isEmpty ? [] : [body])).joined(separator: "\n")
    }

    /// Lines of a paragraph are filled to the width; examples, which are indented, stay as they are; "- " begins a paragraph.
    private static func paragraphs(_ lines: [String], width: Int, indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        var result: [String] = []
        var paragraph = ""
        func flush() {
            guard !paragraph.isEmpty else { return }
            result += ReportView.wrapped(margin + paragraph, width, indent: paragraph.hasPrefix("- ") ? indent + 2 : indent)
            paragraph = ""
        }
        for line in lines {
            if line.isEmpty || line.hasPrefix("    ") {
                flush()
                if !line.isEmpty || result.last?.isEmpty == false { result.append(line.isEmpty ? "" : margin + line) }
            } else {
                if line.hasPrefix("- ") { flush() }
                paragraph += (paragraph.isEmpty ? "" : " ") + line.drop { $0 == " " }
            }
        }
        flush()
        while result.last?.isEmpty == true { result.removeLast() }
        return result.drop { $0.isEmpty }.joined(separator: "\n")
    }
}
