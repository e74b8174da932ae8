import AdversarialGame
import LinearAlgebra
import Mitigation
import RealModule
import TabularData

/// What of a model turns features into scores.
public indirect enum Scorer: Sendable, Hashable {
  /// One network: the classifier of a game, say.
  case network(Classifier)

  /// Networks that predict label and groups, and a decision corrected for constraints.
  case corrected(PlugInClassifier)

  /// Several networks, one of which decides about a row, drawn by a hash of the row and a seed.
  case mixture(StochasticClassifier, seed: UInt64)

  /// One of these, its features changed before or its decisions made after by what reads sensitive columns.
  case processed(Scorer, ScoreProcessing)

  /// The number of features, d.
  public var inputs: Int {
    switch self {
    case .processed(let scorer, _): scorer.inputs
    case .network(let classifier): classifier.network.inputs
    case .corrected(let classifier): classifier.predictor.labelNetwork.inputs
    case .mixture(let classifier, _): classifier.mostProbable.network.inputs
    }
  }

  /// The sensitive columns without which nothing can be scored.
  public var readColumns: [String] {
    switch self {
    case .processed(let scorer, let processing):
      scorer.readColumns + processing.readColumns.filter { !scorer.readColumns.contains($0) }
    case .corrected(let classifier): classifier.reads?.columns.map(\.name) ?? []
    case .network, .mixture: []
    }
  }

  /// The scores, n of them, in 0...1; of a label that is not binary what `Classifier.predictions` gives, `[n, k]`.
  ///
  /// - Parameters:
  ///   - features: The rows, `[n, d]`.
  ///   - base: The base row of the training, see `Classifier.logits`.
  ///   - sensitive: Sensitive columns, among them `readColumns`.
  public func scores(_ features: Matrix<Float>, base: [Float]?, sensitive: [SensitiveColumn] = []) -> [Float] {
    switch self {
    case .processed(let scorer, let processing):
      Self.following {
        let features = features.roundTripped(base: base)
        let seen = try processing.features(features, sensitive: sensitive)
        return try processing.scores(
          scorer.scores(seen, base: processing.base(base, features: features.columns), sensitive: sensitive),
          features: features, sensitive: sensitive)
      }
    case .network(let classifier): classifier.predictions(features, base: base)
    case .corrected(let classifier): classifier.scores(features, base: base, sensitive: sensitive)
    case .mixture(let classifier, let seed):
      classifier.drawnProbabilities(features, base: base, seed: seed)
    }
  }

  /// The scores of rows in the form that the engine reads, n of them; nil where the scorer needs the features themselves,
  /// to change them or to draw by them (see `scoresRows`).
  package func scores(_ rows: FeatureRows<Float>, sensitive: [SensitiveColumn]) -> [Float]? {
    switch self {
    case .network(let classifier): classifier.predictions(rows)
    case .corrected(let classifier): classifier.scores(rows, sensitive: sensitive)
    case .mixture, .processed: nil
    }
  }

  /// Whether `scores(_:sensitive:)` scores such rows.
  package var scoresRows: Bool {
    switch self {
    case .network, .corrected: true
    case .mixture, .processed: false
    }
  }

  /// What a model that was checked can do: its columns are there, with the groups that were fitted.
  private static func following<Value>(_ body: () throws -> Value) -> Value {
    do { return try body() } catch { preconditionFailure("Scorer: \(error)") }
  }

  /// The scores as log odds, n of them; a corrected or processed decision's are bounded by ±88, as a score may be 0 or 1.
  /// Parameters as for `scores`.
  public func logits(_ features: Matrix<Float>, base: [Float]?, sensitive: [SensitiveColumn] = []) -> [Float] {
    switch self {
    case .network(let classifier): classifier.logits(features, base: base)
    case .mixture(let classifier, let seed): classifier.drawnLogits(features, base: base, seed: seed)
    case .corrected, .processed:
      scores(features, base: base, sensitive: sensitive).map { score in
        let odds = Double(score) / (1 - Double(score))
        return score.isNaN ? .nan : Float(min(88, max(-88, Double.log(odds))))
      }
    }
  }

  /// The last hidden layer of every row, `[n, h]`; nil where there is no hidden layer, or more than one network.
  public func representation(
    _ features: Matrix<Float>, base: [Float]?, sensitive: [SensitiveColumn] = []
  ) -> Matrix<Float>? {
    switch self {
    case .network(let classifier): classifier.representation(features, base: base)
    case .processed(let scorer, let processing):
      Self.following {
        scorer.representation(
          try processing.features(features.roundTripped(base: base), sensitive: sensitive),
          base: processing.base(base, features: features.columns), sensitive: sensitive)
      }
    case .corrected, .mixture: nil
    }
  }
}
