import RealModule

/// How close probabilities come to the labels: sums over rows from which log loss, Brier score, calibration error and
/// mean score follow.
///
/// Sums of two sets of rows, merged, are those of both together, but for the last bit; memory does not grow with the
/// rows.
public struct ScoreSums: Sendable, Hashable, Codable {
  /// One of the equal bins that calibration is judged in: sums of the weights, and of the scores and labels times them.
  private typealias Bin = CompensatedSums<SIMD4<Double>>

  private static let binWeight = 0
  private static let binScore = 1
  private static let binLabel = 2

  /// The sums of a row's loss, of its square, and so on, each times the weight; of the weight its square alone.
  private static let logLoss = 0
  private static let squaredLogLoss = 1
  private static let squaredError = 2
  private static let fourthPowerError = 3
  private static let squaredScore = 4
  private static let squaredWeight = 5

  /// The number of rows, whatever their weights.
  public private(set) var rows = 0

  /// The number of rows whose score is NaN or lies outside 0...1; they are in none of the sums.
  public private(set) var invalidRows = 0

  private var sums = CompensatedSums<SIMD8<Double>>()
  private var bins: [Bin]

  /// The sums of no rows.
  ///
  /// - Parameter calibrationBins: The number of equal bins of 0...1 for `expectedCalibrationError`.
  /// - Precondition: There is at least one bin.
  public init(calibrationBins: Int = 10) {
    precondition(calibrationBins > 0, "ScoreSums: there must be at least one calibration bin")
    bins = Array(repeating: Bin(), count: calibrationBins)
  }

  /// Adds one row.
  ///
  /// - Parameters:
  ///   - score: The probability of a positive label, in 0...1.
  ///   - label: The label.
  ///   - weight: The row's weight, finite and at least 0.
  @inline(__always) public mutating func add(score: Double, label: Bool, weight: Double = 1) {
    rows += 1
    guard score >= 0 && score <= 1 else {
      invalidRows += 1
      return
    }
    // scikit-learn's clipping, so that one certain error does not make the mean infinite.
    let clipped = min(max(score, .ulpOfOne), 1 - .ulpOfOne)
    // −ln s or −ln(1 − s) by one logarithm: what 1 − s loses to rounding is added back to first order.
    let chance = label ? clipped : 1 - clipped
    let lost = label ? 0 : (1 - chance) - clipped
    let loss = -(.log(chance) + lost / chance)
    let error = score - (label ? 1 : 0)
    let square = error * error
    sums.add(
      SIMD8(
        weight * loss, weight * loss * loss, weight * square, weight * square * square, weight * score * score,
        weight * weight, 0, 0))
    let bin = min(bins.count - 1, Int(score * Double(bins.count)))
    bins.withUnsafeMutableBufferPointer { bins in
      bins[bin].add(SIMD4(weight, weight * score, label ? weight : 0, 0))
    }
  }

  /// The sums of no rows, with as many bins.
  func emptied() -> ScoreSums { ScoreSums(calibrationBins: bins.count) }

  /// Adds the rows of other sums.
  ///
  /// - Precondition: Both have equally many calibration bins.
  public mutating func merge(_ other: ScoreSums) {
    precondition(bins.count == other.bins.count, "ScoreSums.merge: \(bins.count) bins and \(other.bins.count)")
    rows += other.rows
    invalidRows += other.invalidRows
    sums.merge(other.sums)
    for bin in bins.indices { bins[bin].merge(other.bins[bin]) }
  }

  /// `−mean(y·ln s + (1 − y)·ln(1 − s))`, with s kept 2⁻⁵² away from 0 and 1, as scikit-learn does. In nats.
  public var logLoss: MetricValue { mean(sums.value(Self.logLoss)) }

  /// `mean((s − y)²)`, in 0...1.
  public var brierScore: MetricValue { mean(sums.value(Self.squaredError)) }

  /// `mean(s)`.
  public var meanScore: MetricValue { mean(total(Self.binScore)) }

  /// The population's standard deviation of the scores, `√(mean(s²) − mean(s)²)`.
  public var scoreDeviation: MetricValue {
    mean(sums.value(Self.squaredScore)).combined(with: meanScore) { max(0, $0 - $1 * $1).squareRoot() }
  }

  /// `Σ_b W_b/W·|mean score in b − share of positive labels in b|` over equal bins b of 0...1, each with its lower end
  /// (and the last with both ends); in 0...1.
  public var expectedCalibrationError: MetricValue {
    mean(bins.reduce(0) { $0 + abs($1.value(Self.binScore) - $1.value(Self.binLabel)) })
  }

  /// The interval of `logLoss`, from the spread of the rows' losses.
  public func logLossInterval(confidence: Double = 0.95) -> Interval? {
    interval(of: logLoss, squares: sums.value(Self.squaredLogLoss), confidence: confidence)
  }

  /// The interval of `brierScore`, from the spread of the rows' squared errors.
  public func brierScoreInterval(confidence: Double = 0.95) -> Interval? {
    interval(of: brierScore, squares: sums.value(Self.fourthPowerError), confidence: confidence)
  }

  /// The interval of `meanScore`, from the spread of the scores.
  public func meanScoreInterval(confidence: Double = 0.95) -> Interval? {
    interval(of: meanScore, squares: sums.value(Self.squaredScore), confidence: confidence)
  }

  /// `mean ± z·s/√n` of numbers that are not negative, with n the number of equal rows that say as much as these with
  /// their weights; none for fewer than two.
  private func interval(of mean: MetricValue, squares: Double, confidence: Double) -> Interval? {
    let weight = total(Self.binWeight)
    let squaredWeight = sums.value(Self.squaredWeight)
    guard let mean = mean.value, squaredWeight > 0 else { return nil }
    let effectiveRows = weight * weight / squaredWeight
    guard effectiveRows > 1 else { return nil }
    let variance = max(0, squares / weight - mean * mean) * effectiveRows / (effectiveRows - 1)
    let half = NormalDistribution.criticalValue(confidence: confidence) * (variance / effectiveRows).squareRoot()
    return Interval(low: max(0, mean - half), high: mean + half)
  }

  private func total(_ sum: Int) -> Double {
    var total = Bin()
    for bin in bins { total.merge(bin) }
    return total.value(sum)
  }

  private func mean(_ sum: Double) -> MetricValue {
    if invalidRows > 0 { return .undefined("a score lies outside 0...1 (\(invalidRows) of \(rows) rows)") }
    return MetricValue(
      sum, over: total(Self.binWeight), orElse: rows == 0 ? "there are no rows" : "the rows have no weight")
  }
}
