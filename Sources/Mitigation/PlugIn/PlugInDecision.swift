/// The decision that is best under constraints on rates, for a classifier that knows how likely each cell is.
///
/// A *cell* is a combination of groups and a label (see `RateConstraintRows`). With multipliers λ of linear constraints,
/// selecting a row gains `2η − 1` in accuracy, η = P(y = 1 | x), and costs `A = Σ_c P(c | x)·cost_c`, where `cost_c` sums
/// the multipliers times what a selected row of cell c adds to each constraint. So the best decision selects where
///
/// `2η(x) − 1 − A(x) > 0`.
///
/// The groups are not read when deciding: how likely they are is predicted from the features.
///
/// - Source: the Bayes-optimal classifiers under linear constraints of Menon and Williamson (2018), FAT*, and of Celis et
///   al. (2019), FAT*, with estimates in the place of the probabilities.
public struct PlugInDecision: Sendable, Hashable, Codable {
  /// What selecting a row of each cell costs, `[cells]`; cells of odd index have the label 1.
  public let cellCosts: [Double]

  /// - Precondition: The number of cells is even, and their costs are finite.
  public init(cellCosts: [Double]) {
    precondition(
      cellCosts.count % 2 == 0 && cellCosts.allSatisfy(\.isFinite),
      "PlugInDecision: \(cellCosts.count) costs, or one that is not finite")
    self.cellCosts = cellCosts
  }

  /// The decision without constraints: η > ½.
  public static func unconstrained(cells: Int) -> PlugInDecision {
    PlugInDecision(cellCosts: [Double](repeating: 0, count: cells))
  }

  /// What selecting the row gains, `2η − 1 − A`; it is selected where that is above 0.
  ///
  /// - Parameter probabilities: How likely each cell is, `[cells]`; they sum to 1.
  public func gain(_ probabilities: some Collection<Float>) -> Double {
    let (eta, cost) = sums(probabilities)
    return 2 * eta - 1 - cost
  }

  /// A score in 0...1 that is above ½ exactly where the row is selected, and is η where nothing is constrained.
  ///
  /// It is the root p of `p = η − 2·A·p·(1 − p)` that grows with η: where A is 0 it is η, at p = ½ the gain is 0, and
  /// scores near 0 and 1 stay there.
  public func score(_ probabilities: some Collection<Float>) -> Double {
    let (eta, cost) = sums(probabilities)
    let a = 2 * cost
    let root = max(0, (1 + a) * (1 + a) - 4 * a * eta).squareRoot()
    // Of the two forms of the root the one without cancellation.
    let score = 1 + a >= 0 ? (eta == 0 ? 0 : 2 * eta / (1 + a + root)) : (1 + a - root) / (2 * a)
    return min(1, max(0, score))
  }

  private func sums(_ probabilities: some Collection<Float>) -> (eta: Double, cost: Double) {
    precondition(
      probabilities.count == cellCosts.count,
      "PlugInDecision: \(probabilities.count) probabilities of \(cellCosts.count) cells")
    var (eta, cost) = (0.0, 0.0)
    for (cell, probability) in probabilities.enumerated() {
      if cell % 2 == 1 { eta += Double(probability) }
      cost += Double(probability) * cellCosts[cell]
    }
    return (eta, cost)
  }
}
