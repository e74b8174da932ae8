import Auditing
import FairnessMetrics
import LinearAlgebra

/// Columns made of a seed.
struct Fixture {
  var stream: RandomStream

  init(_ seed: UInt64) { stream = RandomStream(seed: seed) }

  mutating func uniforms(_ count: Int) -> [Float] { (0..<count).map { _ in Float(stream.uniform()) } }

  mutating func normals(_ rows: Int, _ columns: Int) -> Matrix<Float> {
    Matrix(rows: rows, columns: columns, values: (0..<rows * columns).map { _ in Float(stream.normal()) })
  }

  /// Groups 0 and 1, the second with the given share.
  mutating func groups(_ count: Int, share: Double = 0.5, name: String = "z") -> GroupColumn {
    GroupColumn(name: name, groups: ["a", "b"], codes: (0..<count).map { _ in stream.uniform() < share ? 1 : 0 })
  }
}

func column(_ values: [Float]) -> Matrix<Float> { Matrix(rows: values.count, columns: 1, values: values) }

/// Adversaries of every family that are trained in no time.
let quickFamilies: [AdversaryFamily] = [
  .logisticRegression(), .perceptron(PerceptronSettings(hidden: [8], steps: 30, batchSize: 32)),
  .boostedTrees(BoostedTreesSettings(rounds: 10, minimumLeafHessian: 1)), .nearestNeighbours(count: 10),
]
