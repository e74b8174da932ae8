import TabularData

/// Chooses thresholds for each group so that a criterion holds, with the best decisions that leaves.
///
/// With randomisation the criterion holds exactly on the fitting rows. A lottery between two thresholds reaches any
/// point of the hull of what single ones reach, so that each group can take any common rate x:
///
/// - One rate (selection, true or false positive): maximise `Σ_g f_g(x)` over x in 0...1, where f_g is the hull of what
///   group g adds to the objective at rate x. The sum is concave and linear between the hulls' vertices, so that one of
///   these is best: no grid is needed.
/// - Equalized odds: the best point below all groups' ROC hulls; a group whose hull lies above it mixes in a decision
///   by chance alone, with the same rates.
/// - Predictive parity: the best common precision p. A group selects as many as it can with precision p, on the hull of
///   its ROC curve; p lies between the largest share of label 1 and the smallest precision that can be reached.
///
/// Without randomisation each group has one threshold. The gap between groups is then at most the tolerance, or the
/// smallest that thresholds reach; of those the best by the objective is taken.
///
/// Fit on rows that the scores were not trained on, and read the result's gap on other rows still.
///
/// - Edge cases: A group without a label that the criterion is about is an error. Rows whose attribute is missing are
///   not fitted on; they are decided at 0.5. Groups so different that no precision suits all are an error.
/// - Complexity: n·log n for the curves; equalized odds of G groups in addition G² times the vertices of the hulls.
/// - Source: Hardt, Price and Srebro (2016), arXiv:1610.02413, section 4; fairlearn's `ThresholdOptimizer` evaluates
///   the same problem on a grid of rates.
public struct ThresholdOptimizer: Sendable, Hashable {
  /// What the groups are to have in common.
  public var criterion: ThresholdCriterion

  /// What is best.
  public var objective: DecisionObjective

  /// Whether lotteries are allowed.
  public var isRandomized: Bool

  /// Without randomisation: the widest gap between groups that still counts as met, in 0...1.
  public var tolerance: Double

  /// For predictive parity without randomisation: the least number of rows that a threshold selects in each group. The
  /// precision of a few rows says nothing.
  public var minimumSelectedRows: Int

  /// The attributes that are crossed; nil for all.
  public var attributes: [String]?

  public init(
    _ criterion: ThresholdCriterion, objective: DecisionObjective = .accuracy, isRandomized: Bool = true,
    tolerance: Double = 0.01, minimumSelectedRows: Int = 30, attributes: [String]? = nil
  ) {
    self.criterion = criterion
    self.objective = objective
    self.isRandomized = isRandomized
    self.tolerance = tolerance
    self.minimumSelectedRows = minimumSelectedRows
    self.attributes = attributes
  }

  static let method = "group thresholds"

  /// Fits thresholds.
  ///
  /// - Parameters:
  ///   - scores: The scores of the rows, n of them; the larger, the more likely label 1.
  ///   - dataset: The rows: labels, sensitive columns and weights are read.
  /// - Throws: `MitigationError` for scores that are not finite, groups that lack a label, or a criterion that no
  ///   thresholds meet.
  public func fit(scores: [Float], dataset: Dataset) throws(MitigationError) -> ThresholdFit {
    guard tolerance >= 0, tolerance <= 1, minimumSelectedRows >= 1 else {
      throw .settings(
        "group thresholds take a tolerance in 0...1 and at least one selected row, not \(tolerance) and "
          + "\(minimumSelectedRows).")
    }
    let groups = try GroupCurves(scores, dataset, attributes: attributes, method: Self.method)
    try checkLabels(groups)
    let gain = groups.gain(objective)
    let mixtures: [GroupCurve.Mixture]
    switch (isRandomized, criterion) {
    case (true, .equalizedOdds): mixtures = Self.equalizedOdds(groups, gain)
    case (true, .predictiveParity): mixtures = try Self.predictiveParity(groups, gain)
    case (true, _):
      mixtures = Self.commonRate(groups, gain) { curve, point in criterion.rates(of: point, curve)[0] ?? 0 }
    case (false, _): mixtures = try singleThresholds(groups, gain)
    }
    return ThresholdFit(groups, mixtures, criterion: criterion)
  }

