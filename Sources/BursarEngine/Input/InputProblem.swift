/// Something is wrong with an input file: with the whole file, one row, or one field.
public struct InputProblem: Error, Sendable, CustomStringConvertible {
    public let file: String
    /// The line the row starts on, counted from 1; nil for the whole file.
    public let line: Int?
    public let column: String?
    /// What is wrong, to be read after the place: "is empty".
    public let problem: String

    /// True when nothing behind it can be read: the rest of the file is lost, not one row.
    let endsFile: Bool

    init(file: String, line: Int? = nil, column: String? = nil, _ problem: String, endsFile: Bool = false) {
        self.endsFile = endsFile
        self.file = file
        self.line = line
        self.column = column
        self.problem = problem
    }

    /// The run ends while the file is read: nothing is wrong with it.
    static func stopped(_ file: String) -> InputProblem { InputProblem(file: file, stoppedText) }
    var isStop: Bool { problem == InputProblem.stoppedText }
    private static let stoppedText = "was not read to its end, because the run is being stopped"

    public var description: String {
        var place = file
        if let line { place += ":\(line)" }
        return column.map { "\(place): \($0) \(problem)" } ?? "\(place): \(problem)"
    }
}

/// All that is wrong with an input file. Nothing was sent.
public struct InvalidInput: Error, Sendable {
    public let file: String
    /// The first problems, at most `InvalidInput.most`.
    public let problems: [InputProblem]
    /// How many there are in all.
    public let count: Int
    /// Rows that are fine.
    public let goodRows: Int
    /// True when it is rows that are wrong, which can be left out; false when it is the file or what the script says of it.
    public var canSkip: Bool { problems.allSatisfy { $0.line != nil } }

    static let most = 1000
}
