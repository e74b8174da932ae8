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
    /// There is no ratio.
    case none(String)

    /// The four-fifths mark of 29 CFR 1607.4(D).
    static let mark = 0.8

    /// - Parameter hasIntervals: Whether the run has intervals; then an estimate without one rests on too few rows to have
    ///   any, and is no verdict.
    init(_ estimate: Estimate, hasIntervals: Bool = false) {
      guard let value = estimate.value.value else {
        self = .none(estimate.value.reason ?? "it is not known")
        return
      }
      if hasIntervals && estimate.interval == nil {
        self = .unclear
        return
      }
      let interval = estimate.interval ?? Interval(low: value, high: value)
      self = interval.low >= Self.mark ? .meets : interval.high < Self.mark ? .misses : .unclear
    }

    /// A word for it, and the sign that goes with the word.
    var word: (sign: String, text: String, kind: String) {
      switch self {
      case .meets: ("✓", "meets 80 %", "good")
      case .misses: ("✕", "below 80 %", "bad")
      case .unclear: ("?", "cannot tell", "open")
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
  let ratioBefore: Estimate?
  let standing: Standing
  /// The groups selected least and most often; nil where fewer than two have rows.
  let extremes: (least: Group, most: Group)?

  init(_ name: String, of run: RunReport) {
    self.name = name
    ratio = run.parity("pPercentRule", name) ?? Estimate(value: .undefined("it was not evaluated"), interval: nil)
    ratioBefore = run.before == nil ? nil : run.parity("pPercentRule", name, isBefore: true)
    standing = Standing(ratio, hasIntervals: run.evaluated != nil)
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
        " (between \(Words.percent(interval.low)) and \(Words.percent(interval.high)), as far as so many rows can tell)"
    } else if standing == .unclear {
      text += " (too few rows for an interval)"
    }
    if let before = ratioBefore?.value.value { text += ". Before, it was \(Words.percent(before))" }
    return text + "."
  }
}
