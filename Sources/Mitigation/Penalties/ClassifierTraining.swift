import AdversarialGame
import Autograd
import LinearAlgebra
import NeuralNetworks

/// How a classifier is trained by cross-entropy, in mini-batches.
public struct ClassifierTrainingSettings: Sendable, Hashable {
  /// The passes over the rows.
  public var epochs: Int

  /// The rows of a mini-batch; those left over at the end of a pass wait for another order. At most all rows.
  public var batchSize: Int

  /// The optimizer.
  public var optimizer: OptimizerSettings

  public init(epochs: Int = 20, batchSize: Int = 256, optimizer: OptimizerSettings = .init()) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.optimizer = optimizer
  }

  func check() throws(MitigationError) {
    guard epochs > 0, batchSize > 0 else {
      throw .settings("a training takes at least one epoch and one row in a batch, not \(epochs) and \(batchSize).")
    }
  }
}

/// Trains classifiers on the same rows: `mean wᵢ·ℓ(logitᵢ, yᵢ) + Σₖ weightₖ·penaltyₖ` over mini-batches.
struct ClassifierTraining {
  let network: Perceptron
  let features: FeatureRows<Float>
  let settings: ClassifierTrainingSettings
  var penalties: [PenalizedTraining.Term] = []
  /// The rows of `PenaltyView.membership`.
  var membership: FeatureRows<Float>?
  /// The features of each row's counterfactual.
  var counterfactuals: FeatureRows<Float>?

  func train(
    labels: [Float], weights: [Float]?, stream: RandomStream
  ) throws(MitigationError) -> Parameters<Float> {
    let size = min(settings.batchSize, features.rows)
    var initial = stream.split("weights")
    let storage = ParameterStorage<Float>(network.initialParameters(using: &initial))
    let optimizer = Optimizer(settings.optimizer, of: storage)
    let mode = Mode.training(NoiseSource(stream.split("dropout")))
    func column(_ values: [Float]) -> Tensor<Float> {
      .rows(size, of: FeatureRows(Matrix(rows: values.count, columns: 1, values: values)))
    }
    let input = Tensor<Float>.rows(size, of: features)
    let targets = column(labels)
    let rowWeights = weights.map(column)
    var leaves = [input, targets] + (rowWeights.map { [$0] } ?? [])
    let logits = network(input, storage.tensors, mode: mode)
    var loss = binaryCrossEntropy(logits: logits, targets: targets, weights: rowWeights)
    if let membership, !penalties.isEmpty {
      let groups = Tensor<Float>.rows(size, of: membership)
      leaves.append(groups)
      var twins: Tensor<Float>?
      if let counterfactuals, penalties.contains(where: { $0.penalty.needsCounterfactuals }) {
        let rows = Tensor<Float>.rows(size, of: counterfactuals)
        leaves.append(rows)
        twins = network(rows, storage.tensors, mode: mode)
      }
      let view = PenaltyView(logits: logits, labels: targets, membership: groups, counterfactualLogits: twins)
      for term in penalties { loss = loss + term.penalty(view).scaled(by: term.weight) }
    }
    let program = Program(values: [loss], gradients: [.init(of: loss, withRespectTo: storage)])
    var order = (0..<Int32(features.rows)).map { $0 }
    var shuffling = stream.split("order")
    for epoch in 1...settings.epochs {
      shuffling.shuffle(&order)
      for start in stride(from: 0, through: order.count - size, by: size) {
        for leaf in leaves { program.select(leaf, rows: order[start..<start + size]) }
        program.run()
        let value = program.scalar(of: loss)
        guard value.isFinite else {
          throw .lossNotFinite(iteration: epoch, value: value.isNaN ? "NaN" : "\(value)")
        }
        optimizer.step(gradient: program.gradientPointer(0))
      }
    }
    return storage.parameters
  }
}
