import Autograd
import Foundation
import LinearAlgebra
import NeuralNetworks
import TestSupport
import Testing

/// Losses against PyTorch: `Scripts/golden/engine.py`.
@Suite struct LossTests {
  struct GoldenLoss: Decodable, Sendable, CustomTestStringConvertible {
    struct Reduced: Decodable, Sendable {
      var value: Double
      var gradient: [[Double]]
    }

    /// Numbers that may come as rows or, for losses of whole rows, as a plain list.
    enum Elements: Decodable, Sendable {
      case rows([[Double]])
      case list([Double])

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let rows = try? container.decode([[Double]].self) {
          self = .rows(rows)
        } else {
          self = .list(try container.decode([Double].self))
        }
      }

      var values: [Double] {
        switch self {
        case .rows(let rows): rows.flatMap(\.self)
        case .list(let list): list
        }
      }
    }

    var loss: String
    var precision: String
    var inputs: [[Double]]
    var targets: [[Double]]?
    var signs: [[Double]]?
    var classes: [Int]?
    var elements: Elements
    var rowWeights: [Double]
    var columnWeights: [Double]?
    var mean: Reduced
    var rowWeighted: Reduced
    var columnWeighted: Reduced?

    var testDescription: String { "\(loss), \(precision)" }

    /// The targets in the form that our losses take: 0 and 1 for signs, one-hot rows for classes.
    func targetMatrix<Scalar: EngineScalar>() throws -> Matrix<Scalar> {
      if let targets { return Matrix(rows: targets) }
      if let signs { return Matrix(rows: signs.map { row in row.map { ($0 + 1) / 2 } }) }
      let classes = try #require(classes)
      return Matrix(rows: classes.map { wanted in inputs[0].indices.map { $0 == wanted ? 1 : 0 } })
    }

