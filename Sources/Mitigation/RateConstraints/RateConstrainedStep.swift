import AdversarialGame
import Autograd
import FairnessMetrics
import LinearAlgebra
import NeuralNetworks
import RealModule
import TabularData

/// One step of the classifier under constraints, planned once: the multipliers change what the rows weigh, not the
/// program.
///
/// With weights w, constraint j pushes on row i by `wⱼ·aⱼ(cᵢ)`: where that is positive, row i adds that many
/// `φ(s)`, where negative, as many `φ(−s)`. Summed over constraints, these are two columns of row weights.
final class RateConstrainedStep {
  private let rows: RateConstraintRows
  private let dataset: Dataset
  private let thresholds: [Double]
  private let features: Tensor<Float>
  private let labels: Tensor<Float>
  private let lossWeights: Tensor<Float>
  private let logits: Tensor<Float>
  /// For each threshold, what `φ(s)` and `φ(−s)` of each row are multiplied by.
  private let pushes: [(down: Tensor<Float>, up: Tensor<Float>)]
  private let loss: Tensor<Float>
  private let program: Program<Float>
  private let totalWeight: Double

  private var objectiveWeight = 1.0
  /// For each threshold and cell, the sums over constraints of the positive and of the negative pushes.
  private var tables: [(down: [Float], up: [Float])]

  init(
    network: Perceptron, storage: ParameterStorage<Float>, features source: FeatureRows<Float>,
    rows: RateConstraintRows, dataset: Dataset, batchRows size: Int, settings: RateConstrainedSettings,
    noise: NoiseSource
  ) {
    self.rows = rows
    self.dataset = dataset
    thresholds = rows.thresholds
    features = Tensor<Float>.rows(size, of: source)
    labels = .input(rows: size, columns: 1)
    lossWeights = .input(rows: size, columns: 1)
    let weights = storage.tensors
    let logits = network(features, weights, mode: .training(noise))
    self.logits = logits
    var loss = elementLosses(settings.loss, outputs: logits, targets: labels, weights: lossWeights).sum()
    var pushes: [(down: Tensor<Float>, up: Tensor<Float>)] = []
    for threshold in rows.thresholds {
      let margins = logits.shifted(by: -Double.log(threshold / (1 - threshold)))
      let push = (down: Tensor<Float>.input(rows: size, columns: 1), up: Tensor<Float>.input(rows: size, columns: 1))
      if !rows.constraints.isEmpty {
        loss = loss + (settings.proxy(margins) * push.down + settings.proxy(-margins) * push.up).sum()
      }
      pushes.append(push)
    }
    self.pushes = pushes
    self.loss = loss
    program = Program(values: [loss, logits], gradients: [.init(of: loss, withRespectTo: storage)])
    totalWeight = dataset.weights.map { $0.reduce(0.0) { $0 + Double($1) } } ?? Double(dataset.rows)
    tables = rows.thresholds.map { _ in
      ([Float](repeating: 0, count: rows.cellCount), [Float](repeating: 0, count: rows.cellCount))
    }
  }

  /// Where the gradient of the last run lies.
  var gradient: UnsafeMutablePointer<Float> { program.gradientPointer(0) }

  /// Sets what objective and constraints weigh.
  func set(objective: Double, constraints weights: [Double]) {
    objectiveWeight = objective
    for place in thresholds.indices {
      for cell in 0..<rows.cellCount {
        var (down, up) = (0.0, 0.0)
        for (constraint, weight) in weights.enumerated() {
          let push = weight * rows.coefficients[constraint][place][cell]
          if push > 0 { down += push } else { up -= push }
        }
        tables[place].down[cell] = Float(down)
        tables[place].up[cell] = Float(up)
      }
    }
  }

  /// Computes loss and gradient on a batch, and returns the loss.
  func run(_ batches: GroupBatches) -> Double {
    if let selection = program.selection(of: features) {
      for (place, row) in batches.batch.enumerated() { selection[place] = row }
    }
    if let target = program.pointer(of: labels) {
      for (place, row) in batches.batch.enumerated() { target[place] = dataset.labels[Int(row)] }
    }
    let scale = Float(objectiveWeight / totalWeight)
    fill(lossWeights, batches) { _ in scale }
    for (place, push) in pushes.enumerated() {
      let table = tables[place]
      fill(push.down, batches) { table.down[$0] }
      fill(push.up, batches) { table.up[$0] }
    }
    program.run()
    return Double(program.scalar(of: loss))
  }

  /// Writes a weight for each row of the batch: what its cell weighs, times its own weight and what it stands for.
  private func fill(_ input: Tensor<Float>, _ batches: GroupBatches, _ weight: (Int) -> Float) {
    guard let target = program.pointer(of: input) else { return }
    for (place, row) in batches.batch.enumerated() {
      let own = (dataset.weights?[Int(row)] ?? 1) * batches.factors[place]
      target[place] = weight(Int(rows.cells[Int(row)])) * own
    }
  }

  /// By how much each constraint is violated on the batch of the last run, with the decisions before the step.
  func violations(batch batches: GroupBatches) -> [Double] {
    guard let output = program.pointer(of: logits) else { return [] }
    var probabilities = (0..<batches.batch.count).map { output[$0] }
    sigmoid(&probabilities)
    var violations = rows.constants
    for (place, threshold) in thresholds.enumerated() {
      let rule = DecisionRule<Float>(threshold: threshold)
      for (index, row) in batches.batch.enumerated() where rule.selects(probabilities[index]) {
        let cell = Int(rows.cells[Int(row)])
        let own = Double(dataset.weights?[Int(row)] ?? 1) * Double(batches.factors[index])
        for constraint in violations.indices {
          violations[constraint] += rows.coefficients[constraint][place][cell] * own
        }
      }
    }
    return violations
  }
}
