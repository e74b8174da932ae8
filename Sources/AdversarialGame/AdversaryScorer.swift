import Autograd
import FairnessMetrics
import LinearAlgebra
import NeuralNetworks
import TabularData

/// The adversary's outputs for the rows of one split, chunk by chunk, and how well they tell the groups apart.
///
/// Not for use by two threads at once.
final class AdversaryScorer {
  private static let chunk = ClassifierScorer.chunk

  /// What the rows of the split are, which never changes.
  struct Rows {
    let features: FeatureRows<Float>
    /// As the classifier's loss compares with them, `[n, k]`.
    let labels: Matrix<Float>
    let label: LabelKind
    let weights: [Float]?
    let sensitive: SensitiveTargets
  }

  /// How well the adversary does: for each attribute its mean loss and its ROC AUC.
  struct Result {
    var losses: [Double]
    var aucs: [MetricValue]
  }

  private let rows: Rows
  /// The rows of which an attribute is known; nil where all are.
  private let known: [[Int]?]
  /// Whether each known row has the target 1, for each output.
  private let truths: [[Bool]]
  private let view: AdversaryView<Float>
  private let outputs: Tensor<Float>
  private let losses: Tensor<Float>
  private let program: Program<Float>
  /// The outputs of all rows, output after output.
  private var scores: [Float]

  init(_ adversary: any Adversary, storage: ParameterStorage<Float>, rows: Rows, representationWidth: Int) {
    self.rows = rows
    let targets = rows.sensitive.targets
    known = rows.sensitive.attributes.indices.map { index in
      rows.sensitive.weights.map { weights in (0..<weights.rows).filter { weights[$0, index] > 0 } }
    }
    var truths: [[Bool]] = []
    for (attribute, known) in zip(rows.sensitive.attributes, known) {
      for column in attribute.columns {
        let all = targets.column(column).map { $0 > 0.5 }
        truths.append(known.map { $0.map { all[$0] } } ?? all)
      }
    }
    self.truths = truths
    scores = Array(repeating: 0, count: targets.rows * targets.columns)
    (view, outputs, losses, program) = Self.plan(
      adversary, storage: storage, features: rows.features, attributes: rows.sensitive.attributes, label: rows.label,
      representationWidth: representationWidth)
  }

  private static func plan(
    _ adversary: some Adversary, storage: ParameterStorage<Float>, features: FeatureRows<Float>,
    attributes: [SensitiveAttribute], label: LabelKind, representationWidth: Int
  ) -> (AdversaryView<Float>, Tensor<Float>, Tensor<Float>, Program<Float>) {
    let width = attributes.last?.columns.upperBound ?? 1
    // Rows that fill up the last chunk, and rows whose attribute is missing, weigh nothing.
    let view = AdversaryView<Float>(
      logits: .input(rows: chunk, columns: label.outputs),
      representation: .input(rows: chunk, columns: representationWidth),
      labels: .input(rows: chunk, columns: label.outputs), targets: .input(rows: chunk, columns: width),
      targetWeights: .input(rows: chunk, columns: attributes.count), features: .rows(chunk, of: features),
      rowWeights: .input(rows: chunk, columns: 1), attributes: attributes, label: label, mode: .inference)
    let weights = storage.tensors
    let outputs = adversary.outputs(for: view, weights)
    let losses = adversary.losses(outputs: outputs, for: view, weights)
    return (view, outputs, losses, Program(values: [outputs, losses]))
  }

  /// Whether the adversary looks at the classifier's last hidden layer.
  var readsRepresentation: Bool { program.pointer(of: view.representation) != nil }

