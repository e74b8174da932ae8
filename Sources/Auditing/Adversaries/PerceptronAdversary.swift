import Autograd
import LinearAlgebra
import NeuralNetworks

/// A fresh perceptron with one output, the logit of a group.
enum PerceptronAdversary {
  private static let chunk = 512

  /// Trains on some rows and scores others.
  ///
  /// Batches are dealt from a shuffled order of the training rows, shuffled anew when it is used up; what is left of an
  /// order and does not fill a batch is dropped.
  ///
  /// - Parameters:
  ///   - view: The standardised numbers.
  ///   - training: The rows to train on.
  ///   - scored: The rows to score.
  ///   - targets: Whether a row has the property, for all rows of the view.
  ///   - weights: The weight of each row's loss, for all rows of the view, or nil where all are 1.
  ///   - stream: Draws the initial weights and the order of rows.
  /// - Returns: The logits of the scored rows.
  static func scores(
    _ view: FeatureRows<Float>, training: [Int32], scored: [Int32], targets: [Int8], weights: [Double]?,
    settings: PerceptronSettings, stream: RandomStream
  ) -> [Float] {
    let network = Perceptron(inputs: view.columns, hidden: settings.hidden, outputs: 1)
    var initial = stream.split("weights")
    let storage = ParameterStorage<Float>(network.initialParameters(using: &initial))
    train(network, storage, on: training, of: view, targets: targets, weights: weights, settings, stream)

    let features = Tensor<Float>.rows(chunk, of: view)
    let logits = network(features, storage.tensors, mode: .inference)
    let program = Program(values: [logits])
    let selection = program.selection(of: features)
    var scores: [Float] = []
    scores.reserveCapacity(scored.count)
    for start in stride(from: 0, to: scored.count, by: chunk) {
      let rows = min(chunk, scored.count - start)
      if let selection {
        // What is left of the last chunk is filled with a row whose score is not read.
        for place in 0..<chunk { selection[place] = scored[place < rows ? start + place : start] }
      }
      program.run()
      scores.append(contentsOf: program.value(of: logits).values.prefix(rows))
    }
    return scores
  }

  private static func train(
    _ network: Perceptron, _ storage: ParameterStorage<Float>, on training: [Int32], of view: FeatureRows<Float>,
    targets: [Int8], weights: [Double]?, _ settings: PerceptronSettings, _ stream: RandomStream
  ) {
    let size = min(settings.batchSize, training.count)
    let features = Tensor<Float>.rows(size, of: view)
    let labels = Tensor<Float>.input(rows: size, columns: 1)
    let rowWeights = weights.map { _ in Tensor<Float>.input(rows: size, columns: 1) }
    let loss = binaryCrossEntropy(
      logits: network(features, storage.tensors, mode: .inference), targets: labels, weights: rowWeights)
    let program = Program(values: [loss], gradients: [.init(of: loss, withRespectTo: storage)])
    // A tenth of the first rate is left at the end: the last steps settle what the first ones found.
    let schedule = LearningRateSchedule.exponential(factor: 0.1, steps: settings.steps, staircase: false)
    let optimizer = Optimizer<Float>(
      OptimizerSettings(.adam(), learningRate: settings.learningRate, schedule: schedule), of: storage)
    var shuffling = stream.split("batches")
    var order = training
    var next = order.count
    // Weights of mean 1 keep the size of a step what it is without weights.
    let meanWeight = weights.map { weights in
      training.reduce(0) { $0 + weights[Int($1)] } / Double(training.count)
    }
    let selection = program.selection(of: features)
    let target = program.pointer(of: labels)
    let weighting = rowWeights.flatMap { program.pointer(of: $0) }
    for _ in 0..<settings.steps {
      if next + size > order.count {
        shuffling.shuffle(&order)
        next = 0
      }
      for place in 0..<size {
        let row = order[next + place]
        selection?[place] = row
        target?[place] = Float(targets[Int(row)])
        if let weights, let meanWeight { weighting?[place] = Float(weights[Int(row)] / meanWeight) }
      }
      next += size
      program.run()
      optimizer.step(gradient: program.gradientPointer(0))
    }
  }
}
