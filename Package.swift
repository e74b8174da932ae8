// swift-tools-version: 6.1
import PackageDescription

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
      name: "EquipoiseExperiments", targets: ["OrderedJSON", "RunRecords", "Reporting", "ReportPages", "Experiments"]),
    .executable(name: "equipoise", targets: ["equipoise"]),
    .executable(name: "equipoise-benchmark", targets: ["equipoise-benchmark"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    .package(url: "https://github.com/google/swift-benchmark", from: "0.1.2"),
  ],
  targets: [
    // MARK: - System libraries and C kernels
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CScanning"),
    .target(name: "CCurl", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
    .target(name: "CKernels", linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),

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
    .target(
      name: "Mitigation",
      dependencies: [
        "AdversarialGame", "MetricExpressions", "Wording", .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(
      name: "Auditing",
      dependencies: [
        "NeuralNetworks", "FairnessMetrics", "LinearAlgebra", "CKernels",
        .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(
      name: "ModelFiles",
      dependencies: ["AdversarialGame", "Mitigation", .product(name: "RealModule", package: "swift-numerics")]),
    .target(name: "OrderedJSON"),
    .target(name: "RunRecords", dependencies: ["FairnessMetrics", "Auditing", "OrderedJSON"]),
    .target(
      name: "FairnessEvaluation",
      dependencies: [
        "FairnessMetrics", "MetricExpressions", "TabularData", "OrderedJSON", "Wording",
        .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(name: "Reporting", dependencies: ["RunRecords", "FairnessEvaluation", "Auditing"]),
    .target(
      name: "ReportPages",
      dependencies: ["Reporting", "RunRecords", "FairnessEvaluation", "FairnessMetrics", "OrderedJSON"],
      resources: [.embedInCode("Page/report.css"), .embedInCode("Page/report.js"), .embedInCode("Page/explorer.js")]),
    .target(
      name: "Experiments",
      dependencies: [
        "ModelFiles", "Mitigation", "RunRecords", "OrderedJSON", "Auditing", "FairnessEvaluation", "MetricExpressions",
        "Wording",
      ]),
    .executableTarget(
      name: "equipoise",
      dependencies: [
        "Experiments", "Reporting", "ReportPages", "FairnessEvaluation", "MetricExpressions", "Auditing", "Wording",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

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
    .testTarget(name: "RunRecordsTests", dependencies: ["RunRecords"]),
    .testTarget(
      name: "ReportPagesTests", dependencies: ["ReportPages", "RunRecords", "FairnessMetrics", "OrderedJSON"]),
    .testTarget(name: "ReportingTests", dependencies: ["Reporting", "FairnessEvaluation", "Auditing"]),
    .testTarget(
      name: "ExperimentsTests",
      dependencies: ["Experiments", "FairnessEvaluation", "FairnessMetrics", "MetricExpressions"]),
    .testTarget(name: "equipoiseTests", dependencies: ["equipoise"]),
  ],
  swiftLanguageModes: [.v6]
)
