// swift-tools-version: 6.1
import PackageDescription

/// On Linux the tool carries Swift's runtime: it runs where no Swift is installed, and starts in three quarters of the
/// time. The parts of FoundationEssentials are named because objects compiled for the shared runtime do not name them;
/// lld, because the default linker warns of a `mktemp` in FoundationEssentials that is never called. Packages that
/// depend on the libraries are not touched by these flags. `EQUIPOISE_SHARED_RUNTIME=1 swift build` leaves them out,
/// for a Swift without static libraries.
#if os(Linux)
  let ownSwiftRuntime: [LinkerSetting] =
    Context.environment["EQUIPOISE_SHARED_RUNTIME"] != nil
    ? []
    : [
      .unsafeFlags([
        "-static-stdlib", "-use-ld=lld", "-lFoundationEssentials", "-l_FoundationCShims", "-l_FoundationCollections",
      ])
    ]
#else
  let ownSwiftRuntime: [LinkerSetting] = []
#endif

// Targets are listed from the inside out; imports point upwards in this list only.

let package = Package(
  name: "Equipoise",
  platforms: [.macOS(.v15)],
  products: [
    .library(
      name: "Equipoise",
      targets: [
        "LinearAlgebra", "Autograd", "NeuralNetworks", "TabularData", "FairnessMetrics", "AdversarialGame",
        "MetricExpressions", "Mitigation", "Auditing", "ModelFiles",
      ]),
    .library(
      name: "EquipoiseExperiments",
      targets: ["OrderedJSON", "RunRecords", "RunStore", "Reporting", "ReportPages", "Experiments"]),
    .executable(name: "equipoise", targets: ["equipoise"]),
    .executable(name: "equipoise-benchmark", targets: ["equipoise-benchmark"]),
  ],
  traits: [
    .trait(
      name: "Server",
      description: "`equipoise serve`, an HTTP service; without it hummingbird is neither fetched nor built."),
    .trait(
      name: "MPI",
      description:
        "Several processes, started by mpirun, share the training of one run. Needs Open MPI (libopenmpi-dev)."),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    .package(url: "https://github.com/google/swift-benchmark", from: "0.1.2"),
    // Without its traits it leaves the whole of Foundation out.
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // MARK: - System libraries and C kernels
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CScanning"),
    .target(name: "CCurl", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
    .target(name: "CKernels", linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),

    .systemLibrary(name: "COpenMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"])]),
    .target(
      name: "CMessagePassing", dependencies: [.target(name: "COpenMPI", condition: .when(traits: ["MPI"]))],
      cSettings: [.define("EQUIPOISE_MPI", .when(traits: ["MPI"]))]),

    // MARK: - Engine
    .target(
      name: "LinearAlgebra",
      dependencies: ["COpenBLAS", "CKernels", .product(name: "RealModule", package: "swift-numerics")]),
    .target(name: "Autograd", dependencies: ["LinearAlgebra", "CKernels"]),
    .target(
      name: "NeuralNetworks",
      dependencies: ["Autograd", "CKernels", .product(name: "RealModule", package: "swift-numerics")]),

    // MARK: - Data and metrics
    .target(name: "Wording"),
    .target(name: "Checksums"),
    .target(
      name: "TabularData",
      dependencies: [
        "LinearAlgebra", "Wording", "CScanning", "CCurl", "CZlib", .product(name: "Crypto", package: "swift-crypto"),
      ]),
    .target(name: "FairnessMetrics", dependencies: [.product(name: "RealModule", package: "swift-numerics")]),
    .target(name: "MetricExpressions", dependencies: ["FairnessMetrics", "Wording"]),

    // MARK: - The game and its borders
    .target(
      name: "AdversarialGame",
      dependencies: [
        "NeuralNetworks", "TabularData", "FairnessMetrics", "CKernels",
        .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(name: "MessagePassing", dependencies: ["AdversarialGame", "CMessagePassing"]),
    .target(
      name: "Mitigation",
      dependencies: [
        "AdversarialGame", "FairnessMetrics", "MetricExpressions", "Wording",
        .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(
      name: "Auditing",
      dependencies: [
        "NeuralNetworks", "FairnessMetrics", "LinearAlgebra", "CKernels",
        .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(name: "ProtocolBuffers"),
    .target(
      name: "ModelFiles",
      dependencies: [
        "AdversarialGame", "Mitigation", "ProtocolBuffers", .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(name: "OrderedJSON"),
    .target(
      name: "RunRecords", dependencies: ["FairnessMetrics", "Auditing", "OrderedJSON", "Checksums", "ProtocolBuffers"]),
    .target(name: "CSQLite", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
    .target(
      name: "RunStore",
      dependencies: [
        "RunRecords", "FairnessMetrics", "OrderedJSON", "Wording", "CSQLite",
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    .target(
      name: "FairnessEvaluation",
      dependencies: [
        "FairnessMetrics", "MetricExpressions", "TabularData", "OrderedJSON", "Wording", "Checksums",
        .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(name: "Reporting", dependencies: ["RunRecords", "RunStore", "FairnessEvaluation", "Auditing"]),
    .target(
      name: "ReportPages",
      dependencies: [
        "Reporting", "RunRecords", "FairnessEvaluation", "FairnessMetrics", "OrderedJSON", "TabularData",
      ],
      resources: [.embedInCode("Page/report.css"), .embedInCode("Page/report.js"), .embedInCode("Page/explorer.js")]),
    .target(
      name: "Experiments",
      dependencies: [
        "ModelFiles", "Mitigation", "RunRecords", "RunStore", "OrderedJSON", "Auditing", "FairnessEvaluation",
        "MetricExpressions", "Wording", .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(
      name: "Serving",
      dependencies: ["ModelFiles", "RunRecords", "FairnessMetrics", "TabularData", "OrderedJSON", "Wording"]),
    .target(
      name: "PredictionServer",
      dependencies: [
        "Serving", "RunRecords",
        .product(name: "HummingbirdCore", package: "hummingbird", condition: .when(traits: ["Server"])),
        .product(name: "NIOCore", package: "swift-nio", condition: .when(traits: ["Server"])),
        .product(name: "NIOHTTP1", package: "swift-nio", condition: .when(traits: ["Server"])),
        .product(name: "NIOPosix", package: "swift-nio", condition: .when(traits: ["Server"])),
        .product(name: "Logging", package: "swift-log", condition: .when(traits: ["Server"])),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: .when(traits: ["Server"])),
      ]),
    .executableTarget(
      name: "equipoise",
      dependencies: [
        "Experiments", "MessagePassing", "Reporting", "ReportPages", "FairnessEvaluation", "MetricExpressions",
        "Auditing", "Wording", "PredictionServer", "Serving", "LinearAlgebra",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      linkerSettings: ownSwiftRuntime),

    // MARK: - Benchmarks and examples
    .executableTarget(
      name: "equipoise-benchmark",
      dependencies: ["AdversarialGame", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      path: "Sources/Benchmarks"),
    .executableTarget(
      name: "equipoise-microbenchmark",
      dependencies: ["AdversarialGame", .product(name: "Benchmark", package: "swift-benchmark")],
      path: "Sources/MicroBenchmarks"),
    .executableTarget(name: "equipoise-crosscheck", dependencies: ["Mitigation"], path: "Sources/Crosscheck"),
    .executableTarget(
      name: "OwnAdversary", dependencies: ["AdversarialGame"], path: "Sources/Examples/OwnAdversary"),
    .executableTarget(
      name: "store-torture", dependencies: ["RunStore", "RunRecords", "FairnessMetrics", "OrderedJSON"],
      path: "Sources/Torture"),

    // MARK: - Tests
    .target(name: "TestSupport", dependencies: ["Autograd"]),
    .testTarget(
      name: "AutogradTests",
      dependencies: ["Autograd", "TestSupport", .product(name: "RealModule", package: "swift-numerics")]),
    .testTarget(name: "LinearAlgebraTests", dependencies: ["LinearAlgebra", "CKernels", "TestSupport"]),
    .testTarget(
      name: "NeuralNetworksTests", dependencies: ["NeuralNetworks", "TestSupport"], resources: [.copy("Golden")]),
    .testTarget(
      name: "AdversarialGameTests", dependencies: ["AdversarialGame", "TestSupport"], resources: [.copy("Golden")]),
    .testTarget(
      name: "ModelFilesTests", dependencies: ["ModelFiles", "TestSupport"], resources: [.copy("Golden")]),
    .testTarget(name: "ExampleTests", dependencies: ["OwnAdversary"]),
    .testTarget(name: "FairnessMetricsTests", dependencies: ["FairnessMetrics"], resources: [.copy("Golden")]),
    .testTarget(
      name: "TabularDataTests", dependencies: ["TabularData", "LinearAlgebra", "CScanning"],
      resources: [.copy("Golden")]),
    .testTarget(name: "MetricExpressionsTests", dependencies: ["MetricExpressions"]),
    .testTarget(
      name: "MitigationTests", dependencies: ["Mitigation", "TestSupport"], resources: [.copy("Golden")]),
    .testTarget(name: "AuditingTests", dependencies: ["Auditing"], resources: [.copy("Golden")]),
    .testTarget(
      name: "FairnessEvaluationTests", dependencies: ["FairnessEvaluation", "MetricExpressions"],
      resources: [.copy("Golden")]),
    .testTarget(name: "OrderedJSONTests", dependencies: ["OrderedJSON"]),
    .testTarget(name: "WordingTests", dependencies: ["Wording"]),
    .testTarget(name: "RunRecordsTests", dependencies: ["RunRecords"], resources: [.copy("Golden")]),
    .testTarget(name: "RunStoreTests", dependencies: ["RunStore", "RunRecords", "FairnessMetrics"]),
    .testTarget(
      name: "ReportPagesTests",
      dependencies: ["ReportPages", "Reporting", "RunRecords", "FairnessMetrics", "OrderedJSON"]),
    .testTarget(name: "ServingTests", dependencies: ["Serving", "Experiments"]),
    .testTarget(name: "ReportingTests", dependencies: ["Reporting", "FairnessEvaluation", "Auditing"]),
    .testTarget(
      name: "ExperimentsTests",
      dependencies: ["Experiments", "RunStore", "FairnessEvaluation", "FairnessMetrics", "MetricExpressions"],
      resources: [.copy("Golden")]),
    // Starts the built tool; a dependency on it would link its own Swift runtime into the tests.
    .testTarget(name: "equipoiseTests"),
  ],
  swiftLanguageModes: [.v6]
)

// SwiftPM compiles a target again where a module that it names has changed. A module's own file stays the same, though,
// where only the layout of something inside it has, and targets further out would keep the old layout: each names all
// that it rests on.
var reached: [String: Set<String>] = [:]
for target in package.targets {
  var all: Set<String> = []
  for case .byNameItem(let name, nil) in target.dependencies where reached[name] != nil {
    all.formUnion(reached[name, default: []].union([name]))
  }
  reached[target.name] = all
  let named = target.dependencies.compactMap { if case .byNameItem(let name, nil) = $0 { name } else { nil } }
  target.dependencies += all.subtracting(named).sorted().map { .byNameItem(name: $0, condition: nil) }
}
