import CatalogueGenerator
import Foundation

// generate-catalogue CONTRACT OUTPUT: called by scripts/generate.
let arguments = CommandLine.arguments
guard arguments.count == 3 else {
    FileHandle.standardError.write(Data("usage: generate-catalogue openapi.yaml Contract.swift\n".utf8))
    exit(2)
}
let contract = try String(contentsOfFile: arguments[1], encoding: .utf8)
try CatalogueSource.make(contract: contract).write(toFile: arguments[2], atomically: true, encoding: .utf8)