    func losses<Scalar: EngineScalar>(
      of x: Tensor<Scalar>, weights: Tensor<Scalar>? = nil, reduction: LossReduction
    ) throws -> Tensor<Scalar> {
      let targets = Tensor<Scalar>.constant(try targetMatrix())
      switch loss {
      case "binaryCrossEntropy":
        return binaryCrossEntropy(logits: x, targets: targets, weights: weights, reduction: reduction)
      case "categoricalCrossEntropy":
        return categoricalCrossEntropy(logits: x, targets: targets, weights: weights, reduction: reduction)
      case "squaredError":
        return squaredError(predictions: x, targets: targets, weights: weights, reduction: reduction)
      default:
        #expect(loss == "hinge")
        return hinge(scores: x, targets: targets, weights: weights, reduction: reduction)
      }
    }
  }

  static let cases: [GoldenLoss] = (try? goldenCases("losses", in: .module)) ?? []

  @Test func goldenCasesExist() {
    #expect(Self.cases.count == 8)
  }

  @Test(arguments: cases)
  func valuesAndGradients(_ golden: GoldenLoss) throws {
    if golden.precision == "float32" { try check(golden, in: Float.self) } else { try check(golden, in: Double.self) }
  }

  private func check<Scalar: EngineScalar>(_ golden: GoldenLoss, in type: Scalar.Type) throws {
    let unit = Double(Scalar.ulpOfOne)
    let x = Tensor<Scalar>.constant(Matrix(rows: golden.inputs))

    // exp and log in Float are accurate to 2 units, log1p to 3, and the sum with x − x·t adds one: 8 in all. The
    // absolute part is PyTorch's: near 1 its logarithm is off by six units. `extremeLogits` holds ours to the true value.
    let each = try golden.losses(of: x, reduction: .none)
    let program = Program(values: [each])
    program.run()
    #expect(
      firstDeviation(
        of: program.value(of: each).values, from: golden.elements.values, relative: 8 * unit, absolute: 8 * unit)
        == nil,
      "elements")

    let rowWeights = Tensor<Scalar>.constant(
      Matrix(rows: golden.rowWeights.count, columns: 1, values: golden.rowWeights.map { Scalar($0) }))
    let largestWeight = golden.rowWeights.max() ?? 1
    try compare(golden.losses(of: x, reduction: .mean), x, golden.mean, weight: 1, "mean")
    try compare(
      golden.losses(of: x, weights: rowWeights, reduction: .mean), x, golden.rowWeighted, weight: largestWeight,
      "row weights")
    // The sum is the mean times the number of losses.
    let count = golden.elements.values.count
    try compare(
      golden.losses(of: x, weights: rowWeights, reduction: .sum).scaled(by: 1 / Double(count)), x, golden.rowWeighted,
      weight: largestWeight, "row weights, sum")
    if golden.loss != "categoricalCrossEntropy" {
      // Weights for each element, the same in a row, take the path that is fused with the loss.
      let columns = golden.inputs[0].count
      let full = Matrix<Scalar>(
        rows: golden.rowWeights.map { Array(repeating: $0, count: columns) })
      try compare(
        golden.losses(of: x, weights: .constant(full), reduction: .mean), x, golden.rowWeighted, weight: largestWeight,
        "element weights")
    }
    if let weights = golden.columnWeights, let expected = golden.columnWeighted {
      let row = Tensor<Scalar>.constant(Matrix(rows: [weights]))
      try compare(
        (golden.losses(of: x, reduction: .none) * row).mean(), x, expected, weight: weights.max() ?? 1, "column weights"
      )
    }
  }

  /// Compares a reduced loss and its gradient.
  private func compare<Scalar: EngineScalar>(
    _ loss: Tensor<Scalar>, _ x: Tensor<Scalar>, _ expected: GoldenLoss.Reduced, weight: Double, _ name: String
  ) throws {
    let unit = Double(Scalar.ulpOfOne)
    let program = Program(values: [loss], gradients: [.init(of: loss, withRespectTo: [x])])
    program.run()
    // A sum of at most 12 positive losses, in another order: 12 units, and the 8 of each loss.
    #expect(
      firstDeviation(of: [program.scalar(of: loss)], from: [expected.value], relative: 20 * unit) == nil, "\(name)")
    // σ(x) − t and softmax(x) − t cancel, so their error is that of a number near 1, four units, times the weight.
    #expect(
      firstDeviation(
        of: program.tensorGradients(0)[0].values, from: expected.gradient.flatMap(\.self), relative: 8 * unit,
        absolute: 4 * unit * weight / Double(expected.gradient.count)) == nil, "gradient, \(name)")
  }

  /// By hand: log 2 at 0; at ±1000 the loss is 0 or 1000, and the gradient σ(x) − t.
  @Test func extremeLogits() {
    let x = Tensor<Float>.constant(Matrix(rows: 5, columns: 1, values: [0, 1000, 1000, -1000, -1000]))
    let targets = Tensor<Float>.constant(Matrix(rows: 5, columns: 1, values: [1, 1, 0, 0, 1]))
    let losses = binaryCrossEntropy(logits: x, targets: targets, reduction: .none)
    let total = losses.sum()
    let program = Program(values: [losses], gradients: [.init(of: total, withRespectTo: [x])])
    program.run()
    #expect(program.value(of: losses).values == [Float(0.6931471805599453), 0, 1000, 0, 1000])
    #expect(program.tensorGradients(0)[0].values == [-0.5, 0, 1, 0, -1])
    // Where 1 + exp(−30) is 1 in single precision: log(1 + u) ≈ u.
    func small<Scalar: EngineScalar>(in type: Scalar.Type) -> Scalar {
      let loss = binaryCrossEntropy(logits: Tensor<Scalar>.constant(30), targets: .constant(1))
      let program = Program(values: [loss])
      program.run()
      return program.scalar(of: loss)
    }
    let expected = [9.357622968839737e-14]
    #expect(firstDeviation(of: [small(in: Float.self)], from: expected, relative: 1e-6) == nil)
    #expect(firstDeviation(of: [small(in: Double.self)], from: expected, relative: 1e-15) == nil)
  }

  @Test func shapesThatDoNotFitTrap() async {
    await #expect(processExitsWith: .failure) {
      _ = binaryCrossEntropy(
        logits: Tensor<Float>.input(rows: 3, columns: 1), targets: Tensor<Float>.input(rows: 1, columns: 3))
    }
    await #expect(processExitsWith: .failure) {
      _ = categoricalCrossEntropy(
        logits: Tensor<Float>.input(rows: 3, columns: 2), targets: Tensor<Float>.input(rows: 3, columns: 2),
        weights: Tensor<Float>.input(rows: 3, columns: 2))
    }
  }
}
