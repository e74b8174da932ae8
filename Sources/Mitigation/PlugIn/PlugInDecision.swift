import LinearAlgebra
import RealModule

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
    let sums = sums(probabilities)
    return 2 * sums.eta - 1 - sums.cost
  }

  /// A score in 0...1 that is above ½ exactly where the row is selected, and is η where nothing is constrained.
  ///
  /// The row is selected where η is above `t = (1 + A)/2 = ½ Σ_c P(c | x)·(1 + cost_c)`; `1 − t` is the same with
  /// `1 − cost_c`. With `l = lod η` and `d = lod t`, where `lod p = log((p + ε)/(1 − p + ε))` and ε = 0.01, the score
  /// is `lod⁻¹(l − d·max(0, 1 − |l − d|/max(4, 1.5·|d|)))`: shifted by d where the decision is near, so that the
  /// threshold lies at ½, and by less and less away from it, so that ranks far from the threshold stay those of η. It
  /// grows with η, as the slope in l is at least ⅓.
  ///
  /// Plain log odds, ε = 0, would tell thresholds near 0 and 1 apart by digits that probabilities of single precision
  /// do not have: t is a difference of such, and two machines would give one row scores that differ in the fifth digit.
  ///
  /// The constraints hold for decisions at ½, and not at other thresholds.
  public func score(_ probabilities: some Collection<Float>) -> Double {
    let sums = sums(probabilities)
    // Probabilities of single precision may add up to a little more than 1.
    if sums.cost == 0 { return min(1, sums.eta) }
    let softening = Self.softening
    func logOdds(_ share: Double, _ rest: Double) -> Double { Double.log((share + softening) / (rest + softening)) }
    // A threshold below 0 or above 1 is out of reach.
    func bound(_ share: Double) -> Double { min(1 + softening / 2, max(-softening / 2, share)) }
    let l = logOdds(sums.eta, sums.rest)
    let d = logOdds(bound(sums.threshold), bound(sums.aboveThreshold))
    let shifted = l - d * max(0, 1 - abs(l - d) / max(4, 1.5 * abs(d)))
    let score = (1 + 2 * softening) / (1 + Double.exp(-shifted)) - softening
    return min(1, max(0, score))
  }

  /// ε of the score.
  package static let softening = 0.01

  /// The scores of rows, n of them.
  ///
  /// - Parameter probabilities: How likely each cell is for each row, `[n, cells]`.
  public func scores(_ probabilities: Matrix<Float>) -> [Float] {
    let cells = probabilities.columns
    return (0..<probabilities.rows).map { row in
      Float(score(probabilities.values[row * cells..<(row + 1) * cells]))
    }
  }

  private struct Sums {
    /// The chance of the label 1, and that of the label 0.
    var eta = 0.0
    var rest = 0.0
    /// What selecting the row costs.
    var cost = 0.0
    /// The chance of the label 1 that selects the row, `t`, and `1 − t`.
    var threshold = 0.0
    var aboveThreshold = 0.0
  }

  private func sums(_ probabilities: some Collection<Float>) -> Sums {
    precondition(
      probabilities.count == cellCosts.count,
      "PlugInDecision: \(probabilities.count) probabilities of \(cellCosts.count) cells")
    var sums = Sums()
    for (cell, probability) in probabilities.enumerated() {
      let (probability, cost) = (Double(probability), cellCosts[cell])
      if cell % 2 == 1 { sums.eta += probability } else { sums.rest += probability }
      sums.cost += probability * cost
      sums.threshold += probability * (0.5 + 0.5 * cost)
      sums.aboveThreshold += probability * (0.5 - 0.5 * cost)
    }
    return sums
  }
}
