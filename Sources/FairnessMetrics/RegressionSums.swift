/// How close predicted numbers come to the true ones: sums over rows from which the errors of a regression follow.
///
/// Sums of two sets of rows, merged, are those of both together, but for the last bit.
public struct RegressionSums: Sendable, Hashable, Codable {
  /// The number of rows, whatever their weights.
  public private(set) var rows = 0

  /// The number of rows with a prediction or target that is NaN or infinite; they are in none of the sums.
  public private(set) var invalidRows = 0

  private var weight = CompensatedSum()
  private var predictionSum = CompensatedSum()
  private var errorSum = CompensatedSum()
  private var absoluteErrorSum = CompensatedSum()
  private var squaredErrorSum = CompensatedSum()

  /// The sums of no rows.
  public init() {}

  /// Adds one row.
  ///
  /// - Parameter weight: The row's weight, finite and at least 0.
  public mutating func add(prediction: Double, target: Double, weight: Double = 1) {
    rows += 1
    let error = prediction - target
    guard error.isFinite else {
      invalidRows += 1
      return
    }
    self.weight.add(weight)
    predictionSum.add(weight * prediction)
    errorSum.add(weight * error)
    absoluteErrorSum.add(weight * abs(error))
    squaredErrorSum.add(weight * error * error)
  }

  /// Adds the rows of other sums.
  public mutating func merge(_ other: RegressionSums) {
    rows += other.rows
    invalidRows += other.invalidRows
    weight.merge(other.weight)
    predictionSum.merge(other.predictionSum)
    errorSum.merge(other.errorSum)
    absoluteErrorSum.merge(other.absoluteErrorSum)
    squaredErrorSum.merge(other.squaredErrorSum)
  }

  /// `mean(prediction)`.
  public var meanPrediction: MetricValue { mean(predictionSum) }

  /// `mean(prediction − target)`: positive where predictions are too high.
  public var meanError: MetricValue { mean(errorSum) }

  /// `mean(|prediction − target|)`.
  public var meanAbsoluteError: MetricValue { mean(absoluteErrorSum) }

  /// `√mean((prediction − target)²)`.
  public var rootMeanSquaredError: MetricValue {
    let square = mean(squaredErrorSum)
    return square.combined(with: square) { square, _ in square.squareRoot() }
  }

  private func mean(_ sum: CompensatedSum) -> MetricValue {
    if invalidRows > 0 {
      return .undefined("a prediction or target is not a finite number (\(invalidRows) of \(rows) rows)")
    }
    return MetricValue(
      sum.value, over: weight.value, orElse: rows == 0 ? "there are no rows" : "the rows have no weight")
  }
}
