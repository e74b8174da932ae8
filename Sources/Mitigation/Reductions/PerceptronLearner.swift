import AdversarialGame
import LinearAlgebra
import NeuralNetworks

/// Trains perceptrons on the same rows with changing labels and weights, each from the same initial weights.
public struct PerceptronLearner: CostSensitiveLearner {
  private let training: ClassifierTraining
  private let stream: RandomStream

  /// - Parameters:
  ///   - network: The architecture, with one output.
  ///   - features: The rows, `[n, d]`.
  ///   - settings: How to train.
  ///   - seed: Determines everything random; the same for each training.
  /// - Throws: `MitigationError.settings` for settings that cannot be followed.
  public init(
    _ network: Perceptron, features: FeatureRows<Float>, settings: ClassifierTrainingSettings = .init(), seed: UInt64
  ) throws(MitigationError) {
    try settings.check()
    guard network.outputs == 1, network.inputs == features.columns, features.rows > 0 else {
      throw .settings(
        "the classifier takes \(network.inputs) features and has \(network.outputs) outputs; the rows have "
          + "\(features.columns) features, and one output is needed.")
    }
    training = ClassifierTraining(network: network, features: features, settings: settings)
    stream = RandomStream(seed: seed)
  }

  public mutating func classifier(labels: [Bool], weights: [Double]) throws(MitigationError) -> Classifier {
    let parameters = try training.train(
      labels: labels.map { $0 ? 1 : 0 }, weights: weights.map { Float($0) }, stream: stream)
    return Classifier(network: training.network, parameters: parameters)
  }
}