  /// Measures the adversary on the classifier's outputs for the rows.
  ///
  /// The loss of an attribute is its mean over the rows where it is known. The AUC of a categorical attribute is the
  /// unweighted mean over its groups of the AUC of one against the rest, in which rows count by their weights; a continuous
  /// one has none.
  ///
  /// - Parameter team: Those who share the work; all of them have the result in the end.
  func measure(logits: RowValues, representation: RowValues, team: (any Team)? = nil) -> Result {
    let count = rows.labels.rows
    let width = outputs.columns
    let attributes = view.attributes
    let shares = team?.shares(of: count, inPiecesOf: Self.chunk) ?? [0..<count]
    let own = shares[team?.rank ?? 0]
    /// The losses of each chunk, which are added in their order, whoever has computed them.
    var chunkLosses = [Float](repeating: 0, count: (count + Self.chunk - 1) / Self.chunk * attributes.count)
    for row in stride(from: own.lowerBound, to: own.upperBound, by: Self.chunk) {
      let size = min(Self.chunk, own.upperBound - row)
      copy(logits.pointer, row, size, to: view.logits)
      if !representation.isEmpty { copy(representation.pointer, row, size, to: view.representation) }
      copy(rows.labels.values, row, size, to: view.labels)
      copy(rows.sensitive.targets.values, row, size, to: view.targets)
      copyWeights(row, size)
      select(row, size)
      program.run()
      guard let output = program.pointer(of: outputs), let loss = program.pointer(of: losses) else { continue }
      scores.withUnsafeMutableBufferPointer { scores in
        for column in 0..<width {
          for place in 0..<size { scores[column * count + row + place] = output[place * width + column] }
        }
      }
      let start = row / Self.chunk * attributes.count
      for index in attributes.indices { chunkLosses[start + index] = loss[index] }
    }
    if let team, team.size > 1 {
      scores.withUnsafeMutableBufferPointer { scores in
        guard let start = scores.baseAddress else { return }
        for column in 0..<width { team.gather(start + column * count, ranges: shares) }
      }
      chunkLosses.withUnsafeMutableBufferPointer { losses in
        guard let start = losses.baseAddress else { return }
        func place(_ row: Int) -> Int { (row + Self.chunk - 1) / Self.chunk * attributes.count }
        team.gather(start, ranges: shares.map { place($0.lowerBound)..<place($0.upperBound) })
      }
    }
    var totals = [Double](repeating: 0, count: attributes.count)
    for (place, loss) in chunkLosses.enumerated() {
      totals[place % attributes.count] += Double(loss) * Double(Self.chunk)
    }
    // Divided by all rows: the weights of the known ones are scaled up by n / n_known already.
    return Result(
      losses: totals.map { $0 / Double(max(1, count)) },
      aucs: attributes.indices.map { auc(ofAttribute: $0) })
  }

  private func auc(ofAttribute index: Int) -> MetricValue {
    if view.attributes[index].kind == .continuous { return .undefined(ContinuousEvaluation.noGroups) }
    let count = rows.labels.rows
    var sum = 0.0
    for column in view.attributes[index].columns {
      let all = scores[column * count..<(column + 1) * count]
      let own = known[index].map { $0.map { all[all.startIndex + $0] } } ?? Array(all)
      let value =
        rows.weights.map { weights in
          rocAUC(
            scores: own, labels: truths[column],
            weights: (known[index] ?? Array(0..<count)).map { Double(weights[$0]) })
        } ?? rocAUC(scores: own, labels: truths[column])
      guard case .defined(let auc) = value else { return value }
      sum += auc
    }
    return .defined(sum / Double(view.attributes[index].columns.count))
  }

  private func copy(_ values: [Float], _ row: Int, _ size: Int, to input: Tensor<Float>) {
    values.withUnsafeBufferPointer { values in
      if let values = values.baseAddress { copy(values, row, size, to: input) }
    }
  }

  /// Fills a chunk's input from rows; what lies beyond them becomes 0.
  private func copy(_ values: UnsafePointer<Float>, _ row: Int, _ size: Int, to input: Tensor<Float>) {
    guard let target = program.pointer(of: input) else { return }
    let width = input.columns
    target.update(from: values + row * width, count: size * width)
    (target + size * width).update(repeating: 0, count: (Self.chunk - size) * width)
  }

  /// Chooses the rows whose features are read; those that fill up the last chunk repeat its last one.
  private func select(_ row: Int, _ size: Int) {
    guard let features = view.features, let selection = program.selection(of: features) else { return }
    for place in 0..<Self.chunk { selection[place] = Int32(row + min(place, size - 1)) }
  }

  private func copyWeights(_ row: Int, _ size: Int) {
    if let input = view.rowWeights {
      if let weights = rows.weights {
        copy(weights, row, size, to: input)
      } else if let target = program.pointer(of: input) {
        target.update(repeating: 1, count: size)
        (target + size).update(repeating: 0, count: Self.chunk - size)
      }
    }
    guard let input = view.targetWeights else { return }
    if let weights = rows.sensitive.weights {
      copy(weights.values, row, size, to: input)
    } else if let target = program.pointer(of: input) {
      target.update(repeating: 1, count: size * input.columns)
      (target + size * input.columns).update(repeating: 0, count: (Self.chunk - size) * input.columns)
    }
  }
}
