import FairnessEvaluation
import FairnessMetrics
import RunRecords

/// What a run came to where its label has several classes or is a number.
extension ClosingTable {
  /// The most classes that have a line each.
  private static let mostClasses = 12

  /// The table of such a label; nil where the label is binary.
  var labelText: String? {
    guard let after = kept?[.test] else { return nil }
    var table = ClosingLines(arrow: isUnicode ? "→" : "->")
    let rows = TerminalText.grouped(after.rows)
    let confidence = evaluation?.judged?.report.confidence.map {
      ", intervals of \(EvaluationCells.shortNumber($0 * 100)) %"
    }
    let head: String
    if let classes = after.classes {
      add(classes, after, to: &table)
      head = "On \(rows) test rows, the class with the largest probability decided:\n\n"
    } else if let regression = after.regression {
      add(regression, after, to: &table)
      head = "On \(rows) test rows, in the unit of the label\(confidence ?? ""):\n\n"
    } else {
      return nil
    }
    for attribute in after.continuous {
      let earlier = before?.continuous.first { $0.name == attribute.name }
      let name = TerminalText.neutralized(attribute.name)
      table.add("correlation, \(name)", earlier?.correlation, attribute.correlation, .decimals)
      table.add(
        "maximal correlation, \(name)", earlier?.maximalCorrelation, attribute.maximalCorrelation, .decimals)
    }
    return head + table.text
  }

  private func add(
    _ classes: MulticlassEvaluation, _ after: ClassifierEvaluation, to table: inout ClosingLines
  ) {
    let old = before?.classes
    table.add("accuracy", before?.accuracy, after.accuracy, .percent)
    table.add("ROC AUC, mean of classes", old?.macroROCAUC, classes.macroROCAUC, .decimals)
    if classes.classes.count <= Self.mostClasses {
      for each in classes.classes {
        table.add(
          "decided \(TerminalText.neutralized(each.name))",
          old?.classes.first { $0.name == each.name }?.selectionRate, each.selectionRate, .percent,
          note: each.attributes.map(Self.rates).joined(separator: "; "))
      }
    }
    for (index, attribute) in classes.attributes.enumerated() {
      let earlier = old?.attributes.first { $0.name == attribute.name }
      let name = TerminalText.neutralized(attribute.name)
      table.add(
        "accuracy gap, \(name)", earlier?.accuracyDifference, attribute.accuracyDifference, .decimals,
        note: groups(after.attributes[index]))
      func add(
        _ label: String, _ value: KeyPath<MulticlassEvaluation.Attribute, MulticlassEvaluation.Extreme>,
        _ format: ClosingLines.Format
      ) {
        let extreme = attribute[keyPath: value]
        let notes = [
          extreme.className.map { "of \(TerminalText.neutralized($0))" },
          extreme.undefinedClasses.isEmpty || extreme.value.value == nil
            ? nil : "not told of \(Self.listed(extreme.undefinedClasses))",
        ]
        table.add(
          "\(label), \(name)", earlier?[keyPath: value].value, extreme.value, format,
          note: notes.compactMap { $0 }.joined(separator: ", "))
      }
      add("smallest p%-rule", \.pPercentRule, .percent)
      add("largest selection gap", \.demographicParityDifference, .decimals)
      add("largest odds gap", \.equalizedOddsDifference, .decimals)
      addAdversary(index, after, to: &table)
    }
  }

