extension FeatureEncoder.Numeric {
  /// The range of a number cut at knots `k₀ < k₁ < …`: piece j is `clip((x − kⱼ)/(kⱼ₊₁ − kⱼ), 0, 1)`.
  ///
  /// A network then bends at the knots from its first step on, where a single number gives it one slope to begin with. All
  /// pieces but one are 0 or 1 in a row. They are not standardised, being on one scale already.
  ///
  /// The knots are quantiles of the training rows. A column of which most rows hold one value, such as a capital gain of
  /// 0, has few different ones; it gets those of its other values as well.
  ///
  /// - Source: Gorishniy, Rubachev and Babenko (2022), arXiv:2203.05556, piecewise linear encoding.
  public struct Pieces: Sendable, Equatable, Codable {
    /// The knots, rising; two or more.
    public var knots: [Double]

    /// The value in the middle of the training rows: pieces are kept as deviations from those of this value.
    public var middle: Double

    public init(knots: [Double], middle: Double) {
      self.knots = knots
      self.middle = middle
    }

    /// The number of pieces.
    public var count: Int { max(0, knots.count - 1) }

    /// What piece `index` is for a value.
    @inline(__always)
    func value(_ index: Int, of x: Double) -> Float {
      Float(min(1, max(0, (x - knots[index]) / (knots[index + 1] - knots[index]))))
    }

    /// What most rows hold in each piece: 0 or 1.
    var baseValues: [Float] { (0..<count).map { value($0, of: middle) < 0.5 ? 0 : 1 } }

    /// How many pieces of a row differ from `baseValues`, about: a quarter of them where the knots are quantiles.
    var expectedDeviations: Int { 1 + count / 4 }

    /// The pieces' names: `17...22`.
    var names: [String] {
      (0..<count).map { "\(GroupValue.name(knots[$0]))...\(GroupValue.name(knots[$0 + 1]))" }
    }

    /// What no fitted pieces have, in words.
    var fault: String? {
      if knots.count < 2 { return "has \(knots.count) knots" }
      if !knots.allSatisfy(\.isFinite) || !middle.isFinite { return "has a knot that is not finite" }
      for (low, high) in zip(knots, knots.dropFirst()) where !(low < high && (high - low).isFinite) {
        return "has knots that do not rise"
      }
      return nil
    }
  }
}

/// Values of a column over rows that come in pieces, for quantiles: all of them, or of very many every 2ᵏ-th, so that
/// neither the memory grows with the rows nor the result depends on the pieces they come in.
struct QuantileSample: Sendable {
  /// The most values that are kept.
  private static let limit = 1 << 18

  private var values: [Double] = []
  private var stride = 1
  private var seen = 0

  /// Adds the next row's value.
  mutating func add(_ value: Double) {
    if seen % stride == 0 {
      if values.count == Self.limit {
        values = Swift.stride(from: 0, to: values.count, by: 2).map { values[$0] }
        stride *= 2
      }
      if seen % stride == 0 { values.append(value) }
    }
    seen += 1
  }

  /// Quantile knots for a number of pieces; nil where all values are one.
  func pieces(_ count: Int) -> FeatureEncoder.Numeric.Pieces? {
    let sorted = values.sorted()
    var knots = Self.quantiles(sorted, count)
    if knots.count < min(6, count + 1) {
      // The first of the most frequent values.
      var mode = (value: 0.0, rows: 0)
      var start = 0
      while start < sorted.count {
        var end = start
        while end < sorted.count && sorted[end] == sorted[start] { end += 1 }
        if end - start > mode.rows { mode = (sorted[start], end - start) }
        start = end
      }
      knots += Self.quantiles(sorted.filter { $0 != mode.value }, count)
      knots = Array(Set(knots)).sorted()
    }
    guard knots.count >= 2 else { return nil }
    return .init(knots: knots, middle: sorted[sorted.count / 2])
  }

  /// The different ones of `count + 1` quantiles, interpolated as NumPy does.
  private static func quantiles(_ sorted: [Double], _ count: Int) -> [Double] {
    guard let last = sorted.last else { return [] }
    var quantiles: [Double] = []
    for index in 0...count {
      let place = Double(index) / Double(count) * Double(sorted.count - 1)
      let below = min(Int(place), sorted.count - 1)
      let above = below + 1 < sorted.count ? sorted[below + 1] : last
      let value = sorted[below] + (above - sorted[below]) * (place - Double(below))
      if quantiles.last.map({ $0 < value }) ?? true { quantiles.append(value) }
    }
    return quantiles
  }
}