  private func checkLabels(_ groups: GroupCurves) throws(MitigationError) {
    for (group, curve) in groups.curves.enumerated() {
      let lacking: Int? =
        switch criterion {
        case .demographicParity: nil
        case .equalOpportunity: curve.positives > 0 ? nil : 1
        case .falsePositiveRateParity: curve.negatives > 0 ? nil : 0
        case .equalizedOdds, .predictiveParity: curve.positives <= 0 ? 1 : curve.negatives <= 0 ? 0 : nil
        }
      if let lacking {
        throw .rows(
          method: Self.method,
          problem: "the group \(groups.partition.name(of: group)) has no fitting row with label \(lacking), which "
            + "\(criterion.rawValue) is about. Cross fewer attributes, or keep fewer groups.")
      }
    }
  }

  // MARK: - Lotteries

  /// One rate in common: the best vertex of the sum of hulls.
  static func commonRate(
    _ groups: GroupCurves, _ gain: (GroupCurve.Point) -> Double,
    rate: (GroupCurve, GroupCurve.Point) -> Double
  ) -> [GroupCurve.Mixture] {
    let hulls = groups.curves.map { curve in GroupCurve.Hull(curve.points, x: { rate(curve, $0) }, y: gain) }
    let best = best(of: Set(hulls.flatMap(\.x)).sorted()) { x in hulls.reduce(0) { $0 + $1.value(at: x) } }
    return hulls.map { $0.mixture(at: best) }
  }

  /// The first place with the largest value.
  static func best(of places: [Double], _ value: (Double) -> Double) -> Double {
    var (best, largest) = (places.first ?? 0, -Double.infinity)
    for place in places {
      let found = value(place)
      if found > largest { (best, largest) = (place, found) }
    }
    return best
  }

  /// True and false positive rate in common: the best point under all hulls.
  static func equalizedOdds(
    _ groups: GroupCurves, _ gain: (GroupCurve.Point) -> Double
  ) -> [GroupCurve.Mixture] {
    let hulls = groups.curves.map { curve in
      GroupCurve.Hull(
        curve.points, x: { $0.falsePositives / curve.negatives }, y: { $0.truePositives / curve.positives })
    }
    let vertices = Set(hulls.flatMap(\.x)).sorted()
    var places = vertices
    // Between two vertices all hulls are straight; the lowest of them bends where two cross.
    for (left, right) in zip(vertices, vertices.dropFirst()) {
      let values = hulls.map { ($0.value(at: left), $0.value(at: right)) }
      for a in values.indices {
        for b in 0..<a {
          let (before, after) = (values[a].0 - values[b].0, values[a].1 - values[b].1)
          if before * after < 0 { places.append(left + (right - left) * before / (before - after)) }
        }
      }
    }
    func lowest(_ x: Double) -> Double { hulls.reduce(1) { min($0, $1.value(at: x)) } }
    let (positives, negatives) = (groups.positives, groups.negatives)
    let x = best(of: places.sorted()) { x in
      gain(.init(cut: .none, truePositives: lowest(x) * positives, falsePositives: x * negatives, rows: 0))
    }
    let y = lowest(x)
    return zip(hulls, groups.curves).map { hull, curve in
      let height = hull.value(at: x)
      let mixture = hull.mixture(at: x)
      guard height > x, height > y else { return mixture }
      // The share decided by chance alone, which selects x of everyone.
      let chance = (height - y) / (height - x)
      var members = mixture.members.map { GroupThresholds.Member($0.cut, probability: $0.probability * (1 - chance)) }
      members += [.init(.all, probability: chance * x), .init(.none, probability: chance * (1 - x))]
      return GroupCurve.Mixture(
        members: members.filter { $0.probability > 0 },
        truePositives: (1 - chance) * mixture.truePositives + chance * x * curve.positives,
        falsePositives: (1 - chance) * mixture.falsePositives + chance * x * curve.negatives)
    }
  }

