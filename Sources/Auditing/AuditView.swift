import LinearAlgebra

/// What fresh adversaries look at: one or more numbers of each row that a model gives away.
public struct AuditView: Sendable {
  /// The view's name, such as `score`; unique within an audit.
  public var name: String

  /// The numbers, `[n, d]`.
  public var values: Matrix<Float>

  /// Whether the game's own adversary could have read these numbers.
  ///
  /// What a fresh adversary finds here convicts the game's adversary of weakness. What it finds in another view, such as
  /// the last hidden layer of a classifier whose adversary saw its predictions only, is a finding about the model.
  public var isSeenByGame: Bool

  public init(name: String, values: Matrix<Float>, isSeenByGame: Bool = true) {
    self.name = name
    self.values = values
    self.isSeenByGame = isSeenByGame
  }

  /// The five customary views of a classifier: `score`, `logit`, `decision`, `score with label`, `hidden layer`.
  ///
  /// - Parameters:
  ///   - scores: The probabilities, n of them.
  ///   - logits: The outputs before the sigmoid, n of them; nil leaves the view out.
  ///   - decisions: Whether each row is selected, n of them.
  ///   - labels: The labels, n of them; nil leaves the view out. An adversary for equalized odds sees these.
  ///   - hidden: The last hidden layer, `[n, h]`; nil leaves the view out.
  ///   - seen: The names of the views that the game's adversary could have read.
  public static func ofClassifier(
    scores: [Float], logits: [Float]?, decisions: [Bool], labels: [Bool]?, hidden: Matrix<Float>?,
    seenByGame seen: Set<String> = ["score", "logit", "decision"]
  ) -> [AuditView] {
    func column(_ values: [Float]) -> Matrix<Float> { Matrix(rows: values.count, columns: 1, values: values) }
    var views = [("score", column(scores))]
    if let logits { views.append(("logit", column(logits))) }
    views.append(("decision", column(decisions.map { $0 ? 1 : 0 })))
    if let labels {
      let pairs = zip(scores, labels).flatMap { score, label in [score, label ? Float(1) : 0] }
      views.append(("score with label", Matrix(rows: labels.count, columns: 2, values: pairs)))
    }
    if let hidden { views.append(("hidden layer", hidden)) }
    return views.map { AuditView(name: $0, values: $1, isSeenByGame: seen.contains($0)) }
  }
}
