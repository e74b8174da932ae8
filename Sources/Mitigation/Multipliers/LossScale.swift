import RealModule
import TabularData

/// Losses in units of what there is to know, so that λ means the same whatever the data.
///
/// A predictor that knows nothing of x has the cross-entropy H, the entropy of what it predicts. `loss/H` is 1 for it, on
/// every data set; so `L_y/H(Y) − λ·L_z/H(Z)` weighs the same share of what each could lose.
public enum LossScale {
  /// The entropy of groups or labels, `−Σ p·ln p`, in nats; nil where all rows are of one, and there is nothing to know.
  ///
  /// - Parameter weights: The weight of each group, at least 0.
  public static func entropy(_ weights: [Double]) -> Double? {
    let total = weights.reduce(0, +)
    guard total > 0, weights.count(where: { $0 > 0 }) > 1 else { return nil }
    return weights.reduce(0) { sum, weight in
      let share = weight / total
      return share > 0 ? sum - share * .log(share) : sum
    }
  }

  /// What the adversary's loss is multiplied by beside a label loss in nats: `λ · H(Y)/H(Z)`.
  ///
  /// - Returns: The coefficient; nil where one of them holds nothing to know.
  public static func coefficient(lambda: Double, labels: [Double], groups: [Double]) -> Double? {
    guard let label = entropy(labels), let group = entropy(groups) else { return nil }
    return lambda * label / group
  }

  /// How many rows of a data set have each label, 0 and 1.
  static func labelWeights(of rows: Dataset) -> [Double] {
    let positive = Double(rows.labels.count { $0 > 0.5 })
    return [Double(rows.rows) - positive, positive]
  }

  /// How many rows each group of an attribute has; where groups are balanced, as much each.
  static func groupWeights(of column: SensitiveColumn, balanced: Bool) -> [Double] {
    var weights = [Double](repeating: 0, count: column.groups.count)
    for code in column.codes where code >= 0 { weights[Int(code)] += 1 }
    return balanced ? weights.map { $0 > 0 ? 1 : 0 } : weights
  }
}
