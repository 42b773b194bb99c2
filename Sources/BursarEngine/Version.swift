/// The version of this program.
public let bursarVersion = "0.1.0"
