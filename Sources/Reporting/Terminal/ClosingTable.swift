import FairnessEvaluation
import FairnessMetrics
import RunRecords

/// What a run came to, for the terminal: a table of before and after, and a sentence.
public struct ClosingTable: Sendable {
  let summary: RunSummary
  let evaluation: RunEvaluation?
  let isUnicode: Bool

  /// - Parameters:
  ///   - evaluation: Where the intervals stand; nil for a table without.
  ///   - isUnicode: Whether the terminal shows more than ASCII.
  public init(_ summary: RunSummary, evaluation: RunEvaluation? = nil, isUnicode: Bool = true) {
    self.summary = summary
    self.evaluation = evaluation
    self.isUnicode = isUnicode
  }

  /// The table, on the test rows, of the state before the game and of the one that is kept, with the intervals of the
  /// latter.
  public var text: String {
    guard let after = kept, let evaluation = after[.test] else { return "" }
    let before = before
    let rows = TerminalText.grouped(evaluation.rows)
    if let text = labelText { return text }
    var table = ClosingLines(arrow: isUnicode ? "→" : "->")
    func add(
      _ name: String, _ metric: String, _ value: KeyPath<ClassifierEvaluation, MetricValue>,
      _ format: ClosingLines.Format
    ) {
      table.add(
        name, before?[keyPath: value], evaluation[keyPath: value], format,
        interval: judged?.slices.first?.estimate(metric))
    }
    add("accuracy", "accuracy", \.accuracy, .percent)
    add("ROC AUC", "rocAUC", \.rocAUC, .decimals)
    add("selected", "selectionRate", \.selectionRate, .percent)
    for attribute in evaluation.attributes {
      let earlier = before?.attributes.first { $0.name == attribute.name }
      let name = TerminalText.padded(
        TerminalText.neutralized(attribute.name),
        to: min(40, TerminalText.width(TerminalText.neutralized(attribute.name))))
      func add(
        _ label: String, _ metric: String, _ value: KeyPath<AttributeEvaluation, MetricValue>,
        _ format: ClosingLines.Format,
        note: String = ""
      ) {
        table.add(
          "\(label), \(name)", earlier?[keyPath: value], attribute[keyPath: value], format,
          interval: parity(metric, of: judged, attribute.name), note: note)
      }
      add("p%-rule", "pPercentRule", \.pPercentRule, .percent, note: groups(attribute))
      add("selection gap", "demographicParityDifference", \.demographicParityDifference, .decimals)
      add("odds gap", "equalizedOddsDifference", \.equalizedOddsDifference, .decimals)
      add("opportunity gap", "equalOpportunityDifference", \.equalOpportunityDifference, .decimals)
      // The summary has no precision of groups; the evaluation has it of both states.
      if let precision = parity("predictiveParityDifference", of: judged, attribute.name) {
        let before = before == nil ? nil : parity("predictiveParityDifference", of: judgedBefore, attribute.name)
        table.add("precision gap, \(name)", before?.value, precision.value, .decimals, interval: precision)
      }
      if let auc = attribute.adversaryAUC {
        table.add("adversary AUC, \(name)", earlier?.adversaryAUC, auc, .decimals)
      }
    }
    for attribute in evaluation.continuous {
      let earlier = before?.continuous.first { $0.name == attribute.name }
      let name = TerminalText.neutralized(attribute.name)
      let note = attribute.missingRows > 0 ? "missing \(TerminalText.grouped(attribute.missingRows))" : ""
      table.add(
        "correlation, \(name)", earlier?.correlation, attribute.correlation, .decimals, interval: nil, note: note)
      table.add(
        "maximal correlation, \(name)", earlier?.maximalCorrelation, attribute.maximalCorrelation, .decimals)
    }
    let confidence = self.evaluation?.judged?.report.confidence.map {
      ", intervals of \(EvaluationCells.shortNumber($0 * 100)) %"
    }
    return "On \(rows) test rows, decisions at \(TerminalText.fixed(evaluation.threshold, 2))\(confidence ?? ""):\n\n"
      + table.text
  }

  /// The gates with their verdicts, as `equipoise evaluate` shows them; empty without gates.
  public var gates: String {
    guard let evaluation, !evaluation.gates.isEmpty else { return "" }
    return EvaluationText.gates(evaluation.gates)
  }

  /// What was found about the kept classifier on the test rows.
  var judged: ModelEvaluation? {
    evaluation.flatMap { evaluation in evaluation.judged.flatMap { evaluation[$0.name] } }
  }

