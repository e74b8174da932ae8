import RealModule

extension ScoreHistogram {
  /// The interval of average precision, from the influence that each row has on it.
  ///
  /// With `P_i` the precision and `S_i` the rows selected at the score of positive row i, a row j with score s moves
  /// `AP = Σ_i P_i / P` by
  /// `ψ_j = [j positive]·(P_j − AP)/P + Σ_{i: s_i ≤ s} ([j positive] − P_i) / (S_i·P)`; the variance is `Σ ψ_j²`. The
  /// interval is formed on the scale of log odds, so that it stays in 0...1.
  ///
  /// - Parameters:
  ///   - value: The average precision that the interval is of; that of the histogram may be a little coarser.
  ///   - rowsPerWeight: What a unit of weight is worth in equal rows; 1 where every row weighs 1.
  /// - Returns: The interval; nil without positive rows.
  public func averagePrecisionInterval(around value: Double, rowsPerWeight: Double = 1, confidence: Double = 0.95)
    -> Interval?
  {
    let total = positives.reduce(0, +)
    guard invalidRows == 0, total > 0, let own = averagePrecision.value else { return nil }
    var selectedPositives = total
    var selected = total + negatives.reduce(0, +)
    // Sums over the positive rows up to a bin, of 1/S and of P/S.
    var (inverse, share) = (0.0, 0.0)
    var variance = 0.0
    for bin in positives.indices where positives[bin] + negatives[bin] > 0 {
      let precision = selectedPositives / selected
      inverse += positives[bin] / selected
      share += positives[bin] * precision / selected
      let ofPositive = (precision - own + inverse - share) / total
      let ofNegative = -share / total
      variance += positives[bin] * ofPositive * ofPositive + negatives[bin] * ofNegative * ofNegative
      selectedPositives -= positives[bin]
      selected -= positives[bin] + negatives[bin]
    }
    variance /= rowsPerWeight
    guard value > 0, value < 1, variance > 0 else {
      return wilsonInterval(share: value, rows: total * rowsPerWeight, confidence: confidence)
    }
    let half =
      NormalDistribution.criticalValue(confidence: confidence) * variance.squareRoot() / (value * (1 - value))
    let logit = Double.log(value / (1 - value))
    return Interval(low: 1 / (1 + .exp(half - logit)), high: 1 / (1 + .exp(-half - logit)))
  }
}
