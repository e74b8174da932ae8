import FairnessMetrics
import LinearAlgebra
import TabularData

/// A sensitive attribute as an adversary's task: which of its outputs belong to it, and what they mean.
public struct SensitiveAttribute: Sendable, Hashable {
  /// What the adversary predicts.
  public enum Kind: Sendable, Hashable {
    /// Two groups: one output, the logit of the group with index `positive`.
    case binary(positive: Int)
    /// More than two groups: one output for each.
    case categorical
    /// Numbers without groups, standardised: one output, a guess of the number.
    case continuous
  }

  /// The attribute's name.
  public let name: String

  /// The names of its groups; none where it is continuous.
  public let groups: [String]

  public let kind: Kind

  /// Its columns among those of all attributes, `[n, k]`.
  public let columns: Range<Int>

  /// The attributes of a data set: those with groups in its order, then the continuous ones in theirs.
  public static func attributes(of dataset: Dataset) -> [SensitiveAttribute] {
    attributes(of: dataset.sensitive, continuous: dataset.continuous)
  }

  /// Attributes in the order of their columns. Of two groups the privileged one is positive, else the second.
  ///
  /// - Parameter continuous: The continuous ones, which come after the others.
  /// - Precondition: Every attribute of `columns` has at least two groups.
  public static func attributes(
    of columns: [SensitiveColumn], continuous: [ContinuousColumn] = []
  ) -> [SensitiveAttribute] {
    var offset = 0
    let grouped = columns.map { column in
      precondition(column.groups.count >= 2, "SensitiveAttribute: '\(column.name)' has fewer than two groups")
      let isBinary = column.groups.count == 2
      let width = isBinary ? 1 : column.groups.count
      defer { offset += width }
      return SensitiveAttribute(
        name: column.name, groups: column.groups,
        kind: isBinary ? .binary(positive: column.privileged ?? 1) : .categorical, columns: offset..<offset + width)
    }
    return grouped
      + continuous.enumerated().map { index, column in
        SensitiveAttribute(
          name: column.name, groups: [], kind: .continuous, columns: offset + index..<offset + index + 1)
      }
  }
}

/// The sensitive attributes of all rows as the numbers that an adversary's loss compares with.
package struct SensitiveTargets {
  let attributes: [SensitiveAttribute]

  /// 0 or 1 for a binary attribute, one-hot for a categorical one, the number of a continuous one, `[n, k]`; 0 where
  /// missing.
  package let targets: Matrix<Float>

  /// The weight of each row for each attribute, `[n, a]`: 0 where it is missing or the row does not play, and
  /// `n / n_known` where it is known, so that the mean over all n rows of weight times loss is the mean loss of the known
  /// rows, and that over a batch is so in expectation. λ thus means the same however many values are missing. Nil where all are 1.
  package let weights: Matrix<Float>?

  /// - Parameters:
  ///   - labels: The labels, 0 or 1, n of them.
  ///   - criterion: With equal opportunity, rows with label 0 count as if the attribute were missing.
  ///   - balanced: Whether the groups of an attribute weigh the same in total: a row of group g weighs
  ///     `n / (number of groups · n_g)`, as scikit-learn's `balanced` does; with equalized odds, so do the groups under
  ///     each label. A continuous attribute has nothing to balance.
  package init(
    _ columns: [SensitiveColumn], continuous: [ContinuousColumn] = [], labels: [Float],
    criterion: GameCriterion = .demographicParity, balanced: Bool
  ) {
    let rows = labels.count
    let isByLabel = balanced && criterion == .equalizedOdds
    let plays = { (row: Int) in criterion != .equalOpportunity || labels[row] > 0.5 }
    let cell = { (row: Int, code: Int, groups: Int) in isByLabel && labels[row] > 0.5 ? groups + code : code }
    let attributes = SensitiveAttribute.attributes(of: columns, continuous: continuous)
    let count = attributes.count
    self.attributes = attributes
    let width = attributes.last?.columns.upperBound ?? 0
    var targets = Matrix<Float>(rows: rows, columns: width, repeating: 0)
    var weights = Matrix<Float>(rows: rows, columns: count, repeating: 1)
    var isWeighted = balanced
    for (index, (column, attribute)) in zip(columns, attributes).enumerated() {
      let groups = column.groups.count
      var counts = [Int](repeating: 0, count: isByLabel ? 2 * groups : groups)
      for row in 0..<rows where column.codes[row] >= 0 && plays(row) {
        counts[cell(row, Int(column.codes[row]), groups)] += 1
      }
      let present = counts.reduce(0, +)
      let cellWeights = counts.map { count in
        Float(Double(rows) / Double(balanced && count > 0 ? counts.count * count : max(1, present)))
      }
      for row in 0..<rows {
        let code = Int(column.codes[row])
        guard code >= 0, plays(row) else {
          weights.values[row * count + index] = 0
          isWeighted = true
          continue
        }
        weights.values[row * count + index] = cellWeights[cell(row, code, groups)]
        switch attribute.kind {
        case .binary(let positive):
          targets.values[row * width + attribute.columns.lowerBound] = code == positive ? 1 : 0
        case .categorical:
          targets.values[row * width + attribute.columns.lowerBound + code] = 1
        case .continuous: break
        }
      }
    }
    for (place, column) in continuous.enumerated() {
      let index = columns.count + place
      let known = (0..<rows).filter { !column.values[$0].isNaN && plays($0) }
      if known.count < rows { isWeighted = true }
      let weight = Float(Double(rows) / Double(max(1, known.count)))
      for row in 0..<rows { weights.values[row * count + index] = 0 }
      for row in known {
        weights.values[row * count + index] = weight
        targets.values[row * width + attributes[index].columns.lowerBound] = column.values[row]
      }
    }
    self.targets = targets
    self.weights = isWeighted ? weights : nil
  }
}
