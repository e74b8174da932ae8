import RealModule

/// The scores of positive and of negative rows, counted in equal bins of 0...1: ranks in constant memory.
///
/// Histograms add up, so rows may come in pieces. What a histogram cannot know is the order of rows within a bin; it
/// takes them as tied, and says how far that may be from the truth.
public struct ScoreHistogram: Sendable, Hashable, Codable {
  /// The weight of the positive rows in each bin, `[bins]`.
  public private(set) var positives: [Double]

  /// The weight of the negative rows in each bin, `[bins]`.
  public private(set) var negatives: [Double]

  /// The number of rows whose score is NaN or lies outside 0...1; they are in no bin.
  public private(set) var invalidRows = 0

  /// An empty histogram.
  ///
  /// - Precondition: There is at least one bin.
  public init(bins: Int = 4096) {
    precondition(bins > 0, "ScoreHistogram: there must be at least one bin")
    positives = Array(repeating: 0, count: bins)
    negatives = positives
  }

  /// Adds one row.
  ///
  /// - Parameter weight: The row's weight, finite and at least 0.
  @inline(__always) public mutating func add(score: Double, label: Bool, weight: Double = 1) {
    guard score >= 0 && score <= 1 else {
      invalidRows += 1
      return
    }
    let bin = min(positives.count - 1, Int(score * Double(positives.count)))
    if label { positives[bin] += weight } else { negatives[bin] += weight }
  }

  mutating func replace(positives: [Double], negatives: [Double]) {
    self.positives = positives
    self.negatives = negatives
  }

  /// Adds the rows of another histogram.
  ///
  /// - Precondition: Both have equally many bins.
  public mutating func merge(_ other: ScoreHistogram) {
    precondition(
      positives.count == other.positives.count,
      "ScoreHistogram.merge: \(positives.count) bins and \(other.positives.count)")
    for bin in positives.indices {
      positives[bin] += other.positives[bin]
      negatives[bin] += other.negatives[bin]
    }
    invalidRows += other.invalidRows
  }

  /// The area under the ROC curve with rows of one bin taken as tied.
  ///
  /// The exact area differs from it by no more than `rocAUCErrorBound`.
  public var rocAUC: MetricValue {
    if let reason = undefinedReason { return .undefined(reason) }
    var below = 0.0
    var wins = 0.0
    for bin in positives.indices {
      wins += positives[bin] * (below + 0.5 * negatives[bin])
      below += negatives[bin]
    }
    return MetricValue(wins / positives.reduce(0, +) / negatives.reduce(0, +))
  }

  /// How far the exact area may lie from `rocAUC`, to either side: `½·Σ_b P_b·N_b / (P·N)`.
  ///
  /// Pairs of different bins are counted rightly; those within a bin count half, and may in truth all be won or all
  /// be lost. For scores spread evenly it is about `1 / (2·bins)`.
  public var rocAUCErrorBound: MetricValue {
    if let reason = undefinedReason { return .undefined(reason) }
    let unsure = zip(positives, negatives).reduce(0) { $0 + $1.0 * $1.1 }
    return MetricValue(0.5 * unsure / positives.reduce(0, +) / negatives.reduce(0, +))
  }

  /// Average precision with the rows of one bin taken as tied; see `averagePrecision(scores:labels:)`.
  public var averagePrecision: MetricValue {
    let total = positives.reduce(0, +)
    if invalidRows > 0 { return .undefined(invalidReason) }
    if total == 0 { return .undefined("no row has a positive label") }
    var sum = AveragePrecisionSum()
    for bin in positives.indices.reversed() { sum.add(positives: positives[bin], negatives: negatives[bin]) }
    return MetricValue(sum.value / total)
  }

  /// Expected calibration error with every row at the middle of its bin; see `ScoreSums.expectedCalibrationError`.
  ///
  /// - Parameter bins: The number of bins to judge calibration in.
  public func expectedCalibrationError(bins: Int = 10) -> MetricValue {
    if invalidRows > 0 { return .undefined(invalidReason) }
    var gaps = [Double](repeating: 0, count: bins)
    var total = 0.0
    for bin in positives.indices {
      let middle = (Double(bin) + 0.5) / Double(positives.count)
      let weight = positives[bin] + negatives[bin]
      gaps[min(bins - 1, Int(middle * Double(bins)))] += weight * middle - positives[bin]
      total += weight
    }
    return MetricValue(gaps.reduce(0) { $0 + abs($1) }, over: total, orElse: "there are no rows")
  }

  /// The area under the ROC curve with its variance after DeLong, rows of one bin taken as tied; nil without two rows
  /// of each label. See `deLongROCAUC(scores:labels:)`.
  ///
  /// - Parameter rowsPerWeight: What a unit of weight is worth in equal rows; 1 where every row weighs 1.
  public func rocAUCEstimate(rowsPerWeight scale: Double = 1) -> ROCAUCEstimate? {
    guard case .defined(let area) = rocAUC else { return nil }
    let positiveRows = positives.reduce(0, +) * scale
    let negativeRows = negatives.reduce(0, +) * scale
    guard positiveRows >= 2 && negativeRows >= 2 else { return nil }
    var positiveSquares = CompensatedSum()
    var negativeSquares = CompensatedSum()
    var (positivesBelow, negativesBelow) = (0.0, 0.0)
    for bin in positives.indices where positives[bin] + negatives[bin] > 0 {
      let (positives, negatives) = (scale * positives[bin], scale * negatives[bin])
      let beaten = (negativesBelow + 0.5 * negatives) / negativeRows - area
      let beatenBy = (positiveRows - positivesBelow - 0.5 * positives) / positiveRows - area
      positiveSquares.add(positives * beaten * beaten)
      negativeSquares.add(negatives * beatenBy * beatenBy)
      positivesBelow += positives
      negativesBelow += negatives
    }
    let variance =
      positiveSquares.value / (positiveRows - 1) / positiveRows
      + negativeSquares.value / (negativeRows - 1) / negativeRows
    return ROCAUCEstimate(
      area: area, variance: variance, rowsOfRarerLabel: Int(min(positiveRows, negativeRows)))
  }

  /// The mean of a function of score and label (0 or 1), with every row at the middle of its bin.
  package func mean(_ function: (_ score: Double, _ label: Double) -> Double) -> MetricValue {
    if invalidRows > 0 { return .undefined(invalidReason) }
    var sum = 0.0
    var total = 0.0
    for bin in positives.indices where positives[bin] + negatives[bin] > 0 {
      let middle = (Double(bin) + 0.5) / Double(positives.count)
      sum += positives[bin] * function(middle, 1) + negatives[bin] * function(middle, 0)
      total += positives[bin] + negatives[bin]
    }
    return MetricValue(sum, over: total, orElse: "there are no rows")
  }

  /// Log loss with every row at the middle of its bin, in nats.
  package var logLossAtMiddles: MetricValue {
    mean { score, label in label > 0 ? -.log(score) : -.log(onePlus: -score) }
  }

  /// The share of rows that score below the upper end of each bin, `[bins]`; nil where there are none.
  public var cumulativeShares: [Double]? {
    let total = positives.reduce(0, +) + negatives.reduce(0, +)
    guard total > 0 else { return nil }
    var sum = 0.0
    return positives.indices.map { bin in
      sum += positives[bin] + negatives[bin]
      return sum / total
    }
  }

  private var invalidReason: String { "a score lies outside 0...1 (\(invalidRows) rows)" }

  private var undefinedReason: String? {
    if invalidRows > 0 { return invalidReason }
    return missingClass(positives: positives.reduce(0, +), negatives: negatives.reduce(0, +))
  }
}
