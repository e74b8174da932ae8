extension ScoreHistogram {
  /// The interval of the expected calibration error, with every row at the middle of its bin.
  ///
  /// A calibration bin's sum of `s − y` is nearly normal, with the variance `Σ (s − y)²` of its rows. The error adds up
  /// the sums' sizes, so that noise makes it larger; see `DistanceInterval`. A calibrated model's interval reaches down to 0.
  ///
  /// - Parameters:
  ///   - value: The error that the interval is of; that of the histogram may be a little coarser.
  ///   - bins: The number of bins that calibration is judged in.
  ///   - bootstrap: Seed and number of the draws.
  ///   - stream: A number for the slice, so that slices that share no rows are drawn independently.
  ///   - rowsPerWeight: What a unit of weight is worth in equal rows; 1 where every row weighs 1.
  public func expectedCalibrationErrorInterval(
    around value: Double, bins: Int = 10, bootstrap: PoissonBootstrap, stream: Int, rowsPerWeight: Double = 1,
    confidence: Double = 0.95
  ) -> Interval? {
    var gaps = [Double](repeating: 0, count: bins)
    var variances = gaps
    var total = 0.0
    for bin in positives.indices {
      let middle = (Double(bin) + 0.5) / Double(positives.count)
      let place = min(bins - 1, Int(middle * Double(bins)))
      gaps[place] += negatives[bin] * middle - positives[bin] * (1 - middle)
      variances[place] += negatives[bin] * middle * middle + positives[bin] * (1 - middle) * (1 - middle)
      total += positives[bin] + negatives[bin]
    }
    guard invalidRows == 0, total > 0 else { return nil }
    let deviations = variances.map { ($0 / rowsPerWeight).squareRoot() }
    let directions = zip(gaps, deviations).map { DistanceInterval.Direction($0, error: $1) }
    let errors = (0..<bootstrap.draws).map { draw -> DistanceInterval.Error in
      var generator = CounterGenerator(seed: bootstrap.seed, draw: draw, stream: stream)
      var error = DistanceInterval.Error()
      for start in stride(from: 0, to: bins, by: 2) {
        let normals = generator.normals()
        for bin in start..<min(start + 2, bins) {
          error.add(deviations[bin] * normals[bin - start], directions[bin])
        }
      }
      return error
    }
    return DistanceInterval.interval(value, errors: errors, over: total, confidence: confidence)
  }
}
