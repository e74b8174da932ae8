import Foundation
import TabularData
import Testing

/// A folder that is removed when the value goes.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("equipoise-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and returns its path.
  func write(_ bytes: some Sequence<UInt8>, as name: String = "data.csv") throws -> String {
    let url = URL(fileURLWithPath: path).appendingPathComponent(name)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
    return url.path
  }
}

/// Reads text as a CSV file.
func read(
  _ text: String, format: CSVFormat = CSVFormat(), options: ReadingOptions = ReadingOptions()
) throws -> Table {
  let folder = try TemporaryFolder()
  return try CSVReader(format: format, options: options).read(folder.write(text.utf8))
}

/// The message of the error that a body throws, without the name of the temporary folder.
func message(_ body: (TemporaryFolder) throws -> Void) throws -> String {
  let folder = try TemporaryFolder()
  do {
    try body(folder)
    return "no error"
  } catch let error as DataError {
    return error.description.replacingOccurrences(of: folder.path + "/", with: "")
  }
}

/// The cells of a column as text, `nil` where missing.
func cells(_ table: Table, _ name: String) throws -> [String?] {
  switch try table.column(named: name).cells {
  case .numeric(let values): values.map { $0.isNaN ? nil : "\($0)" }
  case .categorical(let codes, let categories): codes.map { $0 < 0 ? nil : categories[Int($0)] }
  }
}

/// The folder of data sets, `EQUIPOISE_DATA`.
enum DataFolder {
  static let path = ProcessInfo.processInfo.environment["EQUIPOISE_DATA"].flatMap { $0.isEmpty ? nil : $0 }

  /// Whether tests that need data can run; with `CI=true` they run, and fail, without.
  static var isThere: Bool { path != nil || ProcessInfo.processInfo.environment["CI"] == "true" }
}

/// Golden values, written by Scripts/golden/tabular_data.py.
struct Golden: Decodable {
  struct Adult: Decodable {
    var rows: Int
    var positives: Int
    var features: [String]
    var mean: [Double]
    var scale: [Double]
    var unseenCells: Int
    var columnSums: [Double]
    var sampleRows: [Int]
    var sample: [[Double]]
  }
  struct Small: Decodable {
    struct Variant: Decodable {
      var dropFirst: Bool
      var standardize: EncodingOptions.Standardization
      var features: [[Double]]
    }
    var csv: String
    var training: [Int]
    var variants: [Variant]
  }
  struct Split: Decodable {
    var positives: Int
    var negatives: Int
    var test: Double
    var trainRows: Int
    var testRows: Int
    var trainPositives: Int
    var testPositives: Int
  }
  var adult: Adult
  var small: Small
  var splits: [Split]

  static func load() throws -> Golden {
    let url = try #require(
      Bundle.module.url(forResource: "tabular_data", withExtension: "json", subdirectory: "Golden"))
    return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
  }
}
