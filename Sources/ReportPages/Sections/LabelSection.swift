import FairnessMetrics
import Reporting
import RunRecords

/// The top of the page and the tables of a run whose label has several classes or is a number.
struct LabelSection {
  let run: RunReport

  /// The most classes that have rows of their own.
  private static let mostClasses = 40

  private var classes: MulticlassEvaluation? { run.after?.classes }
  private var regression: RegressionEvaluation? { run.after?.regression }

  private var label: String { run.configuration["data"]?["label"]?["column"]?.text ?? "label" }

  // MARK: - Header

  /// The page in one line: whether the demands are met, where there are any, and else how the groups compare.
  var headline: String {
    let demands = Demand.all(of: run)
    guard demands.isEmpty || commonest != nil else { return Demand.headline(demands) }
    return finding
  }

  /// How the groups compare, in one line.
  private var finding: String {
    let continuous = Findings.continuous(run)
    if let classes {
      if let only = commonest {
        return "Nearly every row is decided to be \(only), which says nothing about fairness."
      }
      let worst = classes.attributes.compactMap { attribute in
        attribute.pPercentRule.value.value.map { (attribute.name, $0, attribute.pPercentRule.className ?? "") }
      }.min { $0.1 < $1.1 }
      guard let worst else { return continuous.first ?? "No p%-rule of a class of \(label) can be told." }
      return "The smallest p%-rule of a class of \(label) is \(Words.percent(worst.1, 0)): \(worst.2), by \(worst.0)."
    }
    let attributes = regression?.attributes ?? []
    // Gaps of one label have one unit, so that the widest of all attributes is the widest.
    let widest = attributes.compactMap { attribute in
      attribute.meanPredictionDifference.value.map { (attribute, $0) }
    }.max { $0.1 < $1.1 }
    guard let (attribute, gap) = widest else {
      return continuous.first ?? "No gap between the predictions of groups can be told."
    }
    return gaps(attribute, gap) + "."
  }

  /// How far the mean predictions of the groups of an attribute are apart, in the unit of the label.
  private func gaps(_ attribute: RegressionEvaluation.Attribute, _ gap: Double) -> String {
    let means = attribute.groups.compactMap { group in
      group.errors.meanPrediction.value.map { (name: group.name, mean: $0) }
    }
    var text = "The mean predictions of \(label) differ by \(ClosingLines.number(gap))"
    if let least = means.min(by: { $0.mean < $1.mean }), let most = means.max(by: { $0.mean < $1.mean }),
      least.name != most.name
    {
      text +=
        " between \(least.name) (\(ClosingLines.number(least.mean))) and \(most.name) "
        + "(\(ClosingLines.number(most.mean)))"
    } else {
      text += " between the groups of \(attribute.name)"
    }
    let was = earlier(attribute.name)?.meanPredictionDifference.value
    return text + (was.map { ", by \(ClosingLines.number($0)) before" } ?? "")
  }

  private func earlier(_ name: String) -> RegressionEvaluation.Attribute? {
    run.before?.regression?.attributes.first { $0.name == name }
  }

  /// The class that nearly every row is decided to be of; nil where there is none.
  private var commonest: String? {
    classes?.classes.first { each in
      each.selectionRate.value.map { $0 > 0.5 && Degeneracy.isNearlyConstant(selectionRate: $0) } ?? false
    }?.name
  }

  /// What became of the demands, of parity and of the predictions, in sentences.
  var lead: [String] {
    guard let after = run.after else { return [] }
    let known = headline
    var sentences = Demand.sentences(Demand.all(of: run)) + [finding]
    if let regression {
      sentences += regression.attributes.flatMap(sentencesOf)
      if let sentence = explained(regression.errors) { sentences.append(sentence) }
    } else if let accuracy = after.accuracy.value {
      let was = run.before?.accuracy.value.map { " (\(Words.percent($0)) before)" } ?? ""
      sentences.append(
        "The class with the largest probability is right for \(Words.percent(accuracy)) of the rows\(was).")
    }
    // What the headline says need not be said twice.
    return (sentences + Findings.continuous(run)).reduce(into: []) { found, sentence in
      if sentence != known && !found.contains(sentence) { found.append(sentence) }
    }
  }

  /// How the predictions of the groups of an attribute differ: in their means, in their errors, and as a whole.
  private func sentencesOf(_ attribute: RegressionEvaluation.Attribute) -> [String] {
    let old = earlier(attribute.name)
    var sentences: [String] = []
    if let gap = attribute.meanPredictionDifference.value { sentences.append(gaps(attribute, gap) + ".") }
    if let gap = attribute.meanResidualDifference.value {
      sentences.append(
        "Mean errors of \(label), label minus prediction, differ by \(ClosingLines.number(gap)) between the groups of "
          + "\(attribute.name)" + (old?.meanResidualDifference.value.map { change(from: $0, to: gap) } ?? "") + ".")
    }
    if let distance = attribute.kolmogorovSmirnovDistance.value {
      let was = old?.kolmogorovSmirnovDistance.value.map { " (\(Words.number($0, 2)) before)" } ?? ""
      let groups = attribute.farthestGroups.isEmpty ? "" : ", between \(Words.list(attribute.farthestGroups))"
      sentences.append(
        "The largest Kolmogorov–Smirnov distance of the predictions by \(attribute.name), which has no unit and is 0 for "
          + "equal distributions and 1 for such as do not overlap, is \(Words.number(distance, 2))\(was)\(groups).")
    }
    return sentences
  }

