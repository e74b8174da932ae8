import Autograd
import LinearAlgebra
import NeuralNetworks

/// The adversary in training: its weights, its optimizer, and a program for each size of batch.
final class AdversaryPlayer {
  /// One step of the adversary on a part of a batch, planned: everything it sees of the classifier is an input.
  private struct Plan {
    let rows: Int
    let part: Int
    let program: Program<Float>
    let inputs: BatchInputs
    let coefficients: Tensor<Float>
    /// Whether the adversary looks at the classifier's last hidden layer.
    let readsRepresentation: Bool
    // Addresses in the program's memory.
    let selection: UnsafeMutablePointer<Int32>?
    let loss: UnsafeMutablePointer<Float>
    let gradient: UnsafeMutablePointer<Float>
  }

  let adversary: any Adversary
  let storage: ParameterStorage<Float>
  let optimizer: Optimizer<Float>
  /// Whether the adversary looks at the classifier's last hidden layer.
  let readsRepresentation: Bool
  /// The classifier's outputs for all training rows, as the adversary is to see them in its steps.
  let logits: RowValues
  /// The same of its last hidden layer; empty where the adversary does not look at it.
  let representation: RowValues
  private let plans: [Plan]
  private let team: (any Team)?
  /// What adds up the parts of batches, by their number of rows.
  private var sums: [Int: GradientSum] = [:]
  // Keeps the matrices alive that the plans read.
  private let rows: TrainingRows

  init(
    _ adversary: any Adversary, parameters: Parameters<Float>, rows: TrainingRows, representationWidth: Int,
    batchSizes: [Int], settings: OptimizerSettings, noise: [NoiseSource], team: (any Team)? = nil
  ) {
    self.adversary = adversary
    self.team = team
    let storage = ParameterStorage(parameters)
    self.storage = storage
    optimizer = Optimizer(settings, of: storage)
    self.rows = rows
    let logits = RowValues(count: rows.rows * rows.label.outputs)
    self.logits = logits
    // Whether the last hidden layer is read is known once a step is planned, and its memory is needed before.
    let hidden = RowValues(count: rows.rows * representationWidth)
    plans = batchSizes.flatMap { size in
      let parts = BatchParts(rows: size)
      // A process without a part of its own has one all the same: it tells what the adversary looks at.
      let own = parts.parts(of: team?.rank ?? 0, among: team?.size ?? 1)
      return (own.isEmpty ? [0] : own).map { part in
        Self.plan(
          adversary, storage: storage, rows: rows, size: parts.range(part).count, part: part, logits: logits,
          representation: hidden, representationWidth: representationWidth, noise: noise[part])
      }
    }
    readsRepresentation = plans.contains(where: \.readsRepresentation)
    representation = readsRepresentation ? hidden : RowValues(count: 0)
  }

  private static func plan(
    _ adversary: some Adversary, storage: ParameterStorage<Float>, rows: TrainingRows, size: Int,
    part: Int, logits: RowValues, representation: RowValues, representationWidth: Int, noise: NoiseSource
  ) -> Plan {
    let view = AdversaryView<Float>(
      logits: .input(rows: size, columns: rows.label.outputs),
      representation: .input(rows: size, columns: representationWidth),
      labels: .input(rows: size, columns: rows.label.outputs),
      targets: .input(rows: size, columns: rows.targets.columns),
      targetWeights: rows.targetWeights.map { .input(rows: size, columns: $0.columns) },
      features: .rows(size, of: rows.features), rowWeights: rows.weights.map { _ in .input(rows: size, columns: 1) },
      attributes: rows.attributes, label: rows.label, mode: .training(noise))
    let weights = storage.tensors
    let losses = adversary.losses(outputs: adversary.outputs(for: view, weights), for: view, weights)
    precondition(
      losses.rows == 1 && losses.columns == view.attributes.count,
      "Adversary: losses should be [1, \(view.attributes.count)], not [\(losses.rows), \(losses.columns)]")
    let coefficients = Tensor<Float>.input(rows: 1, columns: view.attributes.count)
    var loss = (losses * coefficients).sum()
    if let shared = adversary.sharedLoss(for: view, weights) { loss = loss + shared }
    let program = Program(values: [loss], gradients: [.init(of: loss, withRespectTo: storage)])
    guard let lossPointer = program.pointer(of: loss) else { preconditionFailure("AdversaryPlayer: no loss") }
    var inputs = BatchInputs()
    inputs.add(view.logits, from: UnsafeRawPointer(logits.pointer), of: program)
    inputs.add(view.representation, from: UnsafeRawPointer(representation.pointer), of: program)
    inputs.add(view.labels, from: rows.labels, of: program)
    inputs.add(view.targets, from: rows.targets, of: program)
    inputs.add(view.targetWeights, from: rows.targetWeights, of: program)
    inputs.add(view.rowWeights, from: rows.weights, of: program)
    return Plan(
      rows: size, part: part, program: program, inputs: inputs, coefficients: coefficients,
      readsRepresentation: program.pointer(of: view.representation) != nil,
      selection: view.features.flatMap { program.selection(of: $0) }, loss: lossPointer,
      gradient: program.gradientPointer(0))
  }

  /// Sets cⱼ, what the losses of the attributes are multiplied by.
  func set(coefficients: [Double]) {
    for plan in plans {
      plan.program.set(
        plan.coefficients, to: Matrix(rows: 1, columns: coefficients.count, values: coefficients.map { Float($0) }))
    }
  }

  /// Takes a step along a gradient that another program computed.
  func step(gradient: UnsafeMutablePointer<Float>) {
    optimizer.step(gradient: gradient)
  }

  /// Takes a step on a batch of rows, and returns the loss before it.
  func step(_ indices: UnsafeBufferPointer<Int32>) -> Float {
    let parts = BatchParts(rows: indices.count)
    if parts.count == 1 && (team?.size ?? 1) == 1 {
      let plan = run(0, on: indices)
      optimizer.step(gradient: plan.gradient)
      return plan.loss.pointee
    }
    let sum = sums[indices.count] ?? GradientSum(parts, width: storage.count + 1, team: team)
    sums[indices.count] = sum
    let total = sum.total { part, range in
      let plan = run(part, on: UnsafeBufferPointer(rebasing: indices[range]))
      return [(UnsafePointer(plan.loss), 1), (UnsafePointer(plan.gradient), storage.count)]
    }
    optimizer.step(gradient: total + 1)
    return total.pointee
  }

  private func run(_ part: Int, on indices: UnsafeBufferPointer<Int32>) -> Plan {
    for plan in plans where plan.rows == indices.count && plan.part == part {
      if let selection = plan.selection, let first = indices.baseAddress {
        selection.update(from: first, count: indices.count)
      }
      plan.inputs.gather(indices)
      plan.program.run()
      return plan
    }
    preconditionFailure("AdversaryPlayer: no plan for part \(part) of \(indices.count) rows")
  }
}