  /// The same before the game or the correction; nil where nothing was changed.
  private var judgedBefore: ModelEvaluation? {
    evaluation.flatMap { evaluation in
      evaluation.judged.flatMap { evaluation[$0.name, SummaryPhase.pretrained.rawValue] }
    }
  }

  func parity(_ metric: String, of evaluation: ModelEvaluation?, _ attribute: String) -> Estimate? {
    evaluation?.parity.first { $0.columns == [attribute] }?.thresholds.first?.metrics.first { $0.name == metric }?
      .estimate
  }

  /// Who only lost, in one line.
  public var levelledDown: String {
    var groups: [(attribute: String, names: [String])] = []
    for text in summary.levelledDown {
      // `attribute: group`; a colon in a name is no end of it.
      let attribute = kept?.lazy.flatMap(\.evaluation.attributes).map(\.name).first { text.hasPrefix("\($0): ") } ?? ""
      let name = TerminalText.neutralized(attribute.isEmpty ? text : String(text.dropFirst(attribute.count + 2)))
      if let index = groups.firstIndex(where: { $0.attribute == attribute }) {
        groups[index].names.append(name)
      } else {
        groups.append((attribute, [name]))
      }
    }
    guard !groups.isEmpty else { return "" }
    let told = groups.map { group in
      (group.attribute.isEmpty ? "" : "\(TerminalText.neutralized(group.attribute)) ")
        + group.names.joined(separator: ", ")
    }
    return
      "Levelled down: \(told.joined(separator: "; ")) lost, and no group of the "
      + "\(groups.count == 1 ? "attribute" : "attributes") gained.\n"
  }

  /// One sentence in plain words: what became of the parity, and what it cost.
  public var verdict: String {
    guard let after = kept?[.test] else { return "" }
    if after.regression != nil { return regressionVerdict ?? "" }
    guard let before else { return state(of: after) }
    var hasFallen = false
    let changes = after.attributes.compactMap { attribute -> (verb: String, text: String)? in
      let name = TerminalText.neutralized(attribute.name)
      guard let new = attribute.pPercentRule.value.map({ TerminalText.fixed($0 * 100, 0) }) else { return nil }
      guard let value = before.attributes.first(where: { $0.name == attribute.name })?.pPercentRule.value else {
        return ("went", "to \(new) % (\(name))")
      }
      let old = TerminalText.fixed(value * 100, 0)
      // What rounds to the same is no change worth a word.
      let fell = new != old && (attribute.pPercentRule.value ?? 0) < value
      hasFallen = hasFallen || fell
      return new == old
        ? ("stayed", "at \(new) % (\(name))") : (fell ? "fell" : "rose", "from \(old) to \(new) % (\(name))")
    }
    guard !changes.isEmpty else { return dependence(from: before, to: after) ?? state(of: after) }
    let cost = Self.cost(from: before.accuracy.value, to: after.accuracy.value, isPrice: !hasFallen)
    let isPlain = changes.allSatisfy { $0.verb == "rose" || $0.verb == "went" }
    let told = changes.map { isPlain ? $0.text : "\($0.verb) \($0.text)" }.joined(separator: " and ")
    return
      "\(Self.rule(of: after)) \(isPlain ? "went " : "")\(told)\(hasFallen ? "," : "") \(cost); \(fourFifths(after, before: before))."
  }

  /// What the p%-rules that are told are: of several classes each attribute's smallest.
  private static func rule(of evaluation: ClassifierEvaluation) -> String {
    evaluation.classes == nil ? "The p%-rule" : "The smallest p%-rule of a class"
  }

  /// The sentence about continuous attributes, where there are no others; nil without any whose correlation is known.
  private func dependence(from before: ClassifierEvaluation, to after: ClassifierEvaluation) -> String? {
    guard after.attributes.isEmpty else { return nil }
    var hasRisen = false
    let changes = after.continuous.compactMap { attribute -> String? in
      guard let new = attribute.maximalCorrelation.value,
        let old = before.continuous.first(where: { $0.name == attribute.name })?.maximalCorrelation.value
      else { return nil }
      hasRisen = hasRisen || new > old
      return
        "with \(TerminalText.neutralized(attribute.name)) went from \(TerminalText.fixed(old, 2)) to \(TerminalText.fixed(new, 2))"
    }
    guard !changes.isEmpty else { return nil }
    let cost = Self.cost(from: before.accuracy.value, to: after.accuracy.value, isPrice: !hasRisen)
    return "The maximal correlation \(changes.joined(separator: " and ")), \(cost)."
  }

