import Autograd
import FairnessMetrics
import LinearAlgebra
import NeuralNetworks
import TabularData

/// Measures both players on the rows of one split, dropout off. Evaluators of different splits may work at the same
/// time: they only read the players' weights.
final class GameEvaluator {
  /// The labels as the metrics of their kind want them.
  private enum Labels {
    case binary([Bool])
    case categorical([Int32], classes: [String])
    case continuous([Float])

    init(_ dataset: Dataset) {
      switch dataset.labelKind {
      case .binary: self = .binary(dataset.labels.map { $0 > 0.5 })
      case .categorical(let classes): self = .categorical(dataset.labels.map { Int32($0) }, classes: classes)
      case .continuous: self = .continuous(dataset.labels)
      }
    }
  }

  let name: String
  private let labels: Labels
  /// As the classifier's loss compares with them, `[n, k]`.
  private let labelTargets: Matrix<Float>
  private let kind: LabelKind
  /// What each row counts; nil for 1 each.
  private let weights: [Double]?
  private let groups: [GroupColumn]
  private let continuous: [ContinuousColumn]
  private let threshold: Double
  private let countsScores: Bool
  private let scorer: ClassifierScorer
  private let adversary: AdversaryScorer?
  private let logits: RowValues
  private let representation: RowValues

  /// The predictions at the last measurement, `[n, k]`: probabilities, or numbers in the unit of the label.
  private(set) var probabilities: [Float]

  /// - Parameters:
  ///   - split: The rows, under the name of their split.
  ///   - features: Their features, if they are at hand as the engine reads them.
  ///   - criterion: On which rows the adversary is measured.
  ///   - countsScores: Whether a measurement tells how the scores are spread.
  ///   - players: The players that are measured.
  init(
    _ split: (name: String, dataset: Dataset), features: FeatureRows<Float>? = nil, threshold: Double,
    criterion: GameCriterion = .demographicParity, countsScores: Bool = false, players: MeasuredPlayers
  ) {
    let dataset = split.dataset
    name = split.name
    labels = Labels(dataset)
    kind = dataset.labelKind
    let labelTargets = kind.targets(dataset.labels)
    self.labelTargets = labelTargets
    weights = dataset.weights?.map { Double($0) }
    groups = dataset.sensitive.map(\.groupColumn)
    continuous = dataset.continuous
    let features = features ?? dataset.featureRows
    self.threshold = threshold
    self.countsScores = countsScores
    let width = players.network.hidden.last ?? players.network.inputs
    adversary = players.adversary.map { adversary, storage in
      AdversaryScorer(
        adversary, storage: storage,
        rows: .init(
          features: features, labels: labelTargets, label: dataset.labelKind, weights: dataset.weights,
          sensitive: SensitiveTargets(
            dataset.sensitive, continuous: dataset.continuous, labels: dataset.labels, criterion: criterion,
            balanced: false)),
        representationWidth: width)
    }
    let keepsRepresentation = adversary?.readsRepresentation == true
    scorer = ClassifierScorer(
      network: players.network, storage: players.classifier,
      rows: features, noise: nil,
      keepsRepresentation: keepsRepresentation)
    logits = RowValues(count: dataset.rows * kind.outputs)
    representation = RowValues(count: keepsRepresentation ? dataset.rows * width : 0)
    probabilities = Array(repeating: 0, count: dataset.rows * kind.outputs)
  }

  /// The classifier's metrics, its mean loss, and the adversary's loss for each attribute.
  struct Measurement: Sendable {
    var split: SplitEvaluation
    var labelLoss: Double
    var attributeLosses: [Double]
  }

  /// Measures with the weights as they are.
  ///
  /// - Parameters:
  ///   - withAdversary: Whether the adversary is trained, so that its success means something.
  ///   - team: Those who share the work; all of them have the measurement in the end.
  func measure(withAdversary: Bool, team: (any Team)? = nil) -> Measurement {
    scorer.score(into: logits, representation: representation, team: team)
    probabilities = Array(UnsafeBufferPointer(start: logits.pointer, count: logits.count))
    kind.predict(&probabilities)
    var evaluation = evaluation()
    var attributeLosses: [Double] = []
    if withAdversary, let adversary {
      let result = adversary.measure(logits: logits, representation: representation, team: team)
      attributeLosses = result.losses
      for index in evaluation.attributes.indices { evaluation.attributes[index].adversaryAUC = result.aucs[index] }
    }
    return Measurement(
      split: SplitEvaluation(
        name: name, evaluation: evaluation,
        scoreCounts: countsScores && kind == .binary ? ScoreCounts(scores: probabilities, attributes: groups) : nil),
      labelLoss: kind.meanLoss(outputs: logits.pointer, targets: labelTargets),
      attributeLosses: attributeLosses)
  }

  /// The metrics of the predictions, of their kind.
  private func evaluation() -> ClassifierEvaluation {
    var evaluation: ClassifierEvaluation
    switch labels {
    case .binary(let labels):
      evaluation = ClassifierEvaluation(
        scores: probabilities, labels: labels, attributes: groups, threshold: threshold, weights: weights)
    case .categorical(let labels, let classes):
      evaluation = ClassifierEvaluation(
        classScores: probabilities, labels: labels, classes: classes, attributes: groups, weights: weights)
      evaluation.continuous = continuous.map {
        ContinuousEvaluation(name: $0.name, classScores: probabilities, classes: classes.count, values: $0.values)
      }
      return evaluation
    case .continuous(let labels):
      evaluation = ClassifierEvaluation(
        predictions: probabilities, labels: labels, attributes: groups, weights: weights)
    }
    evaluation.continuous = continuous.map {
      ContinuousEvaluation(name: $0.name, scores: probabilities, values: $0.values)
    }
    return evaluation
  }

  /// The standard deviation of the predictions that were measured last.
  func scoreDeviation() -> Double {
    let count = Double(max(1, probabilities.count))
    let mean = probabilities.reduce(0.0) { $0 + Double($1) } / count
    return (probabilities.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count).squareRoot()
  }
}
