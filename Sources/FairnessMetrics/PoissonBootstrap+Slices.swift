extension PoissonBootstrap {
  /// One draw of what is known of a slice: each of its counts becomes a Poisson number.
  ///
  /// Counts of rows with weights are scaled to as many equal rows as say as much (`WeightSum.effectiveRows`), so that
  /// rates keep their values and get the spread that such rows have. Sums over scores cannot be drawn from, and are
  /// left out.
  ///
  /// - Parameters:
  ///   - stream: A number for the slice, so that slices that share no rows are drawn independently.
  ///   - histogram: Whether the histogram, where there is one, is drawn too.
  public func resampled(
    _ statistics: SliceStatistics, draw: Int, stream: Int, histogram: Bool = false
  ) -> SliceStatistics {
    var generator = CounterGenerator(seed: seed, draw: draw, stream: stream)
    let scale = statistics.rowsPerWeight
    var drawn = SliceStatistics(thresholds: statistics.thresholds, scoreSums: nil, histogram: nil)
    for index in statistics.between.indices {
      drawn.between[index] = WeightSum(rows: generator.poisson(statistics.between[index].value * scale))
    }
    if histogram, let original = statistics.histogram {
      drawn.histogram = original.mapped { $0 == 0 ? 0 : Double(generator.poisson($0 * scale)) }
    }
    return drawn
  }
}

extension PoissonBootstrap {
  /// One draw of a histogram: each of its counts becomes a Poisson number.
  ///
  /// - Precondition: Every row weighs 1.
  public func resampled(_ histogram: ScoreHistogram, draw: Int, stream: Int) -> ScoreHistogram {
    var generator = CounterGenerator(seed: seed, draw: draw, stream: stream)
    return histogram.mapped { $0 == 0 ? 0 : Double(generator.poisson($0)) }
  }
}

extension SliceStatistics {
  /// What a unit of weight is worth in equal rows, `n_eff / Σ w`; 1 where every row weighs 1.
  package var rowsPerWeight: Double {
    let total = between.reduce(into: WeightSum()) { $0.merge($1) }
    return total.value > 0 ? total.effectiveRows / total.value : 1
  }
}

extension ScoreHistogram {
  /// The histogram with every bin's weights changed.
  func mapped(_ change: (Double) -> Double) -> ScoreHistogram {
    var result = self
    result.replace(positives: positives.map(change), negatives: negatives.map(change))
    return result
  }

  /// The histogram with `factor` neighbouring bins made one.
  ///
  /// - Precondition: The number of bins is a multiple of the factor.
  package func coarsened(by factor: Int) -> ScoreHistogram {
    precondition(positives.count % factor == 0, "coarsened: \(positives.count) bins do not make groups of \(factor)")
    func sums(_ bins: [Double]) -> [Double] {
      stride(from: 0, to: bins.count, by: factor).map { start in bins[start..<(start + factor)].reduce(0, +) }
    }
    var result = self
    result.replace(positives: sums(positives), negatives: sums(negatives))
    return result
  }
}

extension SliceStatistics {
  /// Puts a histogram of other bins in the place of the one that was kept.
  package mutating func replaceHistogram(_ histogram: ScoreHistogram) {
    self.histogram = histogram
  }
}
