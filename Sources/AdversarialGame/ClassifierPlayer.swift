import Autograd
import LinearAlgebra
import NeuralNetworks

/// The classifier in training: its weights, its optimizer, and a program for each size of batch.
final class ClassifierPlayer {
  /// One step of the classifier, planned.
  private struct Plan {
    let rows: Int
    let opposition: Opposition
    let program: Program<Float>
    let inputs: BatchInputs
    let coefficients: Tensor<Float>
    /// What the opponent's own loss multiplies the attributes' losses by.
    let opponentCoefficients: Tensor<Float>
    // Addresses in the program's memory.
    let selection: UnsafeMutablePointer<Int32>?
    let loss: UnsafeMutablePointer<Float>
    let gradient: UnsafeMutablePointer<Float>
    /// Where the gradients stay apart: that of the opponent's loss, and of what is subtracted (nil where it is a multiple
    /// of the other).
    let opponentGradient: UnsafeMutablePointer<Float>?
    let pressure: UnsafeMutablePointer<Float>?
    /// Where the opponent steps too: its loss, and the gradient for its own parameters.
    let opponentStep: (loss: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>)?
  }

  /// The opponent's part in a step.
  enum Opposition: Hashable {
    case none
    /// The opponent is frozen.
    case frozen
    /// Both step.
    case moving
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
  private var opponentCoefficients: [Double]
  private let combination: GradientCombination?
  private var tally = GradientTally()
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
    settings: OptimizerSettings, update: ClassifierUpdate = .combined, diagnosesGradients: Bool = false,
    noise: NoiseSource
  ) {
    self.network = network
    self.rows = rows
    self.opponent = opponent
    self.noise = noise
    storage = ParameterStorage(parameters)
    optimizer = Optimizer(settings, of: storage)
    coefficients = rows.attributes.map { _ in 0 }
    opponentCoefficients = coefficients
    combination =
      update != .combined || diagnosesGradients ? GradientCombination(update, entries: parameters.entries) : nil
  }

  /// What the gradients' comparison came to since it was last asked for; nil where none was made.
  func takeDiagnostics() -> GradientDiagnostics? {
    defer { tally = GradientTally() }
    return tally.diagnostics
  }

  /// Sets dⱼ, what the opponent's losses are multiplied by before they are subtracted, and cⱼ, what its own loss
  /// multiplies them by.
  func set(coefficients: [Double], opponentCoefficients: [Double]) {
    self.coefficients = coefficients
    self.opponentCoefficients = opponentCoefficients
    for plan in plans where plan.opposition != .none { setCoefficients(of: plan) }
  }

  /// Takes a step on a batch of rows: on `L_y`, or against the opponent on `L_y − Σⱼ dⱼ·L_z,ⱼ`. Returns the loss
  /// before it.
  func step(_ indices: UnsafeBufferPointer<Int32>, againstOpponent: Bool) -> Float {
    step(indices, againstOpponent && opponent != nil ? .frozen : .none).loss
  }

  /// Takes a step of both players on a batch of rows, by gradients taken before either moves. Returns the classifier's
  /// loss and the opponent's before it; without an opponent it is a step on `L_y`.
  func stepBoth(_ indices: UnsafeBufferPointer<Int32>) -> (loss: Float, opponentLoss: Float?) {
    step(indices, opponent == nil ? .none : .moving)
  }

  private func step(_ indices: UnsafeBufferPointer<Int32>, _ opposition: Opposition) -> (
    loss: Float, opponentLoss: Float?
  ) {
    let plan = plan(rows: indices.count, opposition)
    if let selection = plan.selection, let first = indices.baseAddress {
      selection.update(from: first, count: indices.count)
    }
    plan.inputs.gather(indices)
    plan.program.run()
    let (loss, opponentLoss) = (plan.loss.pointee, plan.opponentStep?.loss.pointee)
    if let combination, let opponentGradient = plan.opponentGradient {
      combination.combine(
        label: plan.gradient, adversary: opponentGradient, pressure: plan.pressure ?? opponentGradient,
        times: plan.pressure == nil ? onlyFactor : 1, tally: &tally)
    }
    optimizer.step(gradient: plan.gradient)
    lastGradient = UnsafePointer(plan.gradient)
    if let step = plan.opponentStep { opponent?.step(gradient: step.gradient) }
    return (loss, opponentLoss)
  }

  /// d/c of the only attribute. Where c is 0, so is the opponent's gradient.
  private var onlyFactor: Float {
    guard let own = opponentCoefficients.first, let pressed = coefficients.first, own != 0 else { return 0 }
    return Float(pressed / own)
  }

