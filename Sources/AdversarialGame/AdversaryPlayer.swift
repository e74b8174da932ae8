import Autograd
import LinearAlgebra
import NeuralNetworks

/// The adversary in training: its weights, its optimizer, and a program for each size of batch.
final class AdversaryPlayer {
  /// One step of the adversary, planned: everything it sees of the classifier is an input.
  private struct Plan {
    let rows: Int
    let logits: Tensor<Float>
    let representation: Tensor<Float>
    let labels: Tensor<Float>
    let targets: Tensor<Float>
    let targetWeights: Tensor<Float>?
    let coefficients: Tensor<Float>
    let loss: Tensor<Float>
    let program: Program<Float>
  }

  let adversary: any Adversary
  let storage: ParameterStorage<Float>
  let optimizer: Optimizer<Float>
  /// Whether the adversary looks at the classifier's last hidden layer.
  let readsRepresentation: Bool
  private let plans: [Plan]

  init(
    _ adversary: any Adversary, parameters: Parameters<Float>, rows: TrainingRows, representationWidth: Int,
    batchSizes: [Int], settings: OptimizerSettings, noise: NoiseSource
  ) {
    self.adversary = adversary
    let storage = ParameterStorage(parameters)
    self.storage = storage
    optimizer = Optimizer(settings, of: storage)
    plans = batchSizes.map { size in
      Self.plan(
        adversary, storage: storage, rows: rows, size: size, representationWidth: representationWidth, noise: noise)
    }
    readsRepresentation = plans.contains { $0.program.pointer(of: $0.representation) != nil }
  }

  private static func plan(
    _ adversary: some Adversary, storage: ParameterStorage<Float>, rows: TrainingRows, size: Int,
    representationWidth: Int, noise: NoiseSource
  ) -> Plan {
    let view = AdversaryView<Float>(
      logits: .input(rows: size, columns: 1), representation: .input(rows: size, columns: representationWidth),
      labels: .input(rows: size, columns: 1), targets: .input(rows: size, columns: rows.sensitive.targets.columns),
      targetWeights: rows.sensitive.weights.map { .input(rows: size, columns: $0.columns) },
      attributes: rows.sensitive.attributes, mode: .training(noise))
    let weights = storage.tensors
    let losses = adversary.losses(outputs: adversary.outputs(for: view, weights), for: view, weights)
    precondition(
      losses.rows == 1 && losses.columns == view.attributes.count,
      "Adversary: losses should be [1, \(view.attributes.count)], not [\(losses.rows), \(losses.columns)]")
    let coefficients = Tensor<Float>.input(rows: 1, columns: view.attributes.count)
    let loss = (losses * coefficients).sum()
    return Plan(
      rows: size, logits: view.logits, representation: view.representation, labels: view.labels,
      targets: view.targets, targetWeights: view.targetWeights, coefficients: coefficients, loss: loss,
      program: Program(values: [loss], gradients: [.init(of: loss, withRespectTo: storage)]))
  }

  /// Sets cⱼ, what the losses of the attributes are multiplied by.
  func set(coefficients: [Double]) {
    for plan in plans {
      plan.program.set(
        plan.coefficients, to: Matrix(rows: 1, columns: coefficients.count, values: coefficients.map { Float($0) }))
    }
  }

  /// Takes a step on a batch of rows, and returns the loss before it.
  func step(
    _ indices: UnsafeBufferPointer<Int32>, rows: TrainingRows, logits: [Float], representation: [Float]
  ) -> Float {
    guard let plan = plans.first(where: { $0.rows == indices.count }) else {
      preconditionFailure("AdversaryPlayer: no plan for a batch of \(indices.count)")
    }
    let program = plan.program
    gather(indices, from: logits, columns: 1, into: program.pointer(of: plan.logits))
    if readsRepresentation {
      let width = plan.representation.columns
      gather(indices, from: representation, columns: width, into: program.pointer(of: plan.representation))
    }
    gather(indices, from: rows.labels.values, columns: 1, into: program.pointer(of: plan.labels))
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
}
