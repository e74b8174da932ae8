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

  /// The condition as it was written.
  var condition: String
  var kind: String
  var rows: String
  var before: MetricValue?
  var value: Estimate
  var standing: Standing
  /// Why it is not met, or the data cannot tell.
  var because: String?

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
    return record.conditions.compactMap { condition in
      guard let last = condition.measurements.last else { return nil }
      let status = condition.status ?? record.status
      let standing: Standing =
        switch status {
        case .feasible: .met
        case .nearlyFeasible: .open
        case .infeasible: .failed
        }
      return Demand(
        condition: condition.text, kind: "constraint",
        rows: last.rows == .outOfFold ? "training rows, out of fold" : "\(last.rows.rawValue) rows",
        before: last.before,
        value: last.after, standing: standing,
        because: condition.reason ?? (status == .nearlyFeasible ? "within a standard error of its bound" : nil))
    }
  }
}
