import Foundation

/// The built tool, run as a process.
enum Tool {
  /// The root of the package.
  static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    .standardizedFileURL.path

  /// The tool lies beside the bundle of the tests.
  static let path: String = {
    let beside = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "equipoise").path
    return FileManager.default.isExecutableFile(atPath: beside) ? beside : "\(root)/.build/release/equipoise"
  }()

  /// Runs the tool in a folder, that of the package unless another is named.
  ///
  /// - Parameter environment: Variables that have other values for it.
  static func run(
    _ arguments: [String], environment: [String: String] = [:], folder: String = Tool.root, input: String? = nil
  ) throws -> (status: Int32, output: String, error: String) {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: folder)
    if let input { process.standardInput = FileHandle(forReadingAtPath: input) }
    var variables = ProcessInfo.processInfo.environment
    for (name, value) in environment { variables[name] = value }
    process.environment = variables
    // Standard error goes to a file: two pipes read one after the other could wait for each other.
    let errorPath = FileManager.default.temporaryDirectory.appending(path: "equipoise-\(UUID().uuidString)").path
    _ = FileManager.default.createFile(atPath: errorPath, contents: nil)
    defer { try? FileManager.default.removeItem(atPath: errorPath) }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle(forWritingAtPath: errorPath)
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text, try String(contentsOfFile: errorPath, encoding: .utf8))
  }

  /// Starts the tool in the root of the package, without waiting for it; what it says is lost.
  static func start(_ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: root)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// Makes a folder for the time of a test.
  static func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "equipoise-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }
}
