import Autograd
import LinearAlgebra
import NeuralNetworks

/// The classifier in training: its weights, its optimizer, and a program for each size of batch.
final class ClassifierPlayer {
  /// One step of the classifier on a part of a batch, planned.
  private struct Plan {
    let rows: Int
    let part: Int
    let opposition: Opposition
    let program: Program<Float>
    let inputs: BatchInputs
    let coefficients: Tensor<Float>
    /// What the opponent's own loss multiplies the attributes' losses by.
    let opponentCoefficients: Tensor<Float>
    // Addresses in the program's memory.
    let selection: UnsafeMutablePointer<Int32>?
    let values: Values
  }

  /// Where the losses and gradients of a step lie.
  private struct Values {
    var loss: UnsafeMutablePointer<Float>
    var gradient: UnsafeMutablePointer<Float>
    /// Where the gradients stay apart: that of the opponent's loss, and of what is subtracted (nil where it is a multiple
    /// of the other).
    var opponentGradient: UnsafeMutablePointer<Float>?
    var pressure: UnsafeMutablePointer<Float>?
    /// Where the opponent steps too: its loss, and the gradient for its own parameters.
    var opponentStep: (loss: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>)?

    /// All of them in one order.
    func segments(parameters: Int, of opponent: Int) -> [(pointer: UnsafePointer<Float>, count: Int)] {
      var segments: [(pointer: UnsafePointer<Float>, count: Int)] = [
        (UnsafePointer(loss), 1), (UnsafePointer(gradient), parameters),
      ]
      for gradient in [opponentGradient, pressure] {
        if let gradient { segments.append((UnsafePointer(gradient), parameters)) }
      }
      if let opponentStep {
        segments += [(UnsafePointer(opponentStep.loss), 1), (UnsafePointer(opponentStep.gradient), opponent)]
      }
      return segments
    }

    /// The same values in the order of `segments` from an address on.
    func placed(at start: UnsafeMutablePointer<Float>, parameters: Int, of opponent: Int) -> Values {
      var next = start
      func take(_ count: Int) -> UnsafeMutablePointer<Float> {
        defer { next += count }
        return next
      }
      var placed = Values(loss: take(1), gradient: take(parameters))
      if opponentGradient != nil { placed.opponentGradient = take(parameters) }
      if pressure != nil { placed.pressure = take(parameters) }
      if opponentStep != nil { placed.opponentStep = (take(1), take(opponent)) }
      return placed
    }
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
  /// A source of dropout's bits for each part of a batch.
  private let noise: [NoiseSource]
  private let opponent: AdversaryPlayer?
  private let team: (any Team)?
  /// Plans for each part and number of rows, against the opponent and without; made when first needed.
  private var plans: [Plan] = []
  /// What adds up the parts of batches, by their number of rows and the values of a part.
  private var sums: [[Int]: GradientSum] = [:]
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
    noise: [NoiseSource], team: (any Team)? = nil
  ) {
    self.network = network
    self.rows = rows
    self.opponent = opponent
    self.noise = noise
    self.team = team
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
    let values = values(of: indices, opposition)
    if let combination, let opponentGradient = values.opponentGradient {
      combination.combine(
        label: values.gradient, adversary: opponentGradient, pressure: values.pressure ?? opponentGradient,
        times: values.pressure == nil ? onlyFactor : 1, tally: &tally)
    }
    optimizer.step(gradient: values.gradient)
    lastGradient = UnsafePointer(values.gradient)
    if let step = values.opponentStep { opponent?.step(gradient: step.gradient) }
    return (values.loss.pointee, values.opponentStep?.loss.pointee)
  }

  /// Losses and gradients of a batch: of its only part, or of all its parts together.
  private func values(of indices: UnsafeBufferPointer<Int32>, _ opposition: Opposition) -> Values {
    let parts = BatchParts(rows: indices.count)
    if parts.count == 1 && (team?.size ?? 1) == 1 {
      let plan = plan(rows: indices.count, part: 0, opposition)
      run(plan, on: indices)
      return plan.values
    }
    // Which values there are is known from a plan; a process without a part of its own makes one for that.
    let layout = plan(rows: parts.range(0).count, part: 0, opposition).values
    let counts = layout.segments(parameters: storage.count, of: opponent?.storage.count ?? 0).map(\.count)
    let key = [indices.count] + counts
    let sum = sums[key] ?? GradientSum(parts, width: counts.reduce(0, +), team: team)
    sums[key] = sum
    let total = sum.total { part, range in
      let plan = plan(rows: range.count, part: part, opposition)
      run(plan, on: UnsafeBufferPointer(rebasing: indices[range]))
      return plan.values.segments(parameters: storage.count, of: opponent?.storage.count ?? 0)
    }
    return layout.placed(at: total, parameters: storage.count, of: opponent?.storage.count ?? 0)
  }

  private func run(_ plan: Plan, on indices: UnsafeBufferPointer<Int32>) {
    if let selection = plan.selection, let first = indices.baseAddress {
      selection.update(from: first, count: indices.count)
    }
    plan.inputs.gather(indices)
    plan.program.run()
  }

  /// d/c of the only attribute. Where c is 0, so is the opponent's gradient.
  private var onlyFactor: Float {
    guard let own = opponentCoefficients.first, let pressed = coefficients.first, own != 0 else { return 0 }
    return Float(pressed / own)
  }

  private func plan(rows size: Int, part: Int, _ opposition: Opposition) -> Plan {
    for plan in plans where plan.rows == size && plan.part == part && plan.opposition == opposition { return plan }
    let features = Tensor<Float>.rows(size, of: rows.features)
    let labels = Tensor<Float>.input(rows: size, columns: rows.label.outputs)
    let weights = rows.weights.map { _ in Tensor<Float>.input(rows: size, columns: 1) }
    let targets = Tensor<Float>.input(rows: size, columns: max(1, rows.targets.columns))
    let targetWeights = rows.targetWeights.map { Tensor<Float>.input(rows: size, columns: $0.columns) }
    let coefficients = Tensor<Float>.input(rows: 1, columns: max(1, rows.attributes.count))
    let opponentCoefficients = Tensor<Float>.input(rows: 1, columns: max(1, rows.attributes.count))

    let own = storage.tensors
    let representation = network.representation(features, own, mode: .training(noise[part]))
    let logits = network.outputs(representation: representation, own)
    let labelLoss = rows.label.loss(outputs: logits, targets: labels, weights: weights)
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
        label: rows.label, mode: .inference)
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
      rows: size, part: part, opposition: opposition, program: program, inputs: inputs, coefficients: coefficients,
      opponentCoefficients: opponentCoefficients, selection: program.selection(of: features),
      values: Values(
        loss: lossPointer, gradient: program.gradientPointer(0),
        opponentGradient: isApart ? program.gradientPointer(1) : nil,
        pressure: isApart && hasPressure ? program.gradientPointer(2) : nil,
        opponentStep: opposition == .moving
          ? ownLoss.flatMap { program.pointer(of: $0) }.map { ($0, program.gradientPointer(gradients.count - 1)) } : nil
      ))
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
