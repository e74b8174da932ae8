import TabularData

/// Reject option classification: near the threshold, where the classifier is least sure, rows of favoured groups are
/// rejected and rows of the others selected.
///
/// A score p lies in the critical region where `t − m ≤ p < t + m`. A row of a favoured group is thus selected where `p
/// ≥ t + m`, one of another where `p ≥ t − m`: group thresholds of a special kind, which is what the result is. The
/// authors fix t = ½ and call ½ + m θ.
///
/// Threshold t and margin m are chosen on a grid: the best by the objective of those whose criterion's gap is at most
/// the bound; where none is, the smallest gap. Of equals the smallest margin.
///
/// - Source: Kamiran, Karim and Zhang (2012), "Decision theory for discrimination-aware classification", ICDM; the
///   search is AIF360's `RejectOptionClassification`, with the gap between all groups.
public struct RejectOption: Sendable, Hashable {
  /// What the gap is measured by.
  public var criterion: ThresholdCriterion

  /// The widest gap between groups that counts as met, in 0...1.
  public var bound: Double

  /// What is best among what meets the bound.
  public var objective: DecisionObjective

  /// The attribute.
  public var attribute: String

  /// Its favoured groups; nil for the privileged one.
  public var favoured: [String]?

  /// The thresholds tried, evenly between 0 and 1, and the margins tried for each, from 0.
  public var thresholdCount = 99
  public var marginCount = 50

  public init(
    _ criterion: ThresholdCriterion, attribute: String, favoured: [String]? = nil, atMost bound: Double = 0.05,
    objective: DecisionObjective = .balancedAccuracy
  ) {
    self.criterion = criterion
    self.attribute = attribute
    self.favoured = favoured
    self.bound = bound
    self.objective = objective
  }

  /// What was found.
  public struct Fit: Sendable, Hashable {
    /// t.
    public var threshold: Double

    /// m.
    public var margin: Double

    /// The decisions, and what they do on the fitting rows.
    public var result: ThresholdFit

    /// Whether the gap is within the bound.
    public var isMet: Bool
  }

  private static let method = "the reject option"

  /// Fits threshold and margin.
  ///
  /// - Parameters:
  ///   - scores: The scores, n of them, in 0...1.
  ///   - dataset: The rows: labels, sensitive columns and weights are read.
  /// - Throws: `MitigationError` for scores outside 0...1, or where no group is favoured, or all are.
  public func fit(scores: [Float], dataset: Dataset) throws(MitigationError) -> Fit {
    guard (0...1).contains(bound), thresholdCount > 0, marginCount > 0 else {
      throw .settings("the reject option takes a bound in 0...1 and at least one threshold and margin.")
    }
    let groups = try GroupCurves(scores, dataset, attributes: [attribute], method: Self.method)
    if let row = scores.firstIndex(where: { !(0...1).contains($0) }) {
      throw .rows(method: Self.method, problem: "the score of row \(row + 1) is \(scores[row]), outside 0...1.")
    }
    let isFavoured = try favouredGroups(groups, dataset)
    let gain = groups.gain(objective)
    var best: (threshold: Double, margin: Double, value: Double, gap: Double)?
    for number in 1...thresholdCount {
      let threshold = Double(number) / Double(thresholdCount + 1)
      let widest = min(threshold, 1 - threshold)
      for place in 0..<marginCount {
        let margin = widest * Double(place) / Double(max(1, marginCount - 1))
        let points = Self.points(groups, isFavoured, threshold, margin)
        let rates = zip(points, groups.curves).map { criterion.rates(of: $0, $1) }
        guard let gap = ThresholdFit.gap(rates) else { continue }
        let value = points.reduce(0) { $0 + gain($1) }
        guard let present = best else {
          best = (threshold, margin, value, gap)
          continue
        }
        let (isMet, wasMet) = (gap <= bound, present.gap <= bound)
        let isBetter =
          isMet != wasMet
          ? isMet
          : isMet
            ? (value > present.value || (value == present.value && margin < present.margin)) : gap < present.gap
        if isBetter { best = (threshold, margin, value, gap) }
      }
    }
    guard let best else {
      throw .rows(
        method: Self.method,
        problem: "the rates of \(criterion.rawValue) do not exist for all groups. Keep fewer groups.")
    }
    let points = Self.points(groups, isFavoured, best.threshold, best.margin)
    let mixtures = zip(points, isFavoured).map { point, isFavoured in
      GroupCurve.Mixture(
        members: [.init(.from(isFavoured ? best.threshold + best.margin : best.threshold - best.margin))],
        truePositives: point.truePositives, falsePositives: point.falsePositives)
    }
    return Fit(
      threshold: best.threshold, margin: best.margin,
      result: ThresholdFit(groups, mixtures, criterion: criterion, fallback: .from(best.threshold)),
      isMet: best.gap <= bound)
  }

  private static func points(
    _ groups: GroupCurves, _ isFavoured: [Bool], _ threshold: Double, _ margin: Double
  ) -> [GroupCurve.Point] {
    zip(groups.curves, isFavoured).map { $0.point(at: $1 ? threshold + margin : threshold - margin) }
  }

  private func favouredGroups(_ groups: GroupCurves, _ dataset: Dataset) throws(MitigationError) -> [Bool] {
    let column = dataset.sensitive.first { $0.name == attribute }
    let names = favoured ?? column?.privileged.map { [column?.groups[$0] ?? ""] } ?? []
    if let unknown = names.first(where: { column?.groups.contains($0) == false }) {
      throw .rows(method: Self.method, problem: "'\(attribute)' has no group '\(unknown)'.")
    }
    let isFavoured = groups.partition.groups.map { names.contains($0[0]) }
    guard isFavoured.contains(true), isFavoured.contains(false) else {
      throw .settings(
        "the reject option needs favoured and other groups of '\(attribute)', but \(names.isEmpty ? "no" : "every") "
          + "group is favoured. Name the favoured ones.")
    }
    return isFavoured
  }
}