  /// What became of the accuracy: the price of parity that rose, and a loss beside parity that fell.
  private static func cost(from old: Double?, to new: Double?, isPrice: Bool) -> String {
    guard let old, let new else { return "at an accuracy that cannot be told" }
    let points = TerminalText.fixed(abs(new - old) * 100, 1)
    if points == "0.0" { return "at the same accuracy" }
    if isPrice { return "\(new < old ? "for" : "and gained") \(points) points of accuracy" }
    return "and accuracy \(new < old ? "fell" : "rose") by \(points) points"
  }

  /// The state that a user would deploy: the chosen iterate where there is one.
  var kept: [SplitEvaluation]? { summary[.selected] ?? summary[.final] }

  /// The state before the game; nil where none was played, so that nothing changed.
  var before: ClassifierEvaluation? {
    guard let before = summary[.pretrained].flatMap({ $0[.test] }), before != kept?[.test] else { return nil }
    return before
  }

  func groups(_ attribute: AttributeEvaluation) -> String {
    let shown = attribute.groups.prefix(6).map {
      "\(TerminalText.padded(TerminalText.neutralized($0.name), to: min(24, TerminalText.width(TerminalText.neutralized($0.name))))) "
        + TerminalText.grouped($0.rows)
    }
    let more = attribute.groups.count > 6 ? ["\(attribute.groups.count - 6) more"] : []
    let missing = attribute.missingRows > 0 ? ["missing \(TerminalText.grouped(attribute.missingRows))"] : []
    return (shown + more + missing).joined(separator: ", ")
  }

  private func state(of evaluation: ClassifierEvaluation) -> String {
    let known = evaluation.attributes.compactMap { attribute in
      attribute.pPercentRule.value.map {
        "\(TerminalText.fixed($0 * 100, 0)) % (\(TerminalText.neutralized(attribute.name)))"
      }
    }
    guard !known.isEmpty else {
      return "No p%-rule can be told: "
        + (evaluation.attributes.first?.pPercentRule.reason
          ?? (evaluation.continuous.isEmpty ? "there is no sensitive attribute" : ContinuousEvaluation.noGroups)) + "."
    }
    return
      "\(Self.rule(of: evaluation)) is \(known.joined(separator: " and ")); \(fourFifths(evaluation, before: nil))."
  }

  /// Where the result stands by the four-fifths rule: an interval that reaches across the mark tells nothing, and so it is
  /// with the report. A constant predictor, which is even-handed and useless, is named instead of praised.
  private func fourFifths(_ evaluation: ClassifierEvaluation, before: ClassifierEvaluation?) -> String {
    // Of several classes one that nearly every row gets says the same.
    let commonest = evaluation.classes?.classes.compactMap(\.selectionRate.value).max()
    if let rate = evaluation.selectionRate.value ?? commonest.flatMap({ $0 > 0.5 ? $0 : nil }),
      Degeneracy.isNearlyConstant(selectionRate: rate)
    {
      return "but nearly every row gets the same decision, so this says nothing about fairness"
    }
    var (fallen, below, open, unknown): ([String], [String], [String], [String]) = ([], [], [], [])
    for attribute in evaluation.attributes {
      let name = TerminalText.neutralized(attribute.name)
      let interval = parity("pPercentRule", of: judged, attribute.name)?.interval
      if let value = attribute.pPercentRule.value {
        if let interval, interval.low < 0.8 && interval.high >= 0.8 {
          open.append(name)
        } else if value < 0.8 {
          let old = before?.attributes.first { $0.name == attribute.name }?.pPercentRule.value ?? 0
          if old >= 0.8 { fallen.append(name) } else { below.append(name) }
        }
      } else {
        unknown.append(name)
      }
    }
    func names(_ names: [String]) -> String { names.joined(separator: " and ") }
    let mark = "the four-fifths mark of 80 %"
    var clauses: [String] = []
    if !fallen.isEmpty { clauses.append("\(names(fallen)) fell below \(mark)") }
    if !below.isEmpty {
      clauses.append("\(names(below)) \(below.count == 1 ? "stays" : "stay") below \(clauses.isEmpty ? mark : "it")")
    }
    if !open.isEmpty {
      clauses.append(
        clauses.isEmpty
          ? "the rows are too few to tell whether \(names(open)) \(open.count == 1 ? "meets" : "meet") \(mark)"
          : "for \(names(open)) the rows are too few to tell")
    }
    if !unknown.isEmpty { clauses.append("for \(names(unknown)) it cannot be told") }
    if !clauses.isEmpty { return clauses.joined(separator: ", ") }
    return evaluation.attributes.count == 1
      ? "it meets \(mark)" : "\(evaluation.attributes.count == 2 ? "both" : "all") meet \(mark)"
  }
}
