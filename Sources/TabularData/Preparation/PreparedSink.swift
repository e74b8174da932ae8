import LinearAlgebra

/// Encoded rows of one split, in the order of the source.
struct EncodedRows: Sendable {
  /// The features in the form that the encoder asks for.
  enum Features: Sendable {
    /// Row after row, d values each.
    case dense([Float])
    /// Deviations from the encoder's base row; ends of rows are counted from the split's first row.
    case deviations(DeviationBuffer)
  }

  var features: Features
  var labels: [Float]
  /// The group of each row, by sensitive attribute.
  var codes: [[Int32]]
  /// The standardised number of each row, by continuous attribute.
  var numbers: [[Float]] = []
  var weights: [Float]?
}

/// Where encoded rows go.
protocol PreparedSink: AnyObject {
  /// Tells what will come.
  ///
  /// - Parameter rows: The number of rows of each split.
  func begin(
    _ encoder: FeatureEncoder, attributes: [SensitiveCoder], continuous: [ContinuousCoder], rows: [SplitName: Int],
    isWeighted: Bool
  ) throws(DataError)

  /// Takes the next rows of a split.
  func append(_ rows: EncodedRows, to split: SplitName) throws(DataError)
}

/// Keeps encoded rows in memory.
final class MemorySink: PreparedSink {
  private struct Split {
    var dense: [Float] = []
    var starts: [Int32] = [0]
    var columns: [Int32] = []
    var values: [Float] = []
    var labels: [Float] = []
    var codes: [[Int32]] = []
    var numbers: [[Float]] = []
    var weights: [Float]?
  }

  private var splits: [SplitName: Split] = [:]

  func begin(
    _ encoder: FeatureEncoder, attributes: [SensitiveCoder], continuous: [ContinuousCoder], rows: [SplitName: Int],
    isWeighted: Bool
  ) {
    splits = rows.mapValues { _ in
      Split(
        codes: attributes.map { _ in [] }, numbers: continuous.map { _ in [] }, weights: isWeighted ? [] : nil)
    }
  }

  func append(_ rows: EncodedRows, to name: SplitName) {
    guard var split = splits[name] else { preconditionFailure("MemorySink: no split \(name)") }
    // The only reference, so that appending copies nothing of what is there.
    splits[name] = nil
    switch rows.features {
    case .dense(let values): Self.append(values, to: &split.dense)
    case .deviations(let rows):
      split.starts += rows.ends
      Self.append(rows.columns, to: &split.columns)
      Self.append(rows.values, to: &split.values)
    }
    Self.append(rows.labels, to: &split.labels)
    for index in rows.codes.indices { Self.append(rows.codes[index], to: &split.codes[index]) }
    for index in rows.numbers.indices { Self.append(rows.numbers[index], to: &split.numbers[index]) }
    if let weights = rows.weights { split.weights = (split.weights ?? []) + weights }
    splits[name] = split
  }

  /// The rows of a source of one piece are taken as they are.
  private static func append<Element>(_ new: [Element], to array: inout [Element]) {
    if array.isEmpty { array = new } else { array += new }
  }

  /// The data sets, when all rows have come.
  func datasets(_ preparation: Preparation) -> [SplitName: Dataset] {
    let base = preparation.encoder.baseRow
    var datasets: [SplitName: Dataset] = [:]
    for (name, split) in splits {
      let sensitive = zip(preparation.sensitive, split.codes).map { $0.column(codes: $1) }
      let continuous = zip(preparation.continuous, split.numbers).map { ContinuousColumn(name: $0.column, values: $1) }
      let sourceRows = preparation.sourceRows[name] ?? []
      if let base {
        datasets[name] = Dataset(
          featureRows: FeatureRows(base: base, starts: split.starts, columns: split.columns, values: split.values),
          labels: split.labels, labelKind: preparation.label.kind, sensitive: sensitive, continuous: continuous,
          weights: split.weights, sourceRows: sourceRows)
      } else {
        datasets[name] = Dataset(
          features: Matrix(
            rows: split.labels.count, columns: preparation.encoder.featureCount, values: split.dense),
          labels: split.labels, labelKind: preparation.label.kind, sensitive: sensitive, continuous: continuous,
          weights: split.weights, sourceRows: sourceRows)
      }
    }
    return datasets
  }
}

extension SensitiveCoder {
  /// The attribute with given codes.
  func column(codes: [Int32]) -> SensitiveColumn {
    SensitiveColumn(name: column, groups: groups, privileged: privileged, codes: codes)
  }
}
