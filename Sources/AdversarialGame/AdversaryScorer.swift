import Autograd
import FairnessMetrics
import LinearAlgebra
import NeuralNetworks

/// The adversary's outputs for many rows, chunk by chunk, and how well they tell the groups apart.
final class AdversaryScorer {
  private static let chunk = 512

  let readsRepresentation: Bool
  let representationWidth: Int
  private let view: AdversaryView<Float>
  private let outputs: Tensor<Float>
  private let losses: Tensor<Float>
  private let program: Program<Float>

  init(_ player: AdversaryPlayer, attributes: [SensitiveAttribute], representationWidth: Int) {
    self.representationWidth = representationWidth
    readsRepresentation = player.readsRepresentation
    (view, outputs, losses, program) = Self.plan(
      player.adversary, storage: player.storage, attributes: attributes, representationWidth: representationWidth)
  }

  private static func plan(
    _ adversary: some Adversary, storage: ParameterStorage<Float>, attributes: [SensitiveAttribute],
    representationWidth: Int
  ) -> (AdversaryView<Float>, Tensor<Float>, Tensor<Float>, Program<Float>) {
    let width = attributes.last?.columns.upperBound ?? 1
    // Rows that fill up the last chunk, and rows whose attribute is missing, weigh nothing.
    let view = AdversaryView<Float>(
      logits: .input(rows: chunk, columns: 1), representation: .input(rows: chunk, columns: representationWidth),
      labels: .input(rows: chunk, columns: 1), targets: .input(rows: chunk, columns: width),
      targetWeights: .input(rows: chunk, columns: attributes.count), attributes: attributes, mode: .inference)
    let weights = storage.tensors
    let outputs = adversary.outputs(for: view, weights)
    let losses = adversary.losses(outputs: outputs, for: view, weights)
    return (view, outputs, losses, Program(values: [outputs, losses]))
  }

  /// The mean loss of each attribute over the rows where it is known, and the ROC AUC of the outputs.
  ///
  /// The AUC of a categorical attribute is the unweighted mean over its groups of the AUC of one against the rest.
  func measure(
    logits: [Float], representation: [Float], labels: Matrix<Float>, sensitive: SensitiveTargets
  ) -> (losses: [Double], aucs: [MetricValue]) {
    let count = logits.count
    let width = outputs.columns
    let attributes = view.attributes
    let weights =
      sensitive.weights?.values ?? [Float](repeating: 1, count: count * attributes.count)
    var scores = [Float](repeating: 0, count: count * width)
    var totals = [Double](repeating: 0, count: attributes.count)
    for row in stride(from: 0, to: count, by: Self.chunk) {
      let rows = min(Self.chunk, count - row)
      copy(logits, row, rows, to: view.logits)
      if readsRepresentation { copy(representation, row, rows, to: view.representation) }
      copy(labels.values, row, rows, to: view.labels)
      copy(sensitive.targets.values, row, rows, to: view.targets)
      if let input = view.targetWeights { copy(weights, row, rows, to: input) }
      program.run()
      let output = program.value(of: outputs).values
      scores.replaceSubrange(row * width..<(row + rows) * width, with: output[..<(rows * width)])
      for (index, loss) in program.value(of: losses).values.enumerated() {
        totals[index] += Double(loss) * Double(Self.chunk)
      }
    }
    let known = attributes.indices.map { index in
      (0..<count).reduce(0) { $0 + Double(weights[$1 * attributes.count + index]) }
    }
    return (
      zip(totals, known).map { $1 > 0 ? $0 / $1 : 0 },
      attributes.enumerated().map { index, attribute in
        auc(of: attribute, index, scores: scores, targets: sensitive.targets, weights: weights)
      }
    )
  }

  private func auc(
    of attribute: SensitiveAttribute, _ index: Int, scores: [Float], targets: Matrix<Float>, weights: [Float]
  ) -> MetricValue {
    let width = outputs.columns
    let count = view.attributes.count
    let rows = (0..<targets.rows).filter { weights[$0 * count + index] > 0 }
    var sum = 0.0
    for column in attribute.columns {
      let value = rocAUC(
        scores: rows.map { scores[$0 * width + column] },
        labels: rows.map { targets.values[$0 * width + column] > 0.5 })
      guard case .defined(let auc) = value else { return value }
      sum += auc
    }
    return .defined(sum / Double(attribute.columns.count))
  }

  /// Fills a chunk's input from the rows of an array; what lies beyond them becomes 0.
  private func copy(_ values: [Float], _ row: Int, _ rows: Int, to input: Tensor<Float>) {
    guard let target = program.pointer(of: input) else { return }
    let width = input.columns
    values.withUnsafeBufferPointer { source in
      guard let source = source.baseAddress else { return }
      target.update(from: source + row * width, count: rows * width)
    }
    (target + rows * width).update(repeating: 0, count: (Self.chunk - rows) * width)
  }
}
