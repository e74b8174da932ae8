/// One statistic of several groups, to be compared between them.
///
/// A parity metric is a short composition: a rate, taken by group, made into a difference or a ratio.
public struct GroupComparison: Sendable, Hashable {
  /// The statistic of one group.
  public struct Member: Sendable, Hashable {
    /// The group's name.
    public var group: String

    /// The group's statistic.
    public var value: MetricValue

    public init(group: String, value: MetricValue) {
      self.group = group
      self.value = value
    }
  }

  /// The groups that have rows; others have nothing to compare.
  public var members: [Member]

  /// Creates a comparison of statistics that are at hand.
  public init(members: [Member]) {
    self.members = members
  }

  /// Compares a rate between the groups that have rows.
  public init(_ rate: ClassificationRate, groups: [(name: String, counts: ConfusionCounts)]) {
    members = groups.filter { $0.counts.rows > 0 }.map { Member(group: $0.name, value: rate($0.counts)) }
  }

  /// The largest value minus the smallest.
  ///
  /// - Edge cases: Undefined with fewer than two groups, and where the statistic of any group is undefined.
  public var difference: MetricValue {
    extremes { smallest, largest in .defined(largest - smallest) }
  }

  /// The smallest value over the largest, in 0...1 for statistics that are not negative.
  ///
  /// - Parameter reason: Why the ratio does not exist where the largest value is 0.
  /// - Edge cases: Undefined with fewer than two groups, where the statistic of any group is undefined, and where the
  ///   largest value is 0.
  public func ratio(whenAllZero reason: String = "the statistic is 0 in every group") -> MetricValue {
    extremes { smallest, largest in MetricValue(smallest, over: largest, orElse: reason) }
  }

  /// Each value against the whole, as a signed share: `(value − overall) / |overall|`; +0.5 is half as much again.
  ///
  /// A value above the whole is positive, whether higher is better or not: 0.24 against 0.23 is +4.3 %.
  ///
  /// - Edge cases: Undefined where the value or the overall one is, and where the overall one is 0.
  public func relative(to overall: MetricValue) -> [Member] {
    members.map { member in
      let relative: MetricValue =
        if overall.value == 0 {
          .undefined("the overall value is 0")
        } else {
          member.value.combined(with: overall) { ($0 - $1) / abs($1) }
        }
      return Member(group: member.group, value: relative)
    }
  }

  /// Each value minus that of the whole; undefined where either is.
  public func difference(to overall: MetricValue) -> [Member] {
    members.map { Member(group: $0.group, value: $0.value.combined(with: overall, by: -)) }
  }

  private func extremes(_ body: (_ smallest: Double, _ largest: Double) -> MetricValue) -> MetricValue {
    guard members.count >= 2 else { return .undefined("fewer than two groups have rows") }
    var values: [Double] = []
    for member in members {
      switch member.value {
      case .defined(let value): values.append(value)
      case .undefined(let reason): return .undefined("in group '\(member.group)', \(reason)")
      }
    }
    guard let smallest = values.min(), let largest = values.max() else {
      return .undefined("fewer than two groups have rows")
    }
    return body(smallest, largest)
  }
}