  /// The precision in common: where the line of that precision leaves the hull of each ROC curve.
  static func predictiveParity(
    _ groups: GroupCurves, _ gain: (GroupCurve.Point) -> Double
  ) throws(MitigationError) -> [GroupCurve.Mixture] {
    let hulls = groups.curves.map { curve in
      GroupCurve.Hull(curve.points, x: \.falsePositives, y: \.truePositives)
    }
    func precision(_ point: GroupCurve.Point) -> Double? {
      let selected = point.truePositives + point.falsePositives
      return selected > 0 ? point.truePositives / selected : nil
    }
    let precisions = hulls.map { $0.points.compactMap(precision) }
    let low = precisions.compactMap(\.last).max() ?? 1
    let high = precisions.compactMap { $0.max() }.min() ?? 0
    guard low <= high else {
      let names = (0..<hulls.count).map { "\(groups.partition.name(of: $0)) \(shown(precisions[$0]))" }
      throw .rows(
        method: method,
        problem: "no precision suits all groups; they reach \(names.joined(separator: "; ")). Take another criterion, "
          + "or scores that tell the labels better apart.")
    }
    let grid = (0...1000).map { low + (high - low) * Double($0) / 1000 }
    let candidates = (grid + precisions.flatMap { $0 }.filter { $0 >= low && $0 <= high }).sorted()
    func mixtures(_ p: Double) -> [GroupCurve.Mixture] { hulls.map { farthest($0, precision: p) } }
    let p = best(of: candidates) { p in
      mixtures(p).reduce(0) {
        $0 + gain(.init(cut: .none, truePositives: $1.truePositives, falsePositives: $1.falsePositives, rows: 0))
      }
    }
    return mixtures(p)
  }

  private static func shown(_ precisions: [Double]) -> String {
    func short(_ value: Double) -> Double { (value * 1e3).rounded() / 1e3 }
    return "\(short(precisions.last ?? 0))...\(short(precisions.max() ?? 0))"
  }

  /// The largest selection of a precision: `TP·(1 − p) − FP·p` is concave along the hull, and 0 there for the last time.
  private static func farthest(_ hull: GroupCurve.Hull, precision p: Double) -> GroupCurve.Mixture {
    let surplus = zip(hull.x, hull.y).map { $1 * (1 - p) - $0 * p }
    // Rounding may leave the very end of the range a little below 0.
    let last = surplus.lastIndex { $0 >= -1e-12 * (hull.x[hull.x.count - 1] + hull.y[hull.y.count - 1]) } ?? 0
    guard last + 1 < surplus.count, surplus[last] > 0 else { return hull.mixture(last, 0) }
    return hull.mixture(last, surplus[last] / (surplus[last] - surplus[last + 1]))
  }
}

extension ThresholdCriterion {
  /// The rates that the groups are to have in common; nil where a group has none.
  func rates(of point: GroupCurve.Point, _ curve: GroupCurve) -> [Double?] {
    rates(truePositives: point.truePositives, falsePositives: point.falsePositives, curve)
  }

  func rates(truePositives: Double, falsePositives: Double, _ curve: GroupCurve) -> [Double?] {
    func share(_ part: Double, _ whole: Double) -> Double? { whole > 0 ? part / whole : nil }
    return switch self {
    case .demographicParity: [share(truePositives + falsePositives, curve.positives + curve.negatives)]
    case .equalizedOdds: [share(falsePositives, curve.negatives), share(truePositives, curve.positives)]
    case .equalOpportunity: [share(truePositives, curve.positives)]
    case .falsePositiveRateParity: [share(falsePositives, curve.negatives)]
    case .predictiveParity: [share(truePositives, truePositives + falsePositives)]
    }
  }
}
