import ConomyAPI

/// A run as one page: it loads nothing, runs nothing, and reads on paper and in the dark.
public enum HTMLReport {
    public static func text(_ run: ReportedRun) -> String {
        let state = run.exitCode.map { "\(run.state), exit code \($0)" } ?? run.state
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width">
            <title>\(escaped("\(run.job): \(run.state)"))</title>
            <style>
            \(style)
            </style>
            </head>
            <body>
            <header>
            <h1>\(escaped(run.job))</h1>
            <p>\(run.run.isEmpty ? "" : "Run \(escaped(run.run)) ")<strong class="state \(["done", "rehearsed"].contains(run.state) ? "good" : "bad")">\(escaped(state))</strong></p>\(run.failure.map { "\n<p class=\"why\">\(escaped($0))</p>" } ?? "")
            </header>
            \(sections(run).joined(separator: "\n"))
            </body>
            </html>

            """
    }

    private static func escaped(_ text: String) -> String { MarkupText.escaped(text) }

    private static func sections(_ run: ReportedRun) -> [String] {
        var sections: [String] = []
        func add(_ title: String, _ body: String?) {
            if let body { sections.append("<section>\n<h2>\(title)</h2>\n\(body)\n</section>") }
        }
        add("Counts", run.counts.isEmpty ? nil : counts(run.counts))
        add(
            "Totals",
            table(["Effects", "Sum"], numbers: [1], run.sums.map { [$0.count, $0.amounts.joined(separator: "\n")] }))
        add("Time line", run.timeline.steps.isEmpty ? nil : timeline(run.timeline))
        add(
            "What failed, by cause",
            table(
                ["Rows", "Kind", "The first of them", "Where"], numbers: [0],
                run.causes.map { [String($0.count), $0.kind, $0.example, $0.place] }))
        let left = run.oddRowCount - run.oddRows.count
        add(
            "Rows that did not succeed",
            table(
                ["Line", "Row", "Status", "Why"], numbers: [0],
                run.oddRows.map { [$0.line.map(String.init) ?? "", $0.name, $0.status, $0.reason] }
            ).map { $0 + (left > 0 ? "\n<p>and \(left) more</p>" : "") })
        add("The run", table([], run.fields.map { [$0.name, $0.value] }))
        return sections
    }

    private static func counts(_ counts: [(word: String, count: Int)]) -> String {
        let items = counts.map { "<div><dt>\(escaped($0.word))</dt><dd>\($0.count)</dd></div>" }
        return "<dl class=\"counts\">\n\(items.joined(separator: "\n"))\n</dl>"
    }

    /// Nil without rows.
    /// - Parameter numbers: the columns that are set flush right.
    private static func table(_ heads: [String], numbers: Set<Int> = [], _ rows: [[String]]) -> String? {
        guard !rows.isEmpty else { return nil }
        func cell(_ tag: String, _ column: Int, _ text: String) -> String {
            "<\(tag)\(numbers.contains(column) ? " class=\"number\"" : "")>\(escaped(text))</\(tag)>"
        }
        let head = heads.enumerated().map { cell("th", $0, $1) }.joined()
        let lines = rows.map { row in
            "<tr>"
                + row.enumerated().map { cell(heads.isEmpty && $0 == 0 ? "th" : "td", $0, $1) }.joined() + "</tr>"
        }
        return "<table>\n\(heads.isEmpty ? "" : "<tr>\(head)</tr>\n")\(lines.joined(separator: "\n"))\n</table>"
    }

    /// Bars side by side, of whole numbers only: a step's parts stand on each other.
    private static func timeline(_ timeline: Timeline) -> String {
        let (width, height) = (960, 160)
        let steps = timeline.steps
        let most = max(1, steps.map(\.total).max() ?? 1)
        let bar = max(2, width / max(steps.count, 30))
        var bars: [String] = []
        for (index, step) in steps.enumerated() where step.total > 0 {
            var below = 0
            let parts = Timeline.Kind.allCases.map { "\(step[$0]) \(word($0))" }.joined(separator: ", ")
            bars.append("<g><title>\(escaped("\(time(index, timeline)): \(parts)"))</title>")
            for kind in Timeline.Kind.allCases where step[kind] > 0 {
                // From sums, so that parts leave no gap; what is there is seen.
                let top = max(below * height / most + 1, (below + step[kind]) * height / most)
                let bottom = below * height / most
                bars.append(
                    "<rect class=\"\(word(kind).replacing(" ", with: "-"))\" x=\"\(index * bar)\" y=\"\(height - top)\" width=\"\(bar - 1)\" height=\"\(top - bottom)\"/>"
                )
                below += step[kind]
            }
            bars.append("</g>")
        }
        let unit = timeline.stepSeconds == 1 ? "a second" : "\(timeline.stepSeconds) seconds"
        let legend = Timeline.Kind.allCases.map {
            "<span class=\"\(word($0).replacing(" ", with: "-"))\">\u{25A0}</span> \(word($0))"
        }
        return """
            <svg viewBox="0 0 \(width) \(height)" role="img" aria-label="Effects over time">
            \(bars.joined(separator: "\n"))
            </svg>
            <p class="axis"><span>\(escaped(time(0, timeline)))</span><span>\(escaped(time(steps.count, timeline)))</span></p>
            <p>\(legend.joined(separator: " &nbsp; ")); at most \(most) in \(unit)</p>
            """
    }

    private static func word(_ kind: Timeline.Kind) -> String {
        switch kind {
        case .settled: "settled"
        case .failed: "failed"
        case .open: "in doubt"
        }
    }

    private static func time(_ step: Int, _ timeline: Timeline) -> String {
        let whole = timeline.start.millisecondsSince1970 / 1000 + Int64(step * timeline.stepSeconds)
        return Timestamp(millisecondsSince1970: whole * 1000).description.replacing("T", with: " ")
    }

    private static let style = """
        :root { color-scheme: light dark; --good: #1a7f4b; --bad: #b3261e; --warn: #a86400; --line: #8884; }
        body { font: 15px/1.45 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; } header p { margin: .3rem 0; }
        .state { padding: .1rem .5rem; border-radius: .3rem; color: #fff; } .good { background: var(--good); } .bad { background: var(--bad); }
        .why { white-space: pre-line; overflow-wrap: anywhere; }
        .counts { display: flex; flex-wrap: wrap; gap: .75rem; margin: 0; }
        .counts div { border: 1px solid var(--line); border-radius: .4rem; padding: .4rem .9rem; }
        .counts dt { opacity: .75; } .counts dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
        table { border-collapse: collapse; width: 100%; } tr { border-bottom: 1px solid var(--line); }
        th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; white-space: pre-line; overflow-wrap: anywhere; }
        th { white-space: nowrap; } td:not(.number) { min-width: 5rem; } .number { text-align: right; font-variant-numeric: tabular-nums; white-space: pre; }
        section { overflow-x: auto; }
        @media (max-width: 36rem) { td:not(.number) { min-width: 4.2rem; } th, td { padding-right: .5rem; } }
        svg { width: 100%; height: auto; border-bottom: 1px solid var(--line); }
        .settled { fill: var(--good); color: var(--good); } .failed { fill: var(--warn); color: var(--warn); }
        .in-doubt { fill: var(--bad); color: var(--bad); }
        .axis { display: flex; justify-content: space-between; margin: .2rem 0; opacity: .75; }
        """
}
