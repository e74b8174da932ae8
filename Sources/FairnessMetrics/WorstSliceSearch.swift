/// A search through all slices, and crosses of slices, for those that a rate treats worst.
public struct WorstSliceSearch: Sendable, Hashable {
  /// One slice held against all other rows.
  public struct Finding: Sendable, Hashable {
    /// The slice.
    public var slice: Slice

    /// The rows that the rate counts in the slice, of those it is a share of.
    public var inside: CountedShare

    /// The same of all other rows.
    public var outside: CountedShare

    /// The slice's rate minus that of all other rows.
    public var gap: Double

    /// The p-value of the gap alone; see `gapTest`.
    public var pValue: Double

    /// The p-value corrected for all slices that were tried, after Holm.
    public var correctedPValue: Double
  }

  /// The rate to compare; a share of rows, so neither balanced accuracy nor F1.
  public var rate: ClassificationRate

  /// The largest number of columns that are crossed.
  public var depth: Int

  /// The least number of rows that the rate is a share of, in the slice and outside it.
  public var minimumSupport: Int

  /// Whether rows with missing values make slices of their own.
  public var includesMissing: Bool

  /// - Precondition: The rate is a share of rows; depth and support are positive.
  public init(rate: ClassificationRate, depth: Int = 2, minimumSupport: Int = 30, includesMissing: Bool = false) {
    precondition(rate != .balancedAccuracy && rate != .f1, "WorstSliceSearch: \(rate) is not a share of rows")
    precondition(depth > 0 && minimumSupport > 0, "WorstSliceSearch: depth and support must be positive")
    self.rate = rate
    self.depth = depth
    self.minimumSupport = minimumSupport
    self.includesMissing = includesMissing
  }

  /// Tries every slice.
  ///
  /// Each slice with enough support is held against the rest of the rows, and the p-values are corrected for all that
  /// were tried: on data where no slice differs, the chance that even one has a corrected p-value of at most α is at
  /// most α. So a data set that is fair by sex and by race alone, but not in one cell of both, shows that cell.
  ///
  /// - Parameters:
  ///   - accumulator: The rows, fed with the columns to cross; each row weighs 1.
  ///   - thresholdIndex: The decision threshold, as an index into the accumulator's.
  /// - Returns: All slices that were tried, by falling size of the gap.
  public func findings(_ accumulator: SliceAccumulator, thresholdIndex: Int = 0) -> [Finding] {
    let total = share(accumulator.total.counts(thresholdIndex: thresholdIndex))
    var findings: [Finding] = []
    for columns in Self.combinations(accumulator.columns, upTo: depth) {
      for (slice, statistics) in accumulator.slices(crossing: columns) where includesMissing || !slice.isMissing {
        let inside = share(statistics.counts(thresholdIndex: thresholdIndex))
        let outside = CountedShare(total.part - inside.part, of: total.whole - inside.whole)
        guard inside.whole >= minimumSupport, outside.whole >= minimumSupport,
          case .defined(let pValue) = gapTest(inside, outside),
          case .defined(let gap) = inside.value.combined(with: outside.value, by: -)
        else { continue }
        findings.append(
          Finding(
            slice: slice, inside: inside, outside: outside, gap: gap, pValue: pValue, correctedPValue: pValue))
      }
    }
    for (index, corrected) in holmCorrected(findings.map(\.pValue)).enumerated() {
      findings[index].correctedPValue = corrected
    }
    // Enumerated first, so that equal gaps keep the order of the columns and groups.
    return findings.enumerated().sorted { a, b in
      (abs(b.element.gap), a.offset) < (abs(a.element.gap), b.offset)
    }.map(\.element)
  }

  private func share(_ counts: ConfusionCounts) -> CountedShare {
    guard let share = rate.share(of: counts) else { return CountedShare(0, of: 0) }
    return CountedShare(share.part.rows, of: share.whole.rows)
  }

  /// All choices of one to `size` elements, smaller ones first, each in the elements' order.
  private static func combinations<Element>(_ elements: [Element], upTo size: Int) -> [[Element]] {
    var all: [[Element]] = []
    var current: [[Int]] = elements.indices.map { [$0] }
    for _ in 0..<min(size, elements.count) {
      all += current.map { $0.map { elements[$0] } }
      current = current.flatMap { choice in
        ((choice.last ?? -1) + 1..<elements.count).map { choice + [$0] }
      }
    }
    return all
  }
}
