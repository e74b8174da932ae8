import FairnessMetrics
import Foundation
import Testing

/// Inputs and results of `Scripts/golden/metrics.py`, made by scikit-learn, fairlearn and SciPy.
struct GoldenCase: Decodable, Sendable, CustomStringConvertible {
  struct Results: Decodable, Sendable {
    var rates: [String: Double]
    var parity: [String: Double]
    var scores: [String: Double]
  }

  /// Two shares, `a` of `n` rows and `b` of `m`, with the p-values of tests that they are equal.
  struct Shares: Decodable, Sendable, CustomStringConvertible {
    var a: Int
    var n: Int
    var b: Int
    var m: Int
    var fisher: Double
    var twoProportions: Double
    var wilson: [Double]

    var description: String { "\(a) of \(n), \(b) of \(m)" }
  }

  struct File: Decodable, Sendable {
    var cases: [GoldenCase]
    var shares: [Shares]
    var quantiles: [[Double]]
  }

  var name: String
  var groups: [String]
  var codes: [Int32]
  var labels: [Int]
  var scores: [Double]
  var weights: [Double]
  var threshold: Double
  var deLongVariance: Double
  var theil: Double
  var entropy2: Double
  var wasserstein: Double
  var selectionRateByGroup: [Double]
  var plain: Results
  var weighted: Results

  var description: String { name }
  var isPositive: [Bool] { labels.map { $0 == 1 } }
  var column: GroupColumn { GroupColumn(name: "z", groups: groups, codes: codes) }

  static func file() throws -> File {
    let url = try #require(Bundle.module.url(forResource: "metrics", withExtension: "json", subdirectory: "Golden"))
    return try JSONDecoder().decode(File.self, from: Data(contentsOf: url))
  }

  static func all() throws -> [GoldenCase] { try file().cases }
}
