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
  }

  /// The attribute's name.
  public let name: String

  /// The names of its groups.
  public let groups: [String]

  public let kind: Kind

  /// Its columns among those of all attributes, `[n, k]`.
  public let columns: Range<Int>

  /// The attributes of a data set, in its order. Of two groups the privileged one is positive, else the second.
  ///
  /// - Precondition: Every attribute has at least two groups.
  public static func attributes(of columns: [SensitiveColumn]) -> [SensitiveAttribute] {
    var offset = 0
    return columns.map { column in
      precondition(column.groups.count >= 2, "SensitiveAttribute: '\(column.name)' has fewer than two groups")
      let isBinary = column.groups.count == 2
      let width = isBinary ? 1 : column.groups.count
      defer { offset += width }
      return SensitiveAttribute(
        name: column.name, groups: column.groups,
        kind: isBinary ? .binary(positive: column.privileged ?? 1) : .categorical, columns: offset..<offset + width)
    }
  }
}

/// The sensitive attributes of all rows as the numbers that an adversary's loss compares with.
package struct SensitiveTargets {
  let attributes: [SensitiveAttribute]

  /// 0 or 1 for a binary attribute, one-hot for a categorical one, `[n, k]`; 0 where missing.
  package let targets: Matrix<Float>

  /// The weight of each row for each attribute, `[n, a]`: 0 where it is missing or the row does not play, and `n / n_known` where it is known, so
  /// that the mean over all n rows of weight times loss is the mean loss of the known rows, and that over a batch is so
  /// in expectation. λ thus means the same however many values are missing. Nil where all are 1.
  package let weights: Matrix<Float>?

  /// - Parameters:
  ///   - labels: The labels, 0 or 1, n of them.
  ///   - criterion: With equal opportunity, rows with label 0 count as if the attribute were missing.
  ///   - balanced: Whether the groups of an attribute weigh the same in total: a row of group g weighs
  ///     `n / (number of groups · n_g)`, as scikit-learn's `balanced` does; with equalized odds, so do the groups under
  ///     each label.
  package init(
    _ columns: [SensitiveColumn], labels: [Float], criterion: GameCriterion = .demographicParity, balanced: Bool
  ) {
    let rows = labels.count
    let isByLabel = balanced && criterion == .equalizedOdds
    let plays = { (row: Int) in criterion != .equalOpportunity || labels[row] > 0.5 }
    let cell = { (row: Int, code: Int, groups: Int) in isByLabel && labels[row] > 0.5 ? groups + code : code }
    let attributes = SensitiveAttribute.attributes(of: columns)
    self.attributes = attributes
    let width = attributes.last?.columns.upperBound ?? 0
    var targets = Matrix<Float>(rows: rows, columns: width, repeating: 0)
    var weights = Matrix<Float>(rows: rows, columns: columns.count, repeating: 1)
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
          weights.values[row * columns.count + index] = 0
          isWeighted = true
          continue
        }
        weights.values[row * columns.count + index] = cellWeights[cell(row, code, groups)]
        switch attribute.kind {
        case .binary(let positive):
          targets.values[row * width + attribute.columns.lowerBound] = code == positive ? 1 : 0
        case .categorical:
          targets.values[row * width + attribute.columns.lowerBound + code] = 1
        }
      }
    }
    self.targets = targets
    self.weights = isWeighted ? weights : nil
  }
}