  private func plan(rows size: Int, _ opposition: Opposition) -> Plan {
    for plan in plans where plan.rows == size && plan.opposition == opposition { return plan }
    let features = Tensor<Float>.rows(size, of: rows.features)
    let labels = Tensor<Float>.input(rows: size, columns: 1)
    let weights = rows.weights.map { _ in Tensor<Float>.input(rows: size, columns: 1) }
    let targets = Tensor<Float>.input(rows: size, columns: max(1, rows.targets.columns))
    let targetWeights = rows.targetWeights.map { Tensor<Float>.input(rows: size, columns: $0.columns) }
    let coefficients = Tensor<Float>.input(rows: 1, columns: max(1, rows.attributes.count))
    let opponentCoefficients = Tensor<Float>.input(rows: 1, columns: max(1, rows.attributes.count))

    let own = storage.tensors
    let representation = network.representation(features, own, mode: .training(noise))
    let logits = network.outputs(representation: representation, own)
    let labelLoss = binaryCrossEntropy(logits: logits, targets: labels, weights: weights)
    var loss = labelLoss
    var values: [Tensor<Float>] = []
    var gradients: [Program<Float>.GradientRequest] = []
    var ownLoss: Tensor<Float>?
    var hasPressure = false
    if opposition != .none, let opponent {
      // The opponent's weights are leaves of another storage, and no gradient with respect to them is asked for.
      let view = AdversaryView(
        logits: logits, representation: representation, labels: labels, targets: targets,
        targetWeights: targetWeights, features: features, rowWeights: weights, attributes: rows.attributes,
        mode: .inference)
      let (losses, pressures, shared) = Self.losses(of: opponent.adversary, view, opponent.storage.tensors)
      let pressure = ((pressures ?? losses) * coefficients).sum()
      let common = shared.map { labelLoss + $0 } ?? labelLoss
      loss = common - pressure
      if combination != nil || opposition == .moving { ownLoss = (losses * opponentCoefficients).sum() }
      if combination != nil, let ownLoss {
        gradients = [.init(of: common, withRespectTo: storage), .init(of: ownLoss, withRespectTo: storage)]
        // Of one attribute both are the same but for a factor.
        hasPressure = rows.attributes.count > 1 || pressures != nil
        if hasPressure { gradients.append(.init(of: pressure, withRespectTo: storage)) }
      }
      if let shared { ownLoss = ownLoss.map { $0 + shared } }
      if gradients.isEmpty { gradients = [.init(of: loss, withRespectTo: storage)] }
      if opposition == .moving, let ownLoss {
        values.append(ownLoss)
        gradients.append(.init(of: ownLoss, withRespectTo: opponent.storage))
      }
    } else {
      gradients = [.init(of: loss, withRespectTo: storage)]
    }
    let program = Program(values: [loss] + values, gradients: gradients)
    guard let lossPointer = program.pointer(of: loss) else { preconditionFailure("ClassifierPlayer: no loss") }
    let isApart = combination != nil && opposition != .none
    var inputs = BatchInputs()
    inputs.add(labels, from: rows.labels, of: program)
    inputs.add(weights, from: rows.weights, of: program)
    inputs.add(targets, from: rows.targets, of: program)
    inputs.add(targetWeights, from: rows.targetWeights, of: program)
    let plan = Plan(
      rows: size, opposition: opposition, program: program, inputs: inputs, coefficients: coefficients,
      opponentCoefficients: opponentCoefficients, selection: program.selection(of: features), loss: lossPointer,
      gradient: program.gradientPointer(0), opponentGradient: isApart ? program.gradientPointer(1) : nil,
      pressure: isApart && hasPressure ? program.gradientPointer(2) : nil,
      opponentStep: opposition == .moving
        ? ownLoss.flatMap { program.pointer(of: $0) }.map { ($0, program.gradientPointer(gradients.count - 1)) } : nil)
    setCoefficients(of: plan)
    plans.append(plan)
    return plan
  }

  private static func losses(
    of adversary: some Adversary, _ view: AdversaryView<Float>, _ weights: ParameterTensors<Float>
  ) -> (losses: Tensor<Float>, pressures: Tensor<Float>?, shared: Tensor<Float>?) {
    let outputs = adversary.outputs(for: view, weights)
    return (
      adversary.losses(outputs: outputs, for: view, weights), adversary.pressures(outputs: outputs, for: view, weights),
      adversary.sharedLoss(for: view, weights)
    )
  }

  private func setCoefficients(of plan: Plan) {
    guard !coefficients.isEmpty else { return }
    func row(_ values: [Double]) -> Matrix<Float> {
      Matrix(rows: 1, columns: values.count, values: values.map { Float($0) })
    }
    plan.program.set(plan.coefficients, to: row(coefficients))
    plan.program.set(plan.opponentCoefficients, to: row(opponentCoefficients))
  }
}