  private func change(from old: Double, to new: Double) -> String {
    "; before, by \(ClosingLines.number(old))" + (new > old ? ": the gap has grown" : "")
  }

  private func explained(_ errors: RegressionEvaluation.Errors) -> String? {
    guard let error = errors.rootMeanSquaredError.value, let share = errors.rSquared.value else { return nil }
    let old = run.before?.regression?.errors.rootMeanSquaredError.value
    let was = old.map { " (\(ClosingLines.number($0)) before)" } ?? ""
    return
      "The root mean squared error is \(ClosingLines.number(error))\(was); \(Words.percent(share, 0)) of the variance of "
      + "\(label) are explained"
      + (share < 0.01 ? ": next to nothing, so that even treatment says nothing here." : ".")
  }

  var header: Markup {
    let isFresh = run.split != .train
    return """
      <header>
      <p class="eyebrow">Equipoise report · \(run.summary.name) · seed \(run.summary.seed)\(run.environment.map { " · " + String($0.started.prefix(10)) } ?? "")</p>
      <h1>\(headline)</h1>
      \(lead.map { "<p class=\"verdict\">\($0)</p>\n" as Markup })\
      <p class="basis">Measured on \(Words.count(run.after?.rows ?? 0)) \(run.rowsName)\(isFresh ? " that took no part in training" : ", for there were no others: on new rows all of it may be worse").</p>
      </header>

      """
  }

  // MARK: - Tables

  /// How groups fare, attribute by attribute; of several classes also each class.
  var groups: Markup {
    if let classes { return section(classes) }
    if let regression { return section(regression) }
    return ""
  }

  private func section(_ classes: MulticlassEvaluation) -> Markup {
    let old = run.before?.classes
    let overall = classes.classes.prefix(Self.mostClasses).map { each -> [Markup] in
      let was = old?.classes.first { $0.name == each.name }
      return [Part.name(each.name), "\(Words.count(each.rows))"]
        + cells(was?.selectionRate, each.selectionRate, .percent) + cells(was?.rocAUC, each.rocAUC, .decimals)
    }
    var body =
      "<h3>Classes of \(label)</h3>\n"
      + Part.table(
        "Classes", columns: ["class", "#rows"] + heads("decided") + heads("ROC AUC against the rest"), rows: overall)
    for (index, attribute) in classes.attributes.enumerated() {
      let earlier = old?.attributes.first { $0.name == attribute.name }
      func row(
        _ name: String, _ value: KeyPath<MulticlassEvaluation.Attribute, MulticlassEvaluation.Extreme>,
        _ style: NumberStyle
      ) -> [Markup] {
        let extreme = attribute[keyPath: value]
        let without = extreme.undefinedClasses
        return ["\(name)"] + cells(earlier?[keyPath: value].value, extreme.value, style)
          + [
            "\(extreme.className.map { Part.name($0) })",
            "\(without.isEmpty || extreme.value.value == nil ? "" : Words.list(without))",
          ]
      }
      body += "<h3>\(attribute.name)</h3>\n"
      body += Part.table(
        "Parity by \(attribute.name)",
        columns: ["over the classes"] + heads("value") + ["class", "does not exist for"],
        rows: [
          row("smallest p%-rule", \.pPercentRule, .percent),
          row("largest gap in selection rates", \.demographicParityDifference, .percent),
          row("largest gap in true positive rates", \.equalOpportunityDifference, .percent),
          row("largest gap in true or false positive rates", \.equalizedOddsDifference, .percent),
        ])
      body += Part.table(
        "Accuracy by \(attribute.name)", columns: [attribute.name, "#rows"] + heads("accuracy"),
        rows: attribute.groups.map { group in
          [Part.name(group.name), "\(Words.count(group.rows))"]
            + cells(earlier?.groups.first { $0.name == group.name }?.accuracy, group.accuracy, .percent)
        })
      let names = attribute.groups.map(\.name)
      body += Part.table(
        "Share of each group decided to be of each class", columns: ["decided"] + names.map { "#\($0)" } + ["#p%-rule"],
        rows: classes.classes.prefix(Self.mostClasses).map { each in
          [Part.name(each.name)] + each.attributes[index].groups.map { NumberStyle.percent.markup($0.selectionRate) }
            + [NumberStyle.percent.markup(each.attributes[index].pPercentRule)]
        })
      body += adversary(index)
    }
    return Part.section(
      "groups", "How each group fares",
      lead: "Each class is judged against the rest; a row's class is the one with the largest probability.", body)
  }

