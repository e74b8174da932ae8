import FairnessEvaluation
import FairnessMetrics
import RunRecords

/// Something that the configuration demands of the model: a gate, or a constraint of the training.
struct Demand: Sendable {
  enum Standing: Sendable, Hashable {
    case met, open, failed

    var word: (sign: String, text: String, kind: String) {
      switch self {
      case .met: ("✓", "met", "good")
      case .open: ("?", "cannot tell", "open")
      case .failed: ("✕", "not met", "bad")
      }
    }
  }

  /// What a constraint came to on rows that had no part in its verdict.
  struct Check: Sendable {
    /// The rows in words: `test rows`.
    var rows: String
    var value: Estimate
    /// Whether the value itself meets the bound; nil where there is no value.
    var holds: Bool?
    /// What the value and its interval say of the bound.
    var standing: Standing

    /// Whether the value lies on the wrong side of the bound.
    var isMissed: Bool { holds == false }

    /// What the interval says beside the value; nil where both say the same.
    var because: String? {
      guard let holds else { return value.value.reason }
      guard value.interval != nil else { return "there is no interval" }
      guard standing == .open else { return nil }
      return holds
        ? "the value meets the bound, and its interval reaches beyond it"
        : "the value misses the bound, and its interval reaches it"
    }

    var text: String { value.text ?? "no value" }
  }

  /// The condition as it was written.
  var condition: String
  var kind: String
  /// The rows that it was judged on.
  var rows: String
  var before: MetricValue?
  /// The value on these rows.
  var value: Estimate
  var standing: Standing
  /// Why it is not met, or the data cannot tell.
  var because: String?
  /// The same on later rows; nil where it was judged on the last ones.
  var check: Check?

  /// Whether it did not fail where it was judged, and is missed on later rows.
  var isMissedLater: Bool { standing != .failed && check?.isMissed == true }

  /// The gates and constraints of a run, in this order.
  static func all(of run: RunReport) -> [Demand] {
    gates(of: run) + constraints(of: run)
  }

  private static func gates(of run: RunReport) -> [Demand] {
    (run.evaluation?.gates ?? []).map { gate in
      var demand = Demand(
        condition: gate.condition, kind: gate.failsIfMet ? "must not hold" : "must hold", rows: run.rowsName,
        before: nil,
        value: gate.estimate, standing: .met)
      switch gate.verdict {
      case .pass: break
      case .fail: demand.standing = .failed
      case .insufficientEvidence(let why):
        demand.standing = .open
        demand.because = why
      }
      return demand
    }
  }

  private static func constraints(of run: RunReport) -> [Demand] {
    guard let record = run.summary.constraints else { return [] }
    return record.conditions.map { condition in
      let status = condition.status ?? record.status
      let standing: Standing =
        switch status {
        case .feasible: .met
        case .nearlyFeasible: .open
        case .infeasible: .failed
        }
      // The status is about the rows that it was judged on, so that no other value may stand beside it.
      let judged = condition.measurements.first { $0.rows == record.judgedOn }
      return Demand(
        condition: condition.text, kind: "constraint", rows: name(record.judgedOn), before: judged?.before,
        value: judged?.after ?? Estimate(value: .undefined("the record has no value of these rows"), interval: nil),
        standing: standing,
        because: condition.reason ?? (status == .nearlyFeasible ? "within a standard error of its bound" : nil),
        check: check(condition, judgedOn: record.judgedOn))
    }
  }

  /// What the last rows say, where the verdict is not theirs.
  private static func check(_ condition: ConstraintsRecord.Condition, judgedOn: ConstraintsRecord.Rows) -> Check? {
    let order = ConstraintsRecord.Rows.allCases
    guard let last = condition.measurements.last(where: { $0.rows == .test || $0.rows == .validation }),
      let place = order.firstIndex(of: last.rows), let own = order.firstIndex(of: judgedOn), place > own,
      let gate = condition.gate
    else { return nil }
    let standing: Standing =
      switch gate.verdict(last.after) {
      case .pass: .met
      case .fail: .failed
      case .insufficientEvidence: .open
      }
    return Check(
      rows: name(last.rows), value: last.after, holds: last.after.value.value.map(gate.holds), standing: standing)
  }

  private static func name(_ rows: ConstraintsRecord.Rows) -> String {
    switch rows {
    case .outOfFold: "training rows, out of fold"
    case .train: "training rows"
    case .validation, .test: "\(rows.rawValue) rows"
    }
  }
}

// MARK: - In sentences

extension Demand {
  /// What is to be said of all demands at once: met only where they are met on later rows too.
  ///
  /// - Precondition: There is a demand.
  static func headline(_ demands: [Demand]) -> String {
    let failed = demands.count { $0.standing == .failed }
    let open = demands.count { $0.standing == .open }
    let later = demands.filter(\.isMissedLater)
    let all = demands.count == 1 ? "The demand" : demands.count == 2 ? "Both demands" : "All \(demands.count) demands"
    if failed == 0 && open == 0 {
      guard let rows = later.first?.check?.rows else {
        return "\(all) on this model \(demands.count == 1 ? "is" : "are") met."
      }
      let missed =
        demands.count == 1 ? "it" : demands.count == 2 && later.count == 2 ? "both" : "\(later.count) of them"
      let subject = demands.count == 1 ? "it was" : "they were"
      return "\(all) on this model held on the rows \(subject) judged on; on the \(rows) the model misses \(missed)."
    }
    let number = "\(later.count)\(failed > 0 ? " more" : "") \(later.count == 1 ? "is" : "are") missed"
    let tail = later.first?.check.map { "; on the \($0.rows) \(number)" } ?? ""
    if failed == 0 {
      return
        "Of \(Words.count(demands.count, "demand")), none is shown to fail, and of \(open) the data cannot tell\(tail)."
    }
    return
      "Of \(Words.count(demands.count, "demand")) on this model, \(failed) \(failed == 1 ? "is" : "are") not met\(tail)."
  }

  /// The most demands that have sentences of their own.
  private static let mostSentences = 4

  /// A sentence for each demand that is not met, or that later rows miss.
  static func sentences(_ demands: [Demand]) -> [String] {
    let named = demands.compactMap(\.sentence)
    let left = named.count - mostSentences
    return left > 0
      ? named.prefix(mostSentences) + ["\(Words.count(left, "more demand is", "more demands are")) not met or missed."]
      : named
  }

  private var sentence: String? {
    let came = value.text.map { " came to \($0) on the \(rows)" }
    if standing == .failed {
      let start = kind == "must not hold" ? "\(condition) holds, and must not" : "\(condition) is not met"
      return "\(start)\(came.map { ": it" + $0 } ?? "")."
    }
    guard isMissedLater, let check else { return nil }
    let reach =
      check.value.interval == nil
      ? "and there is no interval"
      : check.standing == .open ? "though its interval reaches it" : "with its whole interval"
    let verdict = standing == .met ? "held" : "was not shown to fail"
    let own = value.value.value.map { "\(Words.number($0, 3)) on the " } ?? ""
    return "\(condition) \(verdict) where it was judged (\(own)\(rows)); on the \(check.rows) its value of "
      + "\(check.text) misses the bound, \(reach)."
  }
}

extension Estimate {
  /// The value with its interval: `0.725 [0.607, 0.862]`; nil where there is no value.
  fileprivate var text: String? {
    value.value.map { number in
      Words.number(number, 3) + (interval.map { " [\(Words.number($0.low, 3)), \(Words.number($0.high, 3))]" } ?? "")
    }
  }
}
