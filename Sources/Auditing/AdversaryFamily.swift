/// A kind of fresh adversary.
public enum AdversaryFamily: Sendable, Hashable, Codable {
  /// Reads what rises or falls with each number of the view; see `LogisticRegression`.
  case logisticRegression(penalty: Double = 1)

  /// Reads smooth curves and products; see `PerceptronSettings`.
  case perceptron(PerceptronSettings = PerceptronSettings())

  /// Reads steps and their interplay; see `BoostedTreesSettings`.
  case boostedTrees(BoostedTreesSettings = BoostedTreesSettings())

  /// Reads whatever neighbouring rows have in common: a row's score is the share of a group among its `count` nearest
  /// rows, by the distance between standardised numbers.
  case nearestNeighbours(count: Int = 50)

  /// Every family, with its customary settings.
  public static let all: [AdversaryFamily] = [
    .logisticRegression(), .perceptron(), .boostedTrees(), .nearestNeighbours(),
  ]

  /// The family's name in words, without its settings.
  public var name: String {
    switch self {
    case .logisticRegression: "logistic regression"
    case .perceptron: "perceptron"
    case .boostedTrees: "boosted trees"
    case .nearestNeighbours: "nearest neighbours"
    }
  }
}
