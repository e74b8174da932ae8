import FairnessMetrics
import RunRecords

/// How each group fares: its rates, and a hundred people as dots.
struct GroupsSection {
  let run: RunReport

  var markup: Markup {
    guard let after = run.after, !after.attributes.isEmpty else { return "" }
    return Part.section(
      "groups", "How each group fares",
      lead:
        "Rates of the groups at the decision threshold, before and after. A gap between groups counts when the intervals leave room for nothing else.",
      after.attributes.map(table).joined())
      + people(after)
  }

  private func table(_ attribute: AttributeEvaluation) -> Markup {
    let hasBefore = run.before != nil
    let old = run.before?.attributes.first { $0.name == attribute.name }
    let rows = attribute.groups.map { group -> [Markup] in
      let slice = Slice([.init(column: attribute.name, group: group.name)])
      let was = old?.groups.first { $0.name == group.name }
      func cells(_ metric: String, _ before: MetricValue?, _ value: MetricValue) -> [Markup] {
        let estimate = run.estimate(metric, slice) ?? Estimate(value: value, interval: nil)
        return (hasBefore ? [NumberStyle.percent.markup(before)] : []) + [NumberStyle.percent.markup(estimate)]
      }
      return [Part.name(group.name), "\(Words.count(group.rows))"]
        + cells("selectionRate", was?.selectionRate, group.selectionRate)
        + cells("truePositiveRate", was?.truePositiveRate, group.truePositiveRate)
        + cells("falsePositiveRate", was?.falsePositiveRate, group.falsePositiveRate)
    }
    let columns = ["selected", "of those labelled \(run.positiveLabel)", "of the others"].flatMap {
      hasBefore ? ["#\($0), before", "#after"] : ["#\($0)"]
    }
    let missing = attribute.missingRows > 0 ? " \(Words.count(attribute.missingRows, "row")) name no group." : ""
    return "<h3>\(attribute.name)</h3>\n<p>\(AttributeFinding(attribute.name, of: run).sentence)\(missing)</p>\n"
      + Part.table(
        "Rates by \(attribute.name)", columns: [attribute.name, "#rows"] + columns, rows: rows)
      + parity(attribute)
  }

  /// The differences between groups that the literature names.
  private func parity(_ attribute: AttributeEvaluation) -> Markup {
    let metrics = [
      ("demographicParityDifference", "largest gap in selection rates"),
      ("equalOpportunityDifference", "largest gap in true positive rates"),
      ("equalizedOddsDifference", "larger of the gaps in true and in false positive rates"),
      ("predictiveParityDifference", "largest gap in precision"),
      ("accuracyEqualityDifference", "largest gap in accuracy"),
    ]
    let rows = metrics.compactMap { metric, meaning -> [Markup]? in
      guard let estimate = run.parity(metric, attribute.name) else { return nil }
      let before = run.parity(metric, attribute.name, isBefore: true)?.value
      return [
        "\(meaning)", run.before == nil ? "–" : NumberStyle.percent.markup(before),
        NumberStyle.percent.markup(estimate),
      ]
    }
    return "<details><summary>Gaps between the groups of \(attribute.name)</summary>"
      + Part.table("Gaps by \(attribute.name)", columns: ["gap, in points", "#before", "#after"], rows: rows)
      + "</details>\n"
  }

  // MARK: - A hundred people

  /// The most groups of an attribute that have a picture.
  private static let mostPictures = 6

  private func people(_ after: ClassifierEvaluation) -> Markup {
    var grids: [Markup] = []
    for attribute in after.attributes {
      for group in attribute.groups.prefix(Self.mostPictures) {
        guard
          let counts = run.evaluated?.slices.first(where: {
            $0.slice == Slice([.init(column: attribute.name, group: group.name)])
          })?.thresholds.first?.counts, counts.count == 4, counts.reduce(0, +) > 0
        else { continue }
        // Of evaluation.json: true and false positives, true and false negatives.
        let grid = PeopleGrid(rows: [counts[0], counts[1], counts[3], counts[2]])
        let sentence =
          "\(grid.counts[0]) rightly selected, \(grid.counts[1]) wrongly selected, \(grid.counts[2]) missed, \(grid.counts[3]) rightly not selected"
        grids.append(
          "<figure>\(grid.svg("100 of \(group.name): \(sentence)."))<figcaption><b>\(Part.name(group.name))</b><br>\(sentence)</figcaption></figure>\n"
        )
      }
    }
    guard !grids.isEmpty else { return "" }
    let cut = after.attributes.filter { $0.groups.count > Self.mostPictures }.map {
      "Of the \($0.groups.count) groups of \($0.name) the first \(Self.mostPictures) are drawn; the table has all."
    }
    func sign(_ fate: PeopleGrid.Fate, _ text: String) -> Markup {
      "<li><svg aria-hidden=\"true\" width=\"16\" height=\"16\">\(PeopleGrid.symbol(fate, x: 8, y: 8))</svg>\(text)</li>"
    }
    return Part.section(
      "people", "A hundred of each group",
      lead:
        "Each picture is a group of 100 with the proportions of the \(run.rowsName). “Rightly” means as the label says, here \(run.positiveLabel), which may itself be wrong.",
      """
      <ul class="legend">\(sign(.rightlySelected, "rightly selected"))\(sign(.wronglySelected, "wrongly selected"))\
      \(sign(.missed, "missed: labelled so, and not selected"))\(sign(.rightlyRejected, "rightly not selected"))</ul>
      <div class="grids">
      \(grids)</div>
      \(cut.map { "<p class=\"small\">\($0)</p>\n" as Markup })
      """)
  }
}
