import FairnessEvaluation
import FairnessMetrics
import RunRecords

/// What the records of a run say in plain words: the verdict, and what a reader should not overlook.
struct Findings: Sendable {
  /// Something to be looked at, with the section where it can be seen.
  struct Watch: Sendable {
    var text: String
    var section: String
  }

  let attributes: [AttributeFinding]
  let headline: String
  /// Sentences below the headline.
  let lead: [String]
  let watch: [Watch]

  private let run: RunReport

  init(_ run: RunReport) {
    self.run = run
    attributes = run.attributes.map { AttributeFinding($0, of: run) }
    headline = Self.headline(run, attributes)
    lead = Self.lead(run, attributes)
    watch = Self.watch(run)
  }

  /// Whether nearly all rows get the same decision, so that even treatment means nothing.
  static func isDegenerate(_ run: RunReport) -> Bool {
    run.after?.selectionRate.value.map { Degeneracy.isNearlyConstant(selectionRate: $0) } ?? false
  }

  /// Whether any number of the page has an interval.
  var hasIntervals: Bool { run.confidence != nil || attributes.contains { $0.ratio.interval != nil } }

  // MARK: - The verdict

  private static func headline(_ run: RunReport, _ attributes: [AttributeFinding]) -> String {
    if isDegenerate(run) {
      return "Nearly everyone gets the same decision. That is even, and says nothing of fairness."
    }
    let demands = Demand.all(of: run)
    guard demands.isEmpty else { return Demand.headline(demands) }
    guard !attributes.isEmpty else { return continuous(run).first ?? unnamed(run) }
    func names(_ isWanted: (AttributeFinding.Standing) -> Bool) -> [String] {
      attributes.filter { isWanted($0.standing) }.map(\.name)
    }
    let (meets, misses, unclear) = (names { $0 == .meets }, names { $0 == .misses }, names { $0 == .unclear })
    let notJudged = names { if case .notJudged = $0 { true } else { false } }
    var clauses: [String] = []
    if !meets.isEmpty { clauses.append("is met for \(Words.list(meets))") }
    if !misses.isEmpty { clauses.append("missed for \(Words.list(misses))") }
    if !unclear.isEmpty { clauses.append("open for \(Words.list(unclear)): the rows are too few to tell") }
    if !notJudged.isEmpty { clauses.append("not judged for \(Words.list(notJudged)): no interval was computed") }
    guard !clauses.isEmpty else { return "No ratio of selection rates can be computed." }
    if meets.isEmpty { clauses[0] = "is " + clauses[0] }
    return "The four-fifths mark \(clauses.joined(separator: ", "))."
  }

  private static func unnamed(_ run: RunReport) -> String {
    let auc = run.after?.rocAUC.value.map { "ranks pairs rightly \(Words.percent($0, 0)) of the time" }
    return "No sensitive attribute was named. The classifier \(auc ?? "was trained")."
  }

  /// A sentence for each continuous attribute, which has no groups: how far the predictions depend on it.
  static func continuous(_ run: RunReport) -> [String] {
    (run.after?.continuous ?? []).map { attribute in
      guard let value = attribute.maximalCorrelation.value else {
        return "How far the predictions depend on \(attribute.name) cannot be told: "
          + "\(attribute.maximalCorrelation.reason ?? "it was not measured")."
      }
      let old = run.before?.continuous.first { $0.name == attribute.name }?.maximalCorrelation.value
      let was = old.map { " (\(Words.number($0, 2)) before)" } ?? ""
      return "The maximal correlation of the predictions with \(attribute.name) is \(Words.number(value, 2))\(was); "
        + "0 would be independence."
    }
  }

  private static func lead(_ run: RunReport, _ attributes: [AttributeFinding]) -> [String] {
    var sentences = Demand.sentences(Demand.all(of: run)) + attributes.map(\.sentence)
    let continuous = continuous(run)
    // Where the headline is the first of them, it need not be said twice.
    sentences += headline(run, attributes) == continuous.first ? Array(continuous.dropFirst()) : continuous
    guard let after = run.after, let accuracy = after.accuracy.value else { return sentences }
    if let before = run.before?.accuracy.value {
      var text = "Accuracy went from \(Words.percent(before)) to \(Words.percent(accuracy))"
      if let old = run.before?.rocAUC.value, let new = after.rocAUC.value {
        text += ", the area under the ROC curve from \(Words.number(old, 3)) to \(Words.number(new, 3))"
      }
      sentences.append(text + ".")
    } else {
      sentences.append("Accuracy is \(Words.percent(accuracy)).")
    }
    return sentences
  }

  // MARK: - What not to overlook

