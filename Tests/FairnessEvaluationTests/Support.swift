import FairnessEvaluation
import FairnessMetrics
import Foundation
import TabularData

/// A folder that is removed when the value goes.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "equipoise-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ bytes: some Sequence<UInt8>, as name: String = "data.csv") throws -> String {
    let url = URL(filePath: path).appending(path: name)
    try Data(bytes).write(to: url)
    return url.path
  }

  func write(_ text: String, as name: String = "data.csv") throws -> String { try write(text.utf8, as: name) }
}

/// Evaluates a text as a file.
func evaluate(
  _ text: String, as name: String = "data.csv", _ change: (inout EvaluationSpecification) -> Void = { _ in }
) throws -> EvaluationReport {
  let folder = try TemporaryFolder()
  var specification = EvaluationSpecification()
  specification.draws = 200
  change(&specification)
  return try EvaluationRunner(specification).evaluate(folder.write(text, as: name))
}

/// What an evaluation of a text throws, with the folder's path left out.
func refusal(
  _ bytes: some Sequence<UInt8>, as name: String = "data.csv", _ change: (inout EvaluationSpecification) -> Void
) throws -> String {
  let folder = try TemporaryFolder()
  var specification = EvaluationSpecification()
  specification.draws = 10
  change(&specification)
  do {
    _ = try EvaluationRunner(specification).evaluate(folder.write(bytes, as: name))
    return "no error"
  } catch {
    return "\(error)".replacing("\(folder.path)/", with: "")
  }
}

/// Rows of random scores, labels and groups; equal seeds give equal rows.
func randomRows(_ count: Int, seed: UInt64) -> String {
  var generator = SeededGenerator(state: seed)
  var text = "label,score,sex,race,weight\n"
  for _ in 0..<count {
    let score = Double(generator.next() % 101) / 100
    let label = Double(generator.next() % 1000) / 1000 < 0.2 + 0.6 * score ? 1 : 0
    let sex = ["Female", "Male", ""][Int(generator.next() % 20) < 1 ? 2 : Int(generator.next() % 2)]
    let race = ["White", "Black", "\"Other, or none\""][Int(generator.next() % 3)]
    text += "\(label),\(score),\(sex),\(race),\(Double(generator.next() % 8 + 1) / 4)\n"
  }
  return text
}

/// SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

extension EvaluationReport {
  /// The value of a metric in a slice named as `sex = Female`.
  func value(_ metric: String, _ slice: String = "all rows", model: Int = 0, thresholdIndex: Int = 0) -> Double? {
    models[model].slices.first { "\($0.slice)" == slice }?
      .estimate(metric, thresholdIndex: thresholdIndex)?.value.value
  }
}

/// A number as the CSV reader reads it.
func decimal(_ text: String) -> Double? {
  var text = text
  guard case .number(let value) = text.withUTF8({ DecimalNumber.read(UnsafeRawBufferPointer($0)) }) else { return nil }
  return value
}
