import FairnessMetrics

/// Where one sensitive attribute stands by the four-fifths mark.
struct AttributeFinding: Sendable {
  /// What a ratio of selection rates and its interval say of the mark of 80 %.
  enum Standing: Sendable, Hashable {
    /// The whole interval lies at or above the mark.
    case meets
    /// The whole interval lies below it.
    case misses
    /// The interval reaches across the mark: the rows are too few to tell.
    case unclear
    /// There is a ratio and no interval, with the reason: a value alone is no verdict.
    case notJudged(String)
    /// There is no ratio.
    case none(String)

    /// The four-fifths mark of 29 CFR 1607.4(D).
    static let mark = 0.8

    /// - Parameter reason: Why there is no interval, where there is none.
    init(_ estimate: Estimate, withoutInterval reason: String) {
      guard estimate.value.value != nil else {
        self = .none(estimate.value.reason ?? "it is not known")
        return
      }
      guard let interval = estimate.interval else {
        self = .notJudged(reason)
        return
      }
      self = interval.low >= Self.mark ? .meets : interval.high < Self.mark ? .misses : .unclear
    }

    /// A word for it, and the sign that goes with the word.
    var word: (sign: String, text: String, kind: String) {
      switch self {
      case .meets: ("✓", "meets 80 %", "good")
      case .misses: ("✕", "below 80 %", "bad")
      case .unclear: ("?", "cannot tell", "open")
      case .notJudged: ("–", "no interval", "open")
      case .none: ("–", "no ratio", "open")
      }
    }
  }

  /// A group and its share of selected rows.
  struct Group: Sendable {
    var name: String
    var rows: Int
    var selectionRate: Double
  }

  let name: String
  /// The smallest selection rate over the largest.
  let ratio: Estimate
  /// Why the evaluation has no interval of the ratio; nil where it has one. That of `ratio` is from counts then, if any.
  let missingInterval: String?
  let ratioBefore: Estimate?
  let standing: Standing
  /// The groups selected least and most often; nil where fewer than two have rows.
  let extremes: (least: Group, most: Group)?

  init(_ name: String, of run: RunReport) {
    self.name = name
    let found = run.parity("pPercentRule", name) ?? Estimate(value: .undefined("it was not evaluated"), interval: nil)
    if found.interval == nil && found.value.value != nil {
      missingInterval = run.reasonForNoInterval(name)
      ratio = Estimate(value: found.value, interval: Self.interval(name, run))
    } else {
      missingInterval = nil
      ratio = found
    }
    ratioBefore = run.before == nil ? nil : run.parity("pPercentRule", name, isBefore: true)
    standing = Standing(ratio, withoutInterval: missingInterval ?? "")
    let groups = (run.after?.attributes.first { $0.name == name }?.groups ?? []).compactMap { group in
      group.selectionRate.value.map { Group(name: group.name, rows: group.rows, selectionRate: $0) }
    }
    if groups.count > 1, let least = groups.min(by: { $0.selectionRate < $1.selectionRate }),
      let most = groups.max(by: { $0.selectionRate < $1.selectionRate })
    {
      // Equal rates have no least and most; then the first and the second stand for all.
      extremes = least.name == most.name ? (groups[0], groups[1]) : (least, most)
    } else {
      extremes = nil
    }
  }

  /// The interval of the ratio from the selected rows of each group, as the evaluation computes it.
  ///
  /// - Returns: Nil where a rate is no share of the group's rows: those of weighted rows are none, and their number says
  ///   nothing of how sure they are.
  private static func interval(_ name: String, _ run: RunReport) -> Interval? {
    var counts: [(name: String, counts: ConfusionCounts)] = []
    for group in run.after?.attributes.first(where: { $0.name == name })?.groups ?? [] where group.rows > 0 {
      guard let rate = group.selectionRate.value else { return nil }
      let selected = (rate * Double(group.rows)).rounded()
      guard abs(selected - rate * Double(group.rows)) < 1e-6 * Double(group.rows) else { return nil }
      // Selection does not ask for the label, so that it does not matter which one is written here.
      counts.append(
        (
          group.name,
          ConfusionCounts(
            truePositives: Int(selected), falsePositives: 0, trueNegatives: group.rows - Int(selected),
            falseNegatives: 0)
        ))
    }
    return ParityMetric.pPercentRule.interval(counts, confidence: run.confidence ?? 0.95)
  }

  /// One sentence with the rates, their ratio and its uncertainty.
  var sentence: String {
    guard let value = ratio.value.value, let extremes else {
      return "\(name): no ratio of selection rates, for \(ratio.value.reason ?? "there are fewer than two groups")."
    }
    // Of few people a share says little, so their number stands beside it.
    func share(_ group: Group) -> String {
      let rows = group.rows < 100 ? " (\(Words.count(group.rows, "row")))" : ""
      return "\(Words.percent(group.selectionRate)) of \(group.name)\(rows)"
    }
    var text =
      "\(share(extremes.least)) and \(share(extremes.most)) are selected, a ratio of \(Words.percent(value))"
    if let interval = ratio.interval {
      text +=
        " (between \(Words.percent(interval.low)) and \(Words.percent(interval.high)), as far as so many rows can tell"
      text += missingInterval.map { "; from the counts of the groups, for \($0))" } ?? ")"
    } else if let missingInterval {
      text += " (no interval was computed, for \(missingInterval))"
    }
    if let before = ratioBefore?.value.value { text += ". Before, it was \(Words.percent(before))" }
    return text + "."
  }
}
