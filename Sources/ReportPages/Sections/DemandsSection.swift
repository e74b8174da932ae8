import FairnessEvaluation
import FairnessMetrics
import RunRecords

/// What the configuration demands, and whether it is met; the tables that laws and guidelines ask for.
struct DemandsSection {
  let run: RunReport

  var markup: Markup {
    let demands = Demand.all(of: run)
    let packs = (run.evaluated?.packs ?? []).map {
      "<h3>\($0.title)</h3>\n\(ResultTableMarkup($0).markup)" as Markup
    }
    guard !(demands.isEmpty && packs.isEmpty) else { return "" }
    return Part.section(
      "demands", "What was demanded",
      lead: demands.isEmpty
        ? ""
        : "Set before the numbers were known. A verdict is about the rows that it was judged on, and no others.\(demands.contains { $0.check != nil } ? " Training was told to leave room, in standard errors; on the rows checked later the 95 % interval decides." : "")",
      (demands.isEmpty ? "" : table(demands)) + constraints + packs.joined())
  }

  private func table(_ demands: [Demand]) -> Markup {
    // All checks of a run are on the same rows: those of its last part.
    let checked = demands.compactMap(\.check?.rows).first
    return Part.table(
      "Demands",
      columns: ["condition", "as", "judged on", "#before", "#value and interval", "verdict"]
        + (checked.map { ["#on \($0)", "verdict there"] } ?? []),
      rows: demands.map { demand in
        [
          "<code>\(demand.condition)</code>", "\(demand.kind)", "\(demand.rows)",
          demand.before.map { NumberStyle.decimals.markup($0) } ?? "–", NumberStyle.decimals.markup(demand.value),
          verdict(demand.standing, demand.because),
        ] + (checked == nil ? [] : cells(demand.check))
      })
  }

  private func cells(_ check: Demand.Check?) -> [Markup] {
    guard let check else { return ["–", "–"] }
    return [NumberStyle.decimals.markup(check.value), verdict(check.standing, check.because)]
  }

  private func verdict(_ standing: Demand.Standing, _ because: String?) -> Markup {
    Part.badge(standing.word) + (because.map { "<br><span class=\"small\">\($0)</span>" as Markup } ?? "")
  }

  /// Each condition on all rows that it was measured on.
  private var constraints: Markup {
    guard let record = run.summary.constraints else { return "" }
    let rows = record.conditions.flatMap { condition in
      condition.measurements.map { measurement -> [Markup] in
        [
          "<code>\(condition.text)</code>",
          "\(measurement.rows == .outOfFold ? "training, out of fold" : measurement.rows.rawValue)",
          NumberStyle.decimals.markup(measurement.before), NumberStyle.decimals.markup(measurement.after),
        ]
      }
    }
    let multipliers = record.multipliers.map {
      ["<code>\($0.inequality)</code>", "\(Words.number($0.value, 3))"] as [Markup]
    }
    return """
      <p>The constraints are \(record.status.rawValue), judged on \(record.judgedOn == .outOfFold ? "training rows by networks that had not seen them" : "\(record.judgedOn.rawValue) rows")\(record.margin == 0 ? "" : ", with a margin of \(ConstraintsRecord.standardErrors(record.margin))")\(record.reason.map { ": \($0)" } ?? "").</p>
      \(Part.table("Constraints on all rows", columns: ["condition", "rows", "#before", "#after"], rows: rows))\
      \(multipliers.isEmpty ? "" : "<details><summary>Multipliers</summary>\(Part.table("Multipliers", columns: ["inequality", "#multiplier"], rows: multipliers))</details>" as Markup)

      """
  }
}
