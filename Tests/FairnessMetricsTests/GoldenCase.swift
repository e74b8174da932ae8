import FairnessMetrics
import Foundation
import Testing

/// Inputs and results of `Scripts/golden/metrics.py`, made by scikit-learn and fairlearn.
struct GoldenCase: Decodable, Sendable, CustomStringConvertible {
  struct Results: Decodable, Sendable {
    var rates: [String: Double]
    var parity: [String: Double]
    var scores: [String: Double]
  }

  private struct File: Decodable {
    var cases: [GoldenCase]
  }

  var name: String
  var groups: [String]
  var codes: [Int32]
  var labels: [Int]
  var scores: [Double]
  var weights: [Double]
  var threshold: Double
  var selectionRateByGroup: [Double]
  var plain: Results
  var weighted: Results

  var description: String { name }
  var isPositive: [Bool] { labels.map { $0 == 1 } }
  var column: GroupColumn { GroupColumn(name: "z", groups: groups, codes: codes) }

  static func all() throws -> [GoldenCase] {
    let url = try #require(Bundle.module.url(forResource: "metrics", withExtension: "json", subdirectory: "Golden"))
    return try JSONDecoder().decode(File.self, from: Data(contentsOf: url)).cases
  }
}