  private func add(
    _ regression: RegressionEvaluation, _ after: ClassifierEvaluation, to table: inout ClosingLines
  ) {
    let old = before?.regression
    typealias Errors = RegressionEvaluation.Errors
    func add(
      _ name: String, _ value: KeyPath<Errors, MetricValue>, _ format: ClosingLines.Format, metric: String? = nil
    ) {
      table.add(
        name, old?.errors[keyPath: value], regression.errors[keyPath: value], format,
        interval: metric.flatMap { judged?.slices.first?.estimate($0) })
    }
    add("root mean squared error", \.rootMeanSquaredError, .plain, metric: "rootMeanSquaredError")
    add("mean absolute error", \.meanAbsoluteError, .plain, metric: "meanAbsoluteError")
    add("R\(isUnicode ? "²" : "^2")", \.rSquared, .decimals)
    add("mean prediction", \.meanPrediction, .plain, metric: "meanPrediction")
    for (index, attribute) in regression.attributes.enumerated() {
      let earlier = old?.attributes.first { $0.name == attribute.name }
      let name = TerminalText.neutralized(attribute.name)
      typealias Attribute = RegressionEvaluation.Attribute
      func add(
        _ label: String, _ value: KeyPath<Attribute, MetricValue>, _ format: ClosingLines.Format,
        metric: String? = nil, note: String = ""
      ) {
        table.add(
          "\(label), \(name)", earlier?[keyPath: value], attribute[keyPath: value], format,
          interval: metric.flatMap { parity($0, of: judged, attribute.name) }, note: note)
      }
      let means = attribute.groups.prefix(6).compactMap { group in
        group.errors.meanPrediction.value.map {
          "\(TerminalText.neutralized(group.name)) \(ClosingLines.number($0))"
        }
      }
      add(
        "gap of mean predictions", \.meanPredictionDifference, .plain, metric: "meanPredictionDifference",
        note: means.joined(separator: ", "))
      add("gap of mean residuals", \.meanResidualDifference, .plain, metric: "meanErrorDifference")
      add(
        "gap of errors", \.rootMeanSquaredErrorDifference, .plain, metric: "rootMeanSquaredErrorDifference",
        note: groups(after.attributes[index]))
      add(
        "Kolmogorov-Smirnov distance", \.kolmogorovSmirnovDistance, .decimals,
        note: attribute.farthestGroups.map(TerminalText.neutralized).joined(separator: " and "))
      addAdversary(index, after, to: &table)
    }
  }

  private func addAdversary(_ index: Int, _ after: ClassifierEvaluation, to table: inout ClosingLines) {
    let attribute = after.attributes[index]
    guard let auc = attribute.adversaryAUC else { return }
    table.add(
      "adversary AUC, \(TerminalText.neutralized(attribute.name))",
      before?.attributes.first { $0.name == attribute.name }?.adversaryAUC, auc, .decimals)
  }

  /// The share of each group that is decided to be of a class.
  private static func rates(_ attribute: AttributeEvaluation) -> String {
    attribute.groups.prefix(6).compactMap { group in
      group.selectionRate.value.map { "\(TerminalText.neutralized(group.name)) \(TerminalText.fixed($0 * 100, 1)) %" }
    }.joined(separator: ", ")
  }

  private static func listed(_ names: [String]) -> String {
    names.prefix(6).map(TerminalText.neutralized).joined(separator: ", ")
      + (names.count > 6 ? ", \(names.count - 6) more" : "")
  }

  /// One sentence about predicted numbers: how far apart the groups' predictions lie, and what that cost.
  var regressionVerdict: String? {
    guard let after = kept?[.test]?.regression else { return nil }
    let old = before?.regression
    let distances = after.attributes.compactMap { attribute -> String? in
      guard let new = attribute.kolmogorovSmirnovDistance.value else { return nil }
      let name = TerminalText.neutralized(attribute.name)
      let earlier = old?.attributes.first { $0.name == attribute.name }?.kolmogorovSmirnovDistance.value
      return earlier.map { "went from \(TerminalText.fixed($0, 2)) to \(TerminalText.fixed(new, 2)) (\(name))" }
        ?? "is \(TerminalText.fixed(new, 2)) (\(name))"
    }
    let error = after.errors.rootMeanSquaredError.value.map { new in
      old?.errors.rootMeanSquaredError.value.map {
        "the root mean squared error from \(ClosingLines.number($0)) to \(ClosingLines.number(new))"
      } ?? "the root mean squared error is \(ClosingLines.number(new))"
    }
    // What predicts the same for all is even-handed and useless.
    let isIdle = (after.errors.rSquared.value ?? 0) < 0.01
    let explained = after.errors.rSquared.value.map {
      isIdle
        ? "; but the predictions explain next to nothing of the label, so this says nothing about fairness"
        : "; \(TerminalText.fixed($0 * 100, 0)) % of the label's variance are explained"
    }
    guard !distances.isEmpty else { return error.map { $0.prefix(1).uppercased() + $0.dropFirst() + "." } }
    return "The largest distance between the predictions of two groups \(distances.joined(separator: " and "))"
      + (error.map { ", \($0)" } ?? "") + (explained ?? "") + "."
  }
}
