/// The four-fifths rule of the Uniform Guidelines on Employee Selection Procedures, with tests of significance.
///
/// A group whose selection rate is below 4/5 of the highest group's is generally regarded as evidence of adverse
/// impact. Small numbers can mislead either way, so that every ratio comes with a p-value. This is a computation,
/// not legal advice.
///
/// - Source: 29 CFR 1607.4(D).
public struct FourFifthsRule: Sendable, Hashable {
  /// One group held against the group with the highest selection rate.
  public struct Row: Sendable, Hashable {
    /// The group's name.
    public var group: String

    /// The group's selected rows, of all its rows.
    public var selected: CountedShare

    /// The selection rate over that of the highest group; 1 for that group itself.
    public var impactRatio: MetricValue

    /// Whether the ratio is below 4/5; nil where there is none.
    public var isBelowFourFifths: Bool?

    /// The p-value of the gap to the highest group; nil for that group and for groups without rows. See `gapTest`.
    public var pValue: Double?

    /// The p-value corrected for the number of groups, after Holm.
    public var correctedPValue: Double?
  }

  /// The groups, in the order given.
  public let rows: [Row]

  /// Applies the rule to the selections of some groups.
  ///
  /// - Parameter shared: The selected rows of those that two groups share, by their indices; nil where none do.
  public init(_ groups: [(name: String, selected: CountedShare)], shared: ((Int, Int) -> CountedShare)? = nil) {
    let rates = groups.map { $0.selected.value.value }
    let highest = rates.indices.filter { rates[$0] != nil }.max { (rates[$0] ?? 0) < (rates[$1] ?? 0) }
    var rows = groups.enumerated().map { index, group in
      let ratio: MetricValue =
        if let highest {
          Self.ratio(group.selected, to: groups[highest].selected)
        } else {
          .undefined("there are no rows")
        }
      return Row(
        group: group.name, selected: group.selected, impactRatio: ratio,
        isBelowFourFifths: ratio.value == nil || highest == nil
          ? nil : Self.isBelowFourFifths(group.selected, to: groups[highest ?? index].selected),
        pValue: highest == nil || highest == index
          ? nil
          : gapTest(
            group.selected, groups[highest ?? index].selected,
            shared: shared?(index, highest ?? index) ?? CountedShare(0, of: 0)
          ).value)
    }
    let tested = rows.indices.filter { rows[$0].pValue != nil }
    for (index, corrected) in zip(tested, holmCorrected(tested.compactMap { rows[$0].pValue })) {
      rows[index].correctedPValue = corrected
    }
    self.rows = rows
  }

  /// The ratio of two rates, from the counts: a rounded rate would move the boundary.
  private static func ratio(_ a: CountedShare, to highest: CountedShare) -> MetricValue {
    if a.whole == 0 { return .undefined("there are no rows") }
    return MetricValue(
      Double(a.part) * Double(highest.whole), over: Double(a.whole) * Double(highest.part),
      orElse: "no row of any group is selected")
  }

  /// `a/n < 4/5·b/m`, in whole numbers: exactly four fifths is not below.
  private static func isBelowFourFifths(_ a: CountedShare, to highest: CountedShare) -> Bool {
    let left = a.part.multipliedFullWidth(by: 5 * highest.whole)
    let right = highest.part.multipliedFullWidth(by: 4 * a.whole)
    return (left.high, left.low) < (right.high, right.low)
  }
}
