/// The tables of a bias audit under New York City's Local Law 144.
///
/// For each category of sex, of race/ethnicity, and of every intersection of the two: the number of applicants, the rate
/// and the impact ratio, which is the rate over that of the category with the highest. A category with less than 2 % of
/// the applicants of known category may be left out of the impact ratios, and is then still listed; it neither has
/// a ratio nor sets the highest rate. This is a computation, not legal advice.
///
/// - Source: 6 RCNY 5-301.
public struct LocalLaw144: Sendable, Hashable {
  /// The line of one category.
  public struct Row: Sendable, Hashable {
    /// The category.
    public var slice: Slice

    /// The applicants, and how many of them were selected or scored above the median.
    public var counted: CountedShare

    /// The selection rate, or the scoring rate.
    public var rate: MetricValue

    /// Whether the category has less than the least share of applicants, and so no impact ratio.
    public var isExcluded: Bool

    /// The rate over the highest rate; undefined for an excluded category.
    public var impactRatio: MetricValue
  }

  /// The categories of one column, or of the intersections of both.
  public struct Table: Sendable, Hashable {
    /// The columns that make the categories.
    public var columns: [String]

    /// The categories that have applicants.
    public var rows: [Row]

    /// The number of applicants whose category is not known.
    public var unknownRows: Int
  }

  /// By sex, by race/ethnicity, and by their intersections.
  public let tables: [Table]

  /// The median score of all applicants, known category or not; nil for a tool that selects.
  public let median: Double?

  /// The audit of a tool that selects.
  ///
  /// - Parameters:
  ///   - selected: Whether each applicant was selected, `[n]`.
  ///   - leastShare: The share of applicants below which a category is left out of the ratios; 0 to leave out none.
  /// - Precondition: Decisions and codes are equally many.
  public init(selected: [Bool], sex: GroupColumn, race: GroupColumn, leastShare: Double = 0.02) {
    self.init(counted: selected, median: nil, sex: sex, race: race, leastShare: leastShare)
  }

  /// The audit of a tool that scores: an applicant counts when scoring strictly above the median of all.
  ///
  /// - Returns: Nil where a score is NaN.
  /// - Precondition: Scores and codes are equally many.
  public init?<Value: Score>(scores: [Value], sex: GroupColumn, race: GroupColumn, leastShare: Double = 0.02) {
    if scores.contains(where: \.isNaN) { return nil }
    let sorted = scores.sorted()
    let median: Double? =
      sorted.isEmpty
      ? nil : 0.5 * Double(sorted[(sorted.count - 1) / 2]) + 0.5 * Double(sorted[sorted.count / 2])
    self.init(
      counted: scores.map { Double($0) > (median ?? 0) }, median: median, sex: sex, race: race, leastShare: leastShare)
  }

  private init(counted: [Bool], median: Double?, sex: GroupColumn, race: GroupColumn, leastShare: Double) {
    precondition((0...1).contains(leastShare), "LocalLaw144: the least share \(leastShare) is not in 0...1")
    self.median = median
    let crossed = CrossedCells([SliceColumn(sex), SliceColumn(race)], rows: counted.count)
    var shares = [CountedShare](repeating: CountedShare(0, of: 0), count: crossed.codes.count)
    for (row, cell) in crossed.cells.enumerated() {
      shares[Int(cell)].whole += 1
      shares[Int(cell)].part += counted[row] ? 1 : 0
    }
    tables = [[0], [1], [0, 1]].map { crossing in
      let slices = crossed.slices(crossing: crossing).map { slice, cells in
        let part = cells.reduce(0) { $0 + shares[$1].part }
        return (slice: slice, counted: CountedShare(part, of: cells.reduce(0) { $0 + shares[$1].whole }))
      }
      return Table(
        columns: crossing.map { crossed.columns[$0].name },
        rows: Self.rows(slices.filter { !$0.slice.isMissing }, leastShare: leastShare),
        unknownRows: slices.filter(\.slice.isMissing).reduce(0) { $0 + $1.counted.whole })
    }
  }

  private static func rows(
    _ categories: [(slice: Slice, counted: CountedShare)], leastShare: Double
  ) -> [Row] {
    let known = categories.reduce(0) { $0 + $1.counted.whole }
    let isExcluded = categories.map { Double($0.counted.whole) < leastShare * Double(known) }
    let highest = zip(categories, isExcluded).compactMap { $1 ? nil : $0.counted.value.value }.max()
    return zip(categories, isExcluded).map { category, isExcluded in
      let rate = category.counted.value
      let ratio: MetricValue =
        if isExcluded {
          .undefined("the category has less than \(percent(leastShare)) of the applicants")
        } else if let highest {
          MetricValue(rate.value ?? 0, over: highest, orElse: "no applicant of any category counts")
        } else {
          .undefined("there are no applicants")
        }
      return Row(
        slice: category.slice, counted: category.counted, rate: rate, isExcluded: isExcluded, impactRatio: ratio)
    }
  }

  private static func percent(_ share: Double) -> String {
    let percent = (100 * share * 1e6).rounded() / 1e6
    return percent == percent.rounded() ? "\(Int(percent)) %" : "\(percent) %"
  }
}
