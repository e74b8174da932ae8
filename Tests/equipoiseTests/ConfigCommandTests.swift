import Foundation
import Testing

/// The built tool, run as a process.
@Suite struct ConfigCommandTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    .standardizedFileURL.path

  /// The tool lies beside the bundle of the tests.
  private static let tool: String = {
    let bundle = CommandLine.arguments[0]
    let fromArguments = URL(filePath: bundle).deletingLastPathComponent().appending(path: "equipoise").path
    if FileManager.default.isExecutableFile(atPath: fromArguments) { return fromArguments }
    return "\(root)/.build/release/equipoise"
  }()

  private func run(_ arguments: [String]) throws -> (status: Int32, output: String, error: String) {
    let process = Process()
    process.executableURL = URL(filePath: Self.tool)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: Self.root)
    let output = Pipe()
    let error = Pipe()
    process.standardOutput = output
    process.standardError = error
    try process.run()
    let outputText = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let errorText = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, outputText, errorText)
  }

  @Test(arguments: [
    (["config", "check", "Configs/adult.json"], 0, "Configs/adult.json: valid, experiment 'adult'.\n", ""),
    (
      ["config", "check", "Configs/adult.json", "--set", "trainig.batchSize=1"], 78, "",
      "equipoise: --set trainig.batchSize=1: the configuration has no key \"trainig\". Did you mean 'training'?\n"
    ),
    (
      ["config", "check", "Configs/adult.json", "--seed=-1"], 78, "",
      "equipoise: --seed -1: seed should be a whole number in 0...9007199254740991, found -1.\n"
    ),
    (
      ["config", "check", "missing.json"], 66, "",
      "equipoise: missing.json: no such file or directory. Check the path.\n"
    ),
  ])
  func check(arguments: [String], status: Int32, output: String, error: String) throws {
    let result = try run(arguments)
    #expect(result.status == status)
    #expect(result.output == output)
    #expect(result.error == error)
  }

  @Test func usageErrorsHaveTheirStatus() throws {
    #expect(try run(["confg"]).status == 64)
    #expect(try run(["config", "check"]).status == 64)
    #expect(try run(["config", "check", "Configs/adult.json", "--sed", "1"]).status == 64)
  }

  @Test func schemaAndResolvedConfiguration() throws {
    let schema = try String(contentsOfFile: "\(Self.root)/Configs/schema.json", encoding: .utf8)
    #expect(try run(["config", "schema"]).output == schema)
    let resolved = try run(["config", "check", "Configs/adult.json", "--json", "--seed", "3", "--output", "out"]).output
    #expect(resolved.contains("\"seed\": 3"))
    #expect(resolved.contains("\"directory\": \"out\""))
    #expect(try run(["config", "example"]).output.hasPrefix("// An Equipoise configuration."))
  }
}