  private static func watch(_ run: RunReport) -> [Watch] {
    run.attributes.flatMap { attribute in
      [errorGap(run, attribute), leak(run, attribute), unrest(run, attribute)].compactMap { $0 }
    } + [levelledDown(run), crossed(run)].compactMap { $0 } + notes(run)
  }

  /// Equal selection may hide unequal errors.
  private static func errorGap(_ run: RunReport, _ attribute: String) -> Watch? {
    guard let gap = run.parity("equalOpportunityDifference", attribute), let value = gap.value.value else { return nil }
    let before =
      run.before == nil ? nil : run.parity("equalOpportunityDifference", attribute, isBefore: true)?.value.value
    let low = gap.interval?.low ?? value
    guard before.map({ value - $0 >= 0.03 && low > $0 }) ?? (value >= 0.1 && low > 0.05) else { return nil }
    let groups = (run.after?.attributes.first { $0.name == attribute }?.groups ?? []).compactMap { group in
      group.truePositiveRate.value.map { (group.name, $0) }
    }.sorted { $0.1 < $1.1 }
    guard let least = groups.first, let most = groups.last else { return nil }
    return Watch(
      text:
        "Of those whose label says \(run.positiveLabel), the model selects \(Words.percent(least.1, 0)) of \(least.0) and "
        + "\(Words.percent(most.1, 0)) of \(most.0), a gap of \(Words.number(value * 100, 1)) points"
        + (before.map { "; before it was \(Words.number($0 * 100, 1))" } ?? "")
        + ". Equal selection is not equal error.",
      section: "groups")
  }

  /// An adversary may still read the attribute.
  private static func leak(_ run: RunReport, _ attribute: String) -> Watch? {
    let verdict = run.audit?["attributes"]?[attribute]?["verdict"]?.text
    if verdict == "weakAdversary" {
      return Watch(
        text: "Fresh adversaries still read \(attribute) off the predictions where the game's own adversary failed.",
        section: "audit")
    }
    guard let area = run.after?.attributes.first(where: { $0.name == attribute })?.adversaryAUC?.value, area > 0.55
    else {
      return nil
    }
    return Watch(
      text:
        "The adversary still reads \(attribute) off the score: its area under the ROC curve is \(Words.number(area, 3)), "
        + "where 0.5 is a coin toss.", section: "training")
  }

  /// A ratio that jumps from epoch to epoch says that stopping decides.
  private static func unrest(_ run: RunReport, _ attribute: String) -> Watch? {
    let last = run.epochs.filter { $0.phase == .game }.suffix(20)
    let values = last.compactMap { epoch in
      epoch.splits[run.split]?.attributes.first { $0.name == attribute }?.pPercentRule.value
    }
    guard values.count >= 10, let low = values.min(), let high = values.max(), high - low > 0.15 else { return nil }
    return Watch(
      text: "In the last \(values.count) epochs the p%-rule of \(attribute) went between \(Words.percent(low, 0)) and "
        + "\(Words.percent(high, 0)): when the training stops decides much.", section: "training")
  }

  private static func levelledDown(_ run: RunReport) -> Watch? {
    let groups = run.summary.levelledDown
    if !groups.isEmpty {
      return Watch(
        text: "Levelled down: \(Words.list(groups)) lost, and no group of the attribute gained.", section: "groups")
    }
    guard let before = run.before, let after = run.after else { return nil }
    for (old, new) in zip(before.attributes, after.attributes) {
      let changes = zip(old.groups, new.groups).compactMap { old, new -> Double? in
        guard let was = old.truePositiveRate.value, let now = new.truePositiveRate.value else { return nil }
        return now - was
      }
      if changes.count > 1, changes.allSatisfy({ $0 < -0.02 }) {
        return Watch(
          text:
            "Of those whose label says \(run.positiveLabel), the model now selects fewer in every group of \(new.name): "
            + "evenness came by taking, not by giving.", section: "groups")
      }
    }
    return nil
  }

  private static func crossed(_ run: RunReport) -> Watch? {
    guard let table = run.evaluated?.parity.first(where: { $0.columns.count > 1 }),
      let ratio = table.thresholds.first?.metrics.first(where: { $0.name == "pPercentRule" })?.estimate,
      let value = ratio.value.value, (ratio.interval?.high ?? value) < AttributeFinding.Standing.mark
    else { return nil }
    return Watch(
      text:
        "Between the groups of \(Words.list(table.columns)) together the ratio is \(Words.percent(value)), below four "
        + "fifths, whatever each attribute says alone.", section: "slices")
  }

  private static func notes(_ run: RunReport) -> [Watch] {
    (run.evaluated?.notes ?? []).map { Watch(text: $0, section: "slices") }
  }
}
