/// The training of a fresh perceptron: rectified linear units, Adam, a learning rate that falls to a tenth.
public struct PerceptronSettings: Sendable, Hashable, Codable {
  /// The units of each hidden layer.
  public var hidden: [Int]

  /// The steps of the optimizer, each on one batch.
  public var steps: Int

  /// The rows of a batch; fewer where there are not so many.
  public var batchSize: Int

  /// The learning rate of the first step.
  public var learningRate: Double

  /// - Precondition: All sizes, the steps and the learning rate are positive.
  public init(hidden: [Int] = [16, 16], steps: Int = 300, batchSize: Int = 256, learningRate: Double = 0.01) {
    precondition(
      hidden.allSatisfy { $0 > 0 } && steps > 0 && batchSize > 0 && learningRate > 0,
      "PerceptronSettings: sizes, steps and learning rate must be positive")
    self.hidden = hidden
    self.steps = steps
    self.batchSize = batchSize
    self.learningRate = learningRate
  }
}
