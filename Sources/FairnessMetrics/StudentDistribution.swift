import RealModule

/// Student's t distribution with a whole number of degrees of freedom.
package enum StudentDistribution {
  /// P(|T| ≤ t).
  ///
  /// With θ = atan(t/√ν), for odd ν `(2/π)·(θ + sin θ·(cos θ + ⅔·cos³θ + … ))`, for even ν
  /// `sin θ·(1 + ½·cos²θ + (1·3)/(2·4)·cos⁴θ + …)`, sums that end with the power ν − 2.
  ///
  /// - Parameters:
  ///   - t: At least 0.
  ///   - degrees: ν, at least 1.
  /// - Source: Abramowitz and Stegun, 26.7.3 and 26.7.4.
  package static func centralProbability(_ t: Double, degrees: Int) -> Double {
    precondition(degrees >= 1 && t >= 0, "StudentDistribution: t = \(t) with \(degrees) degrees of freedom")
    let theta = Double.atan(t / Double(degrees).squareRoot())
    let (sine, cosine) = (Double.sin(theta), Double.cos(theta))
    let isOdd = degrees % 2 == 1
    var term = isOdd ? cosine : 1.0
    var sum = degrees == 1 ? 0.0 : term
    // The powers of the cosine that end the sum are ν − 2.
    for power in stride(from: isOdd ? 3 : 2, through: max(degrees - 2, 0), by: 2) {
      term *= cosine * cosine * Double(power - 1) / Double(power)
      sum += term
    }
    return isOdd ? 2 / .pi * (theta + sine * sum) : sine * sum
  }

  /// The t of a two-sided interval: 2.776 for a confidence of 0.95 with 4 degrees of freedom.
  ///
  /// - Precondition: `0 < confidence < 1`.
  package static func criticalValue(confidence: Double, degrees: Int) -> Double {
    precondition(confidence > 0 && confidence < 1, "StudentDistribution: the confidence \(confidence)")
    var (low, high) = (0.0, 1.0)
    while centralProbability(high, degrees: degrees) < confidence && high < 1e300 { high *= 2 }
    while true {
      let middle = 0.5 * (low + high)
      if middle <= low || middle >= high { return middle }
      if centralProbability(middle, degrees: degrees) < confidence { low = middle } else { high = middle }
    }
  }
}

/// The mean of a statistic over independent runs, with its uncertainty.
public struct RepeatedEstimate: Sendable, Hashable {
  /// The mean over the runs that have the statistic, or why none has it.
  public var mean: MetricValue

  /// Student's interval of the mean; nil with fewer than two runs.
  public var interval: Interval?

  /// The runs that have the statistic.
  public var count: Int

  public init(mean: MetricValue, interval: Interval?, count: Int) {
    self.mean = mean
    self.interval = interval
    self.count = count
  }

  /// `x̄ ± t·s/√n` of the n values that exist, s with n − 1 in its denominator.
  ///
  /// - Parameters:
  ///   - values: The statistic of each run.
  ///   - confidence: Inside 0...1.
  ///   - range: What the statistic can be; the interval is cut to it.
  public init(_ values: [MetricValue], confidence: Double, range: ClosedRange<Double> = 0...1) {
    let numbers = values.compactMap(\.value)
    count = numbers.count
    guard !numbers.isEmpty else {
      mean = .undefined(values.first?.reason ?? "there are no runs")
      return
    }
    let mean = numbers.reduce(0, +) / Double(numbers.count)
    self.mean = .defined(mean)
    guard numbers.count > 1 else { return }
    let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count - 1)
    let half =
      StudentDistribution.criticalValue(confidence: confidence, degrees: numbers.count - 1)
      * (variance / Double(numbers.count)).squareRoot()
    interval = Interval(low: max(range.lowerBound, mean - half), high: min(range.upperBound, mean + half))
  }
}
