/// Intervals of distances, `Σ |dᵢ|`: statistics that noise makes larger where there is no distance.
///
/// A term that stands clear of 0 moves the distance with its sign, one that does not moves it by its size, whatever the
/// sign: the error of the distance is about `Σ_clear sign(dᵢ)·eᵢ + Σ_other |eᵢ|` with eᵢ the errors of the terms. Its
/// percentiles, from draws, are taken off the distance. That is right both where all terms are clear and where none is.
///
/// - Source: Fang and Santos (2019), "Inference on directionally differentiable functions", Rev. Econ. Stud. 86.
enum DistanceInterval {
  /// A term is clear of 0 when it is so many standard errors away from it.
  private static let clearErrors = 2.5

  /// How an error of a term moves the distance: 1 or −1 with it, 0 by its size.
  static func direction(_ term: Double, error: Double) -> Double {
    abs(term) > clearErrors * error ? (term < 0 ? -1 : 1) : 0
  }

  /// The error of the distance that follows from one of a term.
  @inline(__always) static func moved(_ direction: Double, by error: Double) -> Double {
    direction == 0 ? abs(error) : direction * error
  }

  /// The interval of a distance in 0...1 from draws of its error.
  static func interval(_ value: Double, errors: [Double], confidence: Double) -> Interval? {
    percentileInterval(errors.map { .defined($0) }, confidence: confidence).map { drawn in
      let low = min(1, max(0, value - drawn.high))
      return Interval(low: low, high: min(1, max(low, value - drawn.low)))
    }
  }
}
