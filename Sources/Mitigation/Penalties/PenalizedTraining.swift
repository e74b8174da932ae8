import AdversarialGame
import LinearAlgebra
import NeuralNetworks
import TabularData

/// Trains a classifier with penalties beside its loss, for the groups of some attributes.
public struct PenalizedTraining: Sendable, Hashable {
  /// A penalty and what it is multiplied by.
  public struct Term: Sendable, Hashable {
    public var penalty: Penalty

    /// At least 0; dimensionless, beside a loss in nats per row.
    public var weight: Double

    public init(_ penalty: Penalty, weight: Double) {
      self.penalty = penalty
      self.weight = weight
    }
  }

  /// The classifier's architecture, with one output.
  public var network: Perceptron

  /// The penalties.
  public var terms: [Term]

  /// The attributes that are crossed; nil for all.
  public var attributes: [String]?

  /// How to train.
  public var settings: ClassifierTrainingSettings

  public init(
    network: Perceptron, terms: [Term], attributes: [String]? = nil, settings: ClassifierTrainingSettings = .init()
  ) {
    self.network = network
    self.terms = terms
    self.attributes = attributes
    self.settings = settings
  }

  /// Trains.
  ///
  /// - Parameters:
  ///   - dataset: The training rows.
  ///   - counterfactuals: The features of each row's counterfactual, `[n, d]`, for counterfactual logit pairing.
  ///   - seed: Determines everything random.
  /// - Throws: `MitigationError` for settings that cannot be followed, groups that are not there, or a loss that is not
  ///   finite.
  public func train(
    on dataset: Dataset, counterfactuals: FeatureRows<Float>? = nil, seed: UInt64
  ) throws(MitigationError) -> Classifier {
    try settings.check()
    guard network.outputs == 1, network.inputs == dataset.featureCount, dataset.rows > 0 else {
      throw .settings(
        "the classifier takes \(network.inputs) features and has \(network.outputs) outputs; the rows have "
          + "\(dataset.featureCount) features, and one output is needed.")
    }
    for term in terms {
      try term.penalty.check()
      guard term.weight >= 0, term.weight.isFinite else {
        throw .settings("the weight of a penalty is \(term.weight); it must be at least 0, and finite.")
      }
      if term.penalty.needsCounterfactuals {
        guard counterfactuals?.rows == dataset.rows, counterfactuals?.columns == dataset.featureCount else {
          throw .settings(
            "counterfactual logit pairing needs the counterfactual of each of \(dataset.rows) rows, which only "
              + "simulated data have. Give them, or choose another penalty.")
        }
      }
    }
    let partition = try GroupPartition(dataset.sensitive, attributes: attributes, for: "penalties")
    var membership = Matrix<Float>(rows: dataset.rows, columns: partition.groups.count, repeating: 0)
    for (row, code) in partition.codes.enumerated() where code >= 0 { membership[row, Int(code)] = 1 }
    let training = ClassifierTraining(
      network: network, features: dataset.featureRows, settings: settings, penalties: terms,
      membership: FeatureRows(membership), counterfactuals: counterfactuals)
    let parameters = try training.train(
      labels: dataset.labels, weights: dataset.weights, stream: RandomStream(seed: seed))
    return Classifier(network: network, parameters: parameters)
  }
}
