import Autograd
import LinearAlgebra
import NeuralNetworks

/// The classifier in training: its weights, its optimizer, and a program for each size of batch.
final class ClassifierPlayer {
  /// One step of the classifier, planned.
  private struct Plan {
    let rows: Int
    let againstOpponent: Bool
    let program: Program<Float>
    let inputs: BatchInputs
    let coefficients: Tensor<Float>
    // Addresses in the program's memory.
    let selection: UnsafeMutablePointer<Int32>?
    let loss: UnsafeMutablePointer<Float>
    let gradient: UnsafeMutablePointer<Float>
  }

  let network: Perceptron
  let storage: ParameterStorage<Float>
  let optimizer: Optimizer<Float>
  private let rows: TrainingRows
  private let noise: NoiseSource
  private let opponent: AdversaryPlayer?
  /// Plans for each number of rows, against the opponent and without; made when first needed.
  private var plans: [Plan] = []
  private var coefficients: [Double]
  /// Where the gradient of the last step lies.
  private var lastGradient: UnsafePointer<Float>?

  /// The Euclidean norm of the gradient of the last step, as the optimizer left it (that is, clipped); nil before any.
  var gradientNorm: Double? {
    guard let lastGradient else { return nil }
    var sum = 0.0
    for index in 0..<storage.count { sum += Double(lastGradient[index]) * Double(lastGradient[index]) }
    return sum.squareRoot()
  }

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
    coefficients = rows.attributes.map { _ in 0 }
  }

  /// Sets dⱼ, what the opponent's losses are multiplied by before they are subtracted.
  func set(coefficients: [Double]) {
    self.coefficients = coefficients
    for plan in plans where plan.againstOpponent { set(coefficients, of: plan) }
  }

  /// Takes a step on a batch of rows: on `L_y`, or against the opponent on `L_y − Σⱼ dⱼ·L_z,ⱼ`. Returns the loss
  /// before it.
  func step(_ indices: UnsafeBufferPointer<Int32>, againstOpponent: Bool) -> Float {
    let plan = plan(rows: indices.count, againstOpponent: againstOpponent && opponent != nil)
    if let selection = plan.selection, let first = indices.baseAddress {
      selection.update(from: first, count: indices.count)
    }
    plan.inputs.gather(indices)
    plan.program.run()
    optimizer.step(gradient: plan.gradient)
    lastGradient = UnsafePointer(plan.gradient)
    return plan.loss.pointee
  }

  private func plan(rows size: Int, againstOpponent: Bool) -> Plan {
    for plan in plans where plan.rows == size && plan.againstOpponent == againstOpponent { return plan }
    let features = Tensor<Float>.rows(size, of: rows.features)
    let labels = Tensor<Float>.input(rows: size, columns: 1)
    let weights = rows.weights.map { _ in Tensor<Float>.input(rows: size, columns: 1) }
    let targets = Tensor<Float>.input(rows: size, columns: max(1, rows.targets.columns))
    let targetWeights = rows.targetWeights.map { Tensor<Float>.input(rows: size, columns: $0.columns) }
    let coefficients = Tensor<Float>.input(rows: 1, columns: max(1, rows.attributes.count))

    let own = storage.tensors
    let representation = network.representation(features, own, mode: .training(noise))
    let logits = network.outputs(representation: representation, own)
    var loss = binaryCrossEntropy(logits: logits, targets: labels, weights: weights)
    if againstOpponent, let opponent {
      // The opponent's weights are leaves of another storage, and no gradient with respect to them is asked for.
      let view = AdversaryView(
        logits: logits, representation: representation, labels: labels, targets: targets,
        targetWeights: targetWeights, attributes: rows.attributes, mode: .inference)
      loss = loss - (Self.losses(of: opponent.adversary, view, opponent.storage.tensors) * coefficients).sum()
    }
    let program = Program(values: [loss], gradients: [.init(of: loss, withRespectTo: storage)])
    guard let lossPointer = program.pointer(of: loss) else { preconditionFailure("ClassifierPlayer: no loss") }
    var inputs = BatchInputs()
    inputs.add(labels, from: rows.labels, of: program)
    inputs.add(weights, from: rows.weights, of: program)
    inputs.add(targets, from: rows.targets, of: program)
    inputs.add(targetWeights, from: rows.targetWeights, of: program)
    let plan = Plan(
      rows: size, againstOpponent: againstOpponent, program: program, inputs: inputs, coefficients: coefficients,
      selection: program.selection(of: features), loss: lossPointer, gradient: program.gradientPointer(0))
    set(self.coefficients, of: plan)
    plans.append(plan)
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
