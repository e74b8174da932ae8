import Autograd
import CKernels
import FairnessMetrics
import LinearAlgebra
import NeuralNetworks
import TabularData

/// Measures both players on the rows of one split, dropout off.
final class GameEvaluator {
  let name: String
  private let features: Matrix<Float>
  private let labels: [Bool]
  private let labelValues: Matrix<Float>
  private let groups: [GroupColumn]
  private let sensitive: SensitiveTargets
  private let threshold: Double
  private var logits: [Float]
  private var representation: [Float] = []

  /// The predictions at the last measurement, n of them, in 0...1.
  private(set) var probabilities: [Float]

  init(_ split: (name: String, dataset: Dataset), threshold: Double) {
    name = split.name
    features = split.dataset.features
    labels = split.dataset.labels.map { $0 > 0.5 }
    labelValues = Matrix(rows: split.dataset.rows, columns: 1, values: split.dataset.labels)
    groups = split.dataset.sensitive.map { GroupColumn(name: $0.name, groups: $0.groups, codes: $0.codes) }
    sensitive = SensitiveTargets(split.dataset.sensitive, rows: split.dataset.rows, balanced: false)
    self.threshold = threshold
    logits = Array(repeating: 0, count: split.dataset.rows)
    probabilities = logits
  }

  /// The classifier's metrics, its mean loss, and the adversary's loss for each attribute.
  struct Measurement {
    var split: SplitEvaluation
    var labelLoss: Double
    var attributeLosses: [Double]
  }

  /// Measures with the weights as they are.
  ///
  /// - Parameter adversary: The adversary whose success is measured; nil before it is trained.
  func measure(_ scorer: ClassifierScorer, adversary: AdversaryScorer?) -> Measurement {
    if let adversary, adversary.readsRepresentation, representation.isEmpty {
      representation = Array(repeating: 0, count: features.rows * adversary.representationWidth)
    }
    scorer.score(features, into: &logits, representation: &representation)
    probabilities = logits
    sigmoid(&probabilities)
    var evaluation = ClassifierEvaluation(
      scores: probabilities, labels: labels, attributes: groups, threshold: threshold)
    var attributeLosses: [Double] = []
    if let adversary {
      let result = adversary.measure(
        logits: logits, representation: representation, labels: labelValues, sensitive: sensitive)
      attributeLosses = result.losses
      for index in evaluation.attributes.indices { evaluation.attributes[index].adversaryAUC = result.aucs[index] }
    }
    return Measurement(
      split: SplitEvaluation(name: name, evaluation: evaluation), labelLoss: meanCrossEntropy(),
      attributeLosses: attributeLosses)
  }

  /// The mean of the stable binary cross-entropy over all rows.
  private func meanCrossEntropy() -> Double {
    let kernels = Precision.single.kernels.pointee
    var losses = [Float](repeating: 0, count: logits.count)
    kernels.loss(EQ_BINARY_CROSS_ENTROPY, logits.count, logits, labelValues.values, nil, &losses)
    return losses.reduce(0.0) { $0 + Double($1) } / Double(max(1, losses.count))
  }
}
