import FairnessEvaluation
import FairnessMetrics
import OrderedJSON
import RunRecords

/// An evaluation as CSV, a line for each metric of each slice.
public struct EvaluationCSV: Sendable {
  private let report: EvaluationReport

  public init(_ report: EvaluationReport) {
    self.report = report
  }

  /// The lines: model, kind (slice, parity or gate), slice, rows, threshold, metric, value, low, high, reason.
  ///
  /// A text that a spreadsheet would run as a formula has an apostrophe in front.
  public var text: String {
    var lines = ["model,kind,slice,rows,threshold,metric,value,low,high,reason"]
    for model in report.models {
      func add(
        _ kind: String, _ slice: String, rows: Int?, threshold: Double?, _ name: String, _ estimate: Estimate,
        reason: String? = nil
      ) {
        func number(_ value: Double?) -> String {
          value.flatMap { $0.isFinite ? JSONNumber($0).text : nil } ?? ""
        }
        let cells = [
          cell(model.name), kind, cell(slice), rows.map(String.init) ?? "", number(threshold), cell(name),
          number(estimate.value.value), number(estimate.interval?.low), number(estimate.interval?.high),
          cell(reason ?? estimate.value.reason ?? ""),
        ]
        lines.append(cells.joined(separator: ","))
      }
      for slice in model.slices {
        let name = "\(slice.slice)"
        for metric in slice.metrics {
          add("slice", name, rows: slice.rows, threshold: nil, metric.name, metric.estimate)
        }
        for entry in slice.thresholds {
          for metric in entry.metrics {
            add("slice", name, rows: slice.rows, threshold: entry.threshold, metric.name, metric.estimate)
          }
        }
      }
      for table in model.parity {
        for entry in table.thresholds {
          for metric in entry.metrics {
            add(
              "parity", table.columns.joined(separator: ", "), rows: nil, threshold: entry.threshold, metric.name,
              metric.estimate)
          }
        }
      }
      for gate in model.gates {
        add(
          "gate", "", rows: nil, threshold: nil, gate.condition, gate.estimate,
          reason: EvaluationCells.verdict(gate.verdict))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func cell(_ text: String) -> String { String(decoding: CSVCell.encoded(text), as: UTF8.self) }
}
