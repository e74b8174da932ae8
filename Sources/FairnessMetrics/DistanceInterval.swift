/// Intervals of distances, `Σ |dᵢ|`: statistics that noise makes larger where there is no distance.
///
/// A term that stands clear of 0 moves the distance with its sign, one that does not by up to its error's size, whatever
/// the sign. So the lower limit takes off a percentile of `Σ_clear sign(dᵢ)·eᵢ + Σ_other |eᵢ|`, with eᵢ the errors of the
/// terms, and the upper one a percentile of `Σ sign(dᵢ)·eᵢ`, which needs no more because the distance errs upwards. Where
/// all terms are clear the two are the usual ones; elsewhere the interval holds the true distance somewhat more often.
///
/// - Source: for the lower limit Fang and Santos (2019), "Inference on directionally differentiable functions", Rev. Econ.
///   Stud. 86.
struct DistanceInterval {
  /// A term is clear of 0 when it is so many standard errors away from it.
  private static let clearErrors = 2.5

  /// How an error of a term moves the distance.
  struct Direction {
    var sign: Double
    var isClear: Bool

    init(_ term: Double, error: Double) {
      sign = term < 0 ? -1 : 1
      isClear = abs(term) > clearErrors * error
    }
  }

  /// An error of the distance: at most, and by the signs of the terms.
  struct Error {
    var atMost = 0.0
    var signed = 0.0

    /// Adds the error of a term.
    @inline(__always) mutating func add(_ error: Double, _ direction: Direction) {
      let moved = direction.sign * error
      signed += moved
      atMost += direction.isClear ? moved : abs(error)
    }
  }

  /// The interval of a distance in 0...1 from draws of its error, each divided by a number.
  static func interval(_ value: Double, errors: [Error], over divisor: Double, confidence: Double) -> Interval? {
    guard
      let below = percentileInterval(errors.map { .defined($0.atMost / divisor) }, confidence: confidence),
      let above = percentileInterval(errors.map { .defined($0.signed / divisor) }, confidence: confidence)
    else { return nil }
    let low = min(1, max(0, value - below.high))
    return Interval(low: low, high: min(1, max(low, value - above.low)))
  }
}