  private func section(_ regression: RegressionEvaluation) -> Markup {
    let old = run.before?.regression
    func row(
      _ name: Markup, _ was: RegressionEvaluation.Errors?, _ errors: RegressionEvaluation.Errors
    ) -> [Markup] {
      [name, "\(Words.count(errors.rows))"] + plain(was?.meanPrediction, errors.meanPrediction)
        + plain(was?.meanResidual, errors.meanResidual)
        + plain(was?.rootMeanSquaredError, errors.rootMeanSquaredError)
        + plain(was?.meanAbsoluteError, errors.meanAbsoluteError)
        + cells(was?.rSquared, errors.rSquared, .decimals)
    }
    let columns = ["#rows"] + ["mean prediction", "mean residual", "RMSE", "mean absolute error", "R²"].flatMap(heads)
    var body = Part.table(
      "Errors of all rows", columns: [label] + columns, rows: [row("all rows", old?.errors, regression.errors)])
    for (index, attribute) in regression.attributes.enumerated() {
      let earlier = old?.attributes.first { $0.name == attribute.name }
      let missing = attribute.missingRows > 0 ? " \(Words.count(attribute.missingRows, "row")) name no group." : ""
      body += "<h3>\(attribute.name)</h3>\n\(missing.isEmpty ? Markup() : "<p>\(missing)</p>\n" as Markup)"
      body += Part.table(
        "Errors by \(attribute.name)", columns: [attribute.name] + columns,
        rows: attribute.groups.map { group in
          row(Part.name(group.name), earlier?.groups.first { $0.name == group.name }?.errors, group.errors)
        })
      func gap(
        _ name: String, _ value: KeyPath<RegressionEvaluation.Attribute, MetricValue>, metric: String
      ) -> [Markup] {
        var cells = plain(earlier?[keyPath: value], attribute[keyPath: value])
        if let interval = run.parity(metric, attribute.name)?.interval {
          cells[cells.count - 1] +=
            " <span class=\"ci\">[\(Self.plain(interval.low)), \(Self.plain(interval.high))]</span>"
        }
        return ["\(name)"] + cells
      }
      let farthest =
        attribute.farthestGroups.isEmpty ? "" : ", between \(Words.list(attribute.farthestGroups))"
      body += Part.table(
        "Gaps by \(attribute.name)", columns: ["between groups"] + heads("value"),
        rows: [
          ["largest Kolmogorov–Smirnov distance of the predictions\(farthest)"]
            + cells(earlier?.kolmogorovSmirnovDistance, attribute.kolmogorovSmirnovDistance, .decimals),
          gap("largest gap in mean predictions", \.meanPredictionDifference, metric: "meanPredictionDifference"),
          gap("largest gap in mean residuals", \.meanResidualDifference, metric: "meanErrorDifference"),
          gap(
            "largest gap in root mean squared errors", \.rootMeanSquaredErrorDifference,
            metric: "rootMeanSquaredErrorDifference"),
        ])
      body += adversary(index)
    }
    return Part.section(
      "groups", "How each group fares",
      lead:
        "In the unit of \(label). A residual is label minus prediction. The Kolmogorov–Smirnov distance is 0 where groups get the same predictions, and 1 where theirs do not overlap.",
      body)
  }

  // MARK: - Cells

  private func heads(_ name: String) -> [String] { run.before == nil ? ["#\(name)"] : ["#\(name), before", "#after"] }

  private func cells(_ before: MetricValue?, _ after: MetricValue, _ style: NumberStyle) -> [Markup] {
    (run.before == nil ? [] : [style.markup(before)]) + [style.markup(after)]
  }

  private func plain(_ before: MetricValue?, _ after: MetricValue) -> [Markup] {
    (run.before == nil ? [] : [Self.plain(before)]) + [Self.plain(after)]
  }

  private static func plain(_ number: Double) -> Markup {
    let text = ClosingLines.number(number)
    return "\(text.hasPrefix("-") ? "−" + String(text.dropFirst()) : text)"
  }

  private static func plain(_ value: MetricValue?) -> Markup {
    guard let value else { return "–" }
    if let number = value.value { return plain(number) }
    return "<span class=\"none\" title=\"\(value.reason ?? "")\">none</span>"
  }

  private func adversary(_ index: Int) -> Markup {
    guard let attribute = run.after?.attributes[index], let auc = attribute.adversaryAUC?.value else { return "" }
    let was = run.before?.attributes.first { $0.name == attribute.name }?.adversaryAUC?.value
    let before = was.map { ", \(Words.number($0, 2)) before" } ?? ""
    return
      "<p>The game's adversary reads \(attribute.name) off the predictions with a ROC AUC of \(Words.number(auc, 2))\(before); 0.5 is a coin toss.</p>\n"
  }
}
