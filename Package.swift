// swift-tools-version:6.2
import PackageDescription

/// Every target of ours is built the same way: Swift 6 language mode, the upcoming features that make imports and
/// existentials explicit, and no warnings.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// A library of ours. Who may import whom is checked again, line by line, by `Tests/HouseTests`.
func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let sqlite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let yams: Target.Dependency = "Yams"

let package = Package(
    name: "bursar",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "bursar", targets: ["bursar"]),
        .executable(name: "bursar-worker", targets: ["bursar-worker"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
    ],
    targets: [
        // The script's room.
        .systemLibrary(name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),
        .target(
            name: "CLuaShims", dependencies: ["CLua"], cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])],
            // The archive by its name: a worker starts for every run, and sooner with one shared library less to load.
            linkerSettings: [.linkedLibrary(":libseccomp.a")]),
        library("ScriptWire"),
        .target(
            name: "ScriptWorker", dependencies: ["CLuaShims", "ScriptWire"], resources: [.embedInCode("Prelude")],
            swiftSettings: settings),
        .executableTarget(
            name: "bursar-worker", dependencies: ["CLuaShims", "ScriptWire", "ScriptWorker"], swiftSettings: settings),
        .target(name: "CScriptHost", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
        library("ScriptHost", ["CScriptHost", "ScriptWire"]),

        // The contract, and the two things that answer it.
        library("ExactJSON"),
        .target(
            name: "ConomyAPI", dependencies: ["ExactJSON", crypto], exclude: ["Contract/openapi.yaml"], swiftSettings: settings),
        library("ConomyClient", ["ConomyAPI", "ExactJSON", asyncHTTPClient, nioCore, nioPosix, nioHTTP1, logging]),
        library(
            "ConomySimulator",
            ["ConomyAPI", "ExactJSON", asyncHTTPClient, hummingbird, httpTypes, nioCore, nioPosix, nioHTTP1, logging]),
        library("CatalogueGenerator", ["ExactJSON", yams]),
        .executableTarget(name: "generate-catalogue", dependencies: ["CatalogueGenerator"], swiftSettings: settings),

        // Bursar itself.
        library("BursarGate", ["ConomyAPI", "ExactJSON"]),
        library("BursarSchedule", [yams]),
        library("BursarReport", ["ConomyAPI"]),
        library("BursarListener", ["ConomyAPI", nioCore, nioPosix, nioHTTP1]),
        library("BursarJournal", ["ConomyAPI", "ExactJSON", crypto, grdb, sqlite]),
        library(
            "BursarEngine",
            [
                "ScriptWire", "ScriptHost", "ConomyAPI", "ExactJSON", "ConomyClient", "ConomySimulator", "BursarGate",
                "BursarJournal", crypto, cryptoExtras, yams, logging,
            ]),
        .executableTarget(
            name: "bursar",
            dependencies: [
                "BursarEngine", "BursarJournal", "BursarListener", "BursarReport", "BursarSchedule", "ConomyAPI", "ConomyClient",
                "ConomySimulator", "ExactJSON", argumentParser, asyncHTTPClient, logging, nioCore, nioHTTP1,
            ],
            resources: [.embedInCode("Reference")], swiftSettings: settings),

        // What random tests share.
        .target(name: "Fuzzing", path: "Tests/Fuzzing", swiftSettings: settings),

        tests("ExactJSONTests", ["ExactJSON"]),
        tests("ConomyAPITests", ["ConomyAPI", "ExactJSON", "CatalogueGenerator"]),
        tests("ScriptWireTests", ["Fuzzing", "ScriptWire"]),
        // Lua as the system has it, for tests that compare.
        .target(name: "CPlainLua", dependencies: ["CLua"], path: "Tests/CPlainLua"),
        .testTarget(
            name: "ScriptWorkerTests",
            dependencies: ["CLuaShims", "CPlainLua", "ExactJSON", "Fuzzing", "ScriptWorker", "ScriptWire"],
            exclude: ["globals.txt"],
            swiftSettings: settings),
        // Tries to break out of the worker's confinement. Never installed.
        .executableTarget(
            name: "worker-with-a-door", dependencies: ["CLuaShims"], path: "Tests/WorkerWithADoor",
            cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
        tests(
            "ScriptHostTests",
            ["CScriptHost", "Fuzzing", "ScriptHost", "ScriptWire", "bursar-worker", "worker-with-a-door"]),
        tests("ConomyClientTests", ["ConomyClient", "ConomyAPI", "ExactJSON", nioCore, nioPosix, nioHTTP1, logging]),
        tests("ConomySimulatorTests", ["BursarEngine", "ConomySimulator", "ConomyAPI", "ExactJSON", "Fuzzing", logging]),
        // What `scripts/bench` measures the simulator with. Never installed.
        .executableTarget(
            name: "simulator-bench", dependencies: ["ConomySimulator", "ConomyAPI", "ExactJSON"], path: "Tests/SimulatorBench",
            swiftSettings: settings),
        tests("BursarGateTests", ["BursarGate", "ConomyAPI", "ExactJSON"]),
        tests("BursarReportTests", ["BursarReport", "ConomyAPI", "Fuzzing"]),
        tests("BursarListenerTests", ["BursarListener", "ConomyAPI", "ExactJSON", "Fuzzing", nioCore, nioPosix]),
        tests("BursarScheduleTests", ["BursarSchedule", "Fuzzing"]),
        tests("BursarJournalTests", ["BursarJournal", "ConomyAPI", "ExactJSON", "Fuzzing", grdb]),
        // What `scripts/bench` measures the journal with. Never installed.
        .executableTarget(
            name: "journal-bench", dependencies: ["BursarJournal", "ConomyAPI"], path: "Tests/JournalBench",
            swiftSettings: settings),
        tests(
            "BursarEngineTests",
            [
                "BursarEngine", "BursarGate", "BursarJournal", "ConomyAPI", "ConomyClient", "ConomySimulator", "ExactJSON",
                "Fuzzing",
                logging,
            ]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "bursar", "bursar-worker", "worker-with-a-door", "BursarJournal", "ConomyAPI", "ExactJSON", argumentParser, grdb,
            ],
            exclude: ["Data", "Hostile", "Notices/pings.py", "Sandbox/hammer.py", "Sandbox/receiver.py"],
            swiftSettings: settings),
        tests("HouseTests", ["CatalogueGenerator", "ConomyAPI"]),
    ]
)

// `scripts/check-asan` builds the script's room and its tests alone, which need no package of others. (Instrumenting the others
// would take many minutes and find nothing of ours.)
if Context.environment["BURSAR_PARTS"] == "room" {
    let room: Set = [
        "CLua", "CLuaShims", "CPlainLua", "ExactJSON", "Fuzzing", "ScriptWire", "ScriptWorker", "ScriptWireTests",
        "ScriptWorkerTests",
    ]
    package.targets.removeAll { !room.contains($0.name) }
    package.products = []
    package.dependencies = []
}
