import Autograd
import LinearAlgebra
import NeuralNetworks
import TabularData

/// Trains one network of a `CellPredictor` on some rows, by cross-entropy.
struct CellTraining {
  let features: FeatureRows<Float>
  let dataset: Dataset
  let cells: [Int32]
  let settings: CrossFitting.Settings

  /// Trains a network on the label, or on the groups.
  ///
  /// - Parameters:
  ///   - heads: The combinations of groups that each of two heads predicts, the first for rows with the label 0; 0 to
  ///     predict the label.
  ///   - rows: The rows, at least one batch.
  /// - Returns: The trained weights.
  func train(
    _ network: Perceptron, heads combinations: Int, on rows: [Int32], stream: RandomStream
  ) throws(MitigationError) -> Parameters<Float> {
    let size = settings.batchSize
    var weightStream = stream.split("weights")
    let storage = ParameterStorage<Float>(network.initialParameters(using: &weightStream))
    var optimizerSettings = settings.optimizer
    if settings.decaysToZero { optimizerSettings.schedule = .cosine(steps: settings.epochs * (rows.count / size)) }
    let optimizer = Optimizer(optimizerSettings, of: storage)
    let input = Tensor<Float>.rows(size, of: features)
    let targets = Tensor<Float>.input(rows: size, columns: max(1, combinations))
    let weights = (0..<2).map { _ in Tensor<Float>.input(rows: size, columns: 1) }
    let outputs = network(input, storage.tensors, mode: .training(NoiseSource(stream.split("dropout"))))
    let loss: Tensor<Float>
    if combinations == 0 {
      loss = binaryCrossEntropy(logits: outputs, targets: targets, weights: weights[0])
    } else {
      let losses = (0..<2).map { head in
        rowCrossEntropies(
          logits: outputs[columns: head * combinations..<(head + 1) * combinations], targets: targets,
          weights: weights[head])
      }
      loss = (losses[0] + losses[1]).mean()
    }
    let program = Program(values: [loss], gradients: [.init(of: loss, withRespectTo: storage)])
    var order = rows
    var shuffling = stream.split("order")
    for epoch in 1...settings.epochs {
      shuffling.shuffle(&order)
      for start in stride(from: 0, through: order.count - size, by: size) {
        for place in 0..<size {
          fill(program, place, row: Int(order[start + place]), input, targets, weights, combinations)
        }
        program.run()
        optimizer.step(gradient: program.gradientPointer(0))
      }
      let value = program.scalar(of: loss)
      guard value.isFinite else {
        throw .lossNotFinite(iteration: epoch, value: value.isNaN ? "NaN" : "\(value)")
      }
    }
    return storage.parameters
  }

  private func fill(
    _ program: Program<Float>, _ place: Int, row: Int, _ input: Tensor<Float>, _ targets: Tensor<Float>,
    _ weights: [Tensor<Float>], _ combinations: Int
  ) {
    program.selection(of: input)?[place] = Int32(row)
    let weight = dataset.weights?[row] ?? 1
    guard let target = program.pointer(of: targets), let first = program.pointer(of: weights[0]) else { return }
    if combinations == 0 {
      target[place] = dataset.labels[row]
      first[place] = weight
      return
    }
    for combination in 0..<combinations {
      target[place * combinations + combination] = combination == Int(cells[row]) / 2 ? 1 : 0
    }
    let isPositive = cells[row] % 2 == 1
    first[place] = isPositive ? 0 : weight
    program.pointer(of: weights[1])?[place] = isPositive ? weight : 0
  }
}
