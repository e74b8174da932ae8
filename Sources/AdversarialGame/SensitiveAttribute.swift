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
struct SensitiveTargets {
  let attributes: [SensitiveAttribute]

  /// 0 or 1 for a binary attribute, one-hot for a categorical one, `[n, k]`; 0 where missing.
  let targets: Matrix<Float>

  /// The weight of each row for each attribute, `[n, a]`: 0 where it is missing, and `n / n_known` where it is known, so
  /// that the mean over all n rows of weight times loss is the mean loss of the known rows, and that over a batch is so
  /// in expectation. λ thus means the same however many values are missing. Nil where all are 1.
  let weights: Matrix<Float>?

  /// - Parameter balanced: Whether the groups of an attribute weigh the same in total: a row of group g weighs
  ///   `n / (number of groups · n_g)`, as scikit-learn's `balanced` does.
  init(_ columns: [SensitiveColumn], rows: Int, balanced: Bool) {
    let attributes = SensitiveAttribute.attributes(of: columns)
    self.attributes = attributes
    let width = attributes.last?.columns.upperBound ?? 0
    var targets = Matrix<Float>(rows: rows, columns: width, repeating: 0)
    var weights = Matrix<Float>(rows: rows, columns: columns.count, repeating: 1)
    var isWeighted = balanced
    for (index, (column, attribute)) in zip(columns, attributes).enumerated() {
      var counts = [Int](repeating: 0, count: column.groups.count)
      for code in column.codes where code >= 0 { counts[Int(code)] += 1 }
      let present = counts.reduce(0, +)
      let groupWeights = counts.map { count in
        Float(Double(rows) / Double(balanced && count > 0 ? column.groups.count * count : max(1, present)))
      }
      for row in 0..<rows {
        let code = Int(column.codes[row])
        guard code >= 0 else {
          weights.values[row * columns.count + index] = 0
          isWeighted = true
          continue
        }
        weights.values[row * columns.count + index] = groupWeights[code]
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
