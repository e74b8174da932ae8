import OrderedJSON
import RunRecords

/// Classifiers side by side where they are equal in one thing over all rows.
struct MatchedTable {
  /// A state of a classifier under the name that the table gives it.
  struct Entry {
    var name: String
    var state: ScoresRecord.State
    var bins: Int
    /// The threshold that it was made for.
    var threshold: Double
  }

  let entries: [Entry]
  /// The entry that all others are matched to, at its own threshold.
  let reference: Int
  let attributes: [String]

  /// The points of all entries.
  func points(_ condition: OperatingPoint.Condition) -> [(name: String, point: OperatingPoint)] {
    guard entries.indices.contains(reference) else { return [] }
    let reference = entries[reference]
    let index = min(reference.bins, max(0, Int((reference.threshold * Double(reference.bins)).rounded())))
    let point = OperatingPoint(reference.state, bins: reference.bins, index: index, attributes: attributes)
    guard let rate = condition == .selectionRate ? point.selectionRate : point.falsePositiveRate else { return [] }
    return entries.compactMap { entry in
      OperatingPoint.index(of: entry.state, bins: entry.bins, matching: condition, rate, near: entry.threshold).map {
        (entry.name, OperatingPoint(entry.state, bins: entry.bins, index: $0, attributes: attributes))
      }
    }
  }

  /// Tables for both conditions.
  var markup: Markup {
    OperatingPoint.Condition.allCases.map { condition -> Markup in
      let points = points(condition)
      guard points.count > 1 else { return "" }
      let rows = points.map { name, point -> [Markup] in
        [
          Part.name(name), "\(Words.number(point.threshold, 3))", text(point.selectionRate),
          text(point.falsePositiveRate), text(point.accuracy),
        ] + point.attributes.flatMap { [text($0.ratio), text($0.gap)] }
      }
      let columns =
        ["", "#threshold", "#selected", "#false positives", "#accuracy"]
        + attributes.flatMap { ["#ratio, \($0)", "#gap in true positives, \($0)"] }
      return "<h3>At thresholds with \(condition.title)</h3>\n"
        + Part.table("Compared with \(condition.title)", columns: columns, rows: rows)
    }.joined()
  }

  private func text(_ share: Double?) -> Markup { share.map { "\(Words.percent($0))" } ?? "none" }

  var json: JSON {
    .object(
      OperatingPoint.Condition.allCases.map { condition in
        JSON.Member(
          condition.rawValue,
          .array(points(condition).map { ["name": .string($0.name), "point": $0.point.json] }))
      })
  }
}
