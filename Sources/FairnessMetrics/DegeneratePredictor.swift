/// A sign that a predictor decides nothing, however fair that looks: one that never selects has no false positives.
public enum Degeneracy: Sendable, Hashable {
  /// Every row gets the same decision.
  case constantDecisions(selected: Bool)
  /// All rows but a small share get the same decision; `minority` is that share.
  case nearlyConstantDecisions(selected: Bool, minority: Double)
  /// Every row has the same score.
  case constantScores(Double)
  /// The scores' standard deviation is small.
  case nearlyConstantScores(deviation: Double)

  /// Decisions are nearly constant where the rarer one has less than this share of the rows.
  public static let minorityShare = 0.01

  /// Whether a predictor that selects this share of the rows decides nearly all of them alike, so that it treats groups
  /// alike without being of use. The one definition, for choosing, judging and reporting.
  public static func isNearlyConstant(selectionRate: Double) -> Bool {
    !(minorityShare...(1 - minorityShare)).contains(selectionRate)
  }
}

/// Finds out whether a predictor is constant, or nearly so.
///
/// - Parameters:
///   - counts: The counts of all rows at the decision threshold.
///   - scoreSums: Sums over the scores, where there are any.
///   - minorityShare: Decisions are nearly constant where the rarer one has less than this share of the rows.
///   - deviation: Scores are nearly constant where their standard deviation is less than this.
/// - Returns: The signs found; none for a predictor that decides, and none for fewer than two rows, which cannot differ.
public func degeneracies(
  counts: ConfusionCounts, scoreSums: ScoreSums? = nil, minorityShare: Double = Degeneracy.minorityShare,
  deviation: Double = 0.01
) -> [Degeneracy] {
  var found: [Degeneracy] = []
  guard counts.rows >= 2 else { return [] }
  if case .defined(let rate) = ClassificationRate.selectionRate(counts) {
    let minority = min(rate, 1 - rate)
    if minority == 0 {
      found.append(.constantDecisions(selected: rate == 1))
    } else if minority < minorityShare {
      found.append(.nearlyConstantDecisions(selected: rate > 0.5, minority: minority))
    }
  }
  if let sums = scoreSums, case .defined(let spread) = sums.scoreDeviation, case .defined(let mean) = sums.meanScore {
    // The deviation of equal scores is 0 but for rounding, which the root makes as large as √ulp.
    if spread <= 4 * Double.ulpOfOne.squareRoot() {
      found.append(.constantScores(mean))
    } else if spread < deviation {
      found.append(.nearlyConstantScores(deviation: spread))
    }
  }
  return found
}
