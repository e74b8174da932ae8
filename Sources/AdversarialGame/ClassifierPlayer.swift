import Autograd
import LinearAlgebra
import NeuralNetworks

/// The classifier in training: its weights, its optimizer, and a program for each size of batch.
final class ClassifierPlayer {
  /// One step of the classifier, planned.
  private struct Plan {
    let rows: Int
    let features: Tensor<Float>
    let labels: Tensor<Float>
    let weights: Tensor<Float>?
    let targets: Tensor<Float>
    let targetWeights: Tensor<Float>?
    let coefficients: Tensor<Float>
    let loss: Tensor<Float>
    let program: Program<Float>
  }

  let network: Perceptron
  let storage: ParameterStorage<Float>
  let optimizer: Optimizer<Float>
  private let rows: TrainingRows
  private let noise: NoiseSource
  private let opponent: AdversaryPlayer?
  /// Plans against the opponent, and without, by their number of rows; made when first needed.
  private var plans: [Bool: [Int: Plan]] = [:]
  private var coefficients: [Double]

  init(
    network: Perceptron, parameters: Parameters<Float>, rows: TrainingRows, opponent: AdversaryPlayer?,
    settings: OptimizerSettings, noise: NoiseSource
  ) {
    self.network = network
    self.rows = rows
    self.opponent = opponent
    self.noise = noise
    storage = ParameterStorage(parameters)
    optimizer = Optimizer(settings, of: storage)
    coefficients = rows.sensitive.attributes.map { _ in 0 }
  }

  /// Sets dⱼ, what the opponent's losses are multiplied by before they are subtracted.
  func set(coefficients: [Double]) {
    self.coefficients = coefficients
    for plan in (plans[true] ?? [:]).values { set(coefficients, of: plan) }
  }

  /// Takes a step on a batch of rows: on `L_y`, or against the opponent on `L_y − Σⱼ dⱼ·L_z,ⱼ`. Returns the loss
  /// before it.
  func step(_ indices: UnsafeBufferPointer<Int32>, againstOpponent: Bool) -> Float {
    let plan = plan(rows: indices.count, againstOpponent: againstOpponent && opponent != nil)
    let program = plan.program
    if let selection = program.selection(of: plan.features), let first = indices.baseAddress {
      selection.update(from: first, count: indices.count)
    }
    gather(indices, from: rows.labels.values, columns: 1, into: program.pointer(of: plan.labels))
    if let weights = rows.weights, let input = plan.weights {
      gather(indices, from: weights.values, columns: 1, into: program.pointer(of: input))
    }
    gather(
      indices, from: rows.sensitive.targets.values, columns: plan.targets.columns,
      into: program.pointer(of: plan.targets))
    if let weights = rows.sensitive.weights, let input = plan.targetWeights {
      gather(indices, from: weights.values, columns: weights.columns, into: program.pointer(of: input))
    }
    program.run()
    optimizer.step(gradient: program.gradientPointer(0))
    return program.scalar(of: plan.loss)
  }

  private func plan(rows size: Int, againstOpponent: Bool) -> Plan {
    if let plan = plans[againstOpponent]?[size] { return plan }
    let features = Tensor<Float>.rows(size, of: rows.features)
    let labels = Tensor<Float>.input(rows: size, columns: 1)
    let weights = rows.weights.map { _ in Tensor<Float>.input(rows: size, columns: 1) }
    let targets = Tensor<Float>.input(rows: size, columns: max(1, rows.sensitive.targets.columns))
    let targetWeights = rows.sensitive.weights.map { Tensor<Float>.input(rows: size, columns: $0.columns) }
    let coefficients = Tensor<Float>.input(rows: 1, columns: max(1, rows.sensitive.attributes.count))

    let own = storage.tensors
    let representation = network.representation(features, own, mode: .training(noise))
    let logits = network.outputs(representation: representation, own)
    var loss = binaryCrossEntropy(logits: logits, targets: labels, weights: weights)
    if againstOpponent, let opponent {
      // The opponent's weights are leaves of another storage, and no gradient with respect to them is asked for.
      let view = AdversaryView(
        logits: logits, representation: representation, labels: labels, targets: targets,
        targetWeights: targetWeights, attributes: rows.sensitive.attributes, mode: .inference)
      loss = loss - (Self.losses(of: opponent.adversary, view, opponent.storage.tensors) * coefficients).sum()
    }
    let plan = Plan(
      rows: size, features: features, labels: labels, weights: weights, targets: targets,
      targetWeights: targetWeights, coefficients: coefficients, loss: loss,
      program: Program(values: [loss], gradients: [.init(of: loss, withRespectTo: storage)]))
    set(self.coefficients, of: plan)
    plans[againstOpponent, default: [:]][size] = plan
    return plan
  }

  private static func losses(
    of adversary: some Adversary, _ view: AdversaryView<Float>, _ weights: ParameterTensors<Float>
  ) -> Tensor<Float> {
    adversary.losses(outputs: adversary.outputs(for: view, weights), for: view, weights)
  }

  private func set(_ coefficients: [Double], of plan: Plan) {
    guard !coefficients.isEmpty else { return }
    plan.program.set(
      plan.coefficients, to: Matrix(rows: 1, columns: coefficients.count, values: coefficients.map { Float($0) }))
  }
}
