import RealModule
import TabularData

extension SensitiveColumn {
  /// The entropy of the groups in nats, over the rows on which an adversary plays: H(z); H(z | y) with equalized odds,
  /// where it sees the label; H(z | y = 1) with equal opportunity.
  ///
  /// It is the smallest mean cross-entropy that a guess can have which does not depend on the prediction. Rows where the
  /// attribute is missing do not count; 0 where none is left.
  package func entropy(labels: [Float], criterion: GameCriterion) -> Double {
    var counts = [[Int]](repeating: [Int](repeating: 0, count: groups.count), count: 2)
    for (code, label) in zip(codes, labels) where code >= 0 {
      if criterion == .equalOpportunity && label < 0.5 { continue }
      counts[criterion == .equalizedOdds && label > 0.5 ? 1 : 0][Int(code)] += 1
    }
    let total = counts.joined().reduce(0, +)
    guard total > 0 else { return 0 }
    return counts.reduce(0) { sum, counts in
      let rows = Double(counts.reduce(0, +))
      return counts.reduce(sum) { $1 > 0 ? $0 - Double($1) * Double.log(Double($1) / rows) : $0 }
    } / Double(total)
  }
}
