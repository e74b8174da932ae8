import FairnessMetrics
import RunRecords

/// How the training went: both losses, the adversary's success, the p%-rule, accuracy.
struct TrainingSection {
  let run: RunReport

  /// The epochs that are drawn; more could not be told apart.
  private static let mostPoints = 400

  var markup: Markup {
    guard run.epochs.count > 1 else { return "" }
    return Part.section(
      "training", "How the training went", lead: "\(lead)",
      Part.legend((run.attributes + run.continuousAttributes).enumerated().map { ($1, $0) }) + Part.panels(panels))
  }

  private var lead: String {
    let counts = TrainingPhase.allCases.map { phase in run.epochs.count { $0.phase == phase } }
    var parts: [String] = []
    if counts[0] > 0 { parts.append("\(Words.count(counts[0], "epoch")) of the classifier alone") }
    if counts[1] > 0 { parts.append("\(counts[1]) of the adversary alone") }
    if counts[2] > 0 { parts.append("\(counts[2]) of the game of both") }
    return
      "\(Words.sentence(Words.list(parts))), measured on the \(run.rowsName). In a game the classifier gives way while the adversary finds its footing; what matters is where the lines settle."
  }

  private var points: [(number: Int, record: EpochRecord)] {
    let all = run.epochs.enumerated().map { (number: $0 + 1, record: $1) }
    guard all.count > Self.mostPoints else { return all }
    let step = Double(all.count - 1) / Double(Self.mostPoints - 1)
    return (0..<Self.mostPoints).map { all[Int((Double($0) * step).rounded())] }
  }

  /// A line of a panel: its name, its number, and its value after an epoch.
  private typealias Line = (name: String, series: Int, value: (EpochRecord) -> Double?)

  private var panels: [Markup] {
    let split = run.split
    func ofAttributes(_ value: @escaping (AttributeEvaluation) -> Double?) -> [Line] {
      run.attributes.enumerated().map { index, name in
        (
          name, index,
          { record in
            record.splits[split]?.attributes.first { $0.name == name }.flatMap(value)
          }
        )
      }
    }
    return [
      panel(
        "p%-rule",
        run.after?.classes == nil
          ? "The smallest selection rate over the largest; four fifths is the mark."
          : "The smallest selection rate over the largest, of the class where it is smallest; four fifths is the mark.",
        ofAttributes { $0.pPercentRule.value }, domain: 0...1, .percent, reference: (0.8, "four fifths")),
      panel(
        "distance between groups",
        "The largest Kolmogorov–Smirnov distance between the predictions of two groups; 0 is statistical parity.",
        run.attributes.enumerated().map { index, name in
          (
            name, index,
            { record in
              record.splits[split]?.regression?.attributes.first { $0.name == name }?.kolmogorovSmirnovDistance.value
            }
          )
        }, domain: nil, .number, reference: (0, "parity")),
      panel(
        "R²", "The share of the label's variance that the predictions explain: what the even treatment cost.",
        [("R²", 6, { $0.splits[split]?.regression?.errors.rSquared.value })], domain: nil, .number, reference: nil),
      panel(
        "adversary's ROC AUC", "How well the adversary reads the attribute off the score; 0.5 is a coin toss.",
        ofAttributes { $0.adversaryAUC?.value }, domain: nil, .number, reference: (0.5, "coin toss")),
      panel(
        "maximal correlation",
        "How far score and attribute depend on each other, however the dependence bends; 0 is independence.",
        run.continuousAttributes.enumerated().map { index, name in
          (
            name, run.attributes.count + index,
            { record in
              record.splits[split]?.continuous.first { $0.name == name }?.maximalCorrelation.value
            }
          )
        }, domain: nil, .number, reference: (0, "independence")),
      panel(
        "gap in error", "The larger of the gaps between groups in true and in false positive rate.",
        ofAttributes { $0.equalizedOddsDifference.value }, domain: nil, .percent, reference: nil),
      panel(
        "classifier's loss",
        run.after?.regression == nil
          ? "Mean cross-entropy on the training rows, in nats."
          : "Mean squared error on the training rows, in variances of the label.",
        [("loss", 4, { $0.labelLoss.value })], domain: nil, .number, reference: nil),
      panel(
        "adversary's loss", "On the training rows, without λ. It rises as the scores give less away.",
        [("loss", 5, { $0.adversaryLoss.value })], domain: nil, .number, reference: nil),
      panel(
        "accuracy and ROC AUC", "What the even treatment cost.",
        [
          ("accuracy", 6, { $0.splits[split]?.accuracy.value }), ("ROC AUC", 7, { $0.splits[split]?.rocAUC.value }),
        ], domain: nil, .percent, reference: nil),
      panel(
        "angle of the gradients",
        "Between the classifier's gradient of its own loss and of the adversary's. Below 90° what serves the label serves the adversary too.",
        [("degrees", 4, { $0.diagnostics?.angle.value })], domain: nil, .number, reference: (90, "at right angles")),
      panel(
        "what the projection takes",
        "The share of the classifier's squared gradient that also helps the adversary, and is taken out.",
        [("share", 5, { $0.diagnostics?.removedShare.value })], domain: nil, .percent, reference: nil),
      panel(
        "adversary's loss over the entropy",
        "Its loss on the training rows over that of a guess by the groups' sizes; at 1 it reads nothing.",
        ofDiagnostics, domain: nil, .number, reference: (1, "a guess")),
    ].compactMap { $0 }
  }

  /// For each attribute what the adversary still reads; an attribute of one group has no entropy to read.
  private var ofDiagnostics: [Line] {
    run.attributes.enumerated().map { index, name -> Line in
      func share(_ record: EpochRecord) -> Double? {
        guard let attribute = record.diagnostics?.attributes.first(where: { $0.name == name }),
          let entropy = attribute.entropy.value, entropy > 0
        else { return nil }
        return attribute.adversaryLoss / entropy
      }
      return (name, index, share)
    }
  }

  private func panel(
    _ title: String, _ sentence: String, _ lines: [Line], domain: ClosedRange<Double>?, _ ticks: Plot.Ticks,
    reference: (value: Double, name: String)?
  ) -> Markup? {
    let points = points
    let series = lines.map { line in
      (line, points.compactMap { point in line.value(point.record).map { (x: Double(point.number), y: Optional($0)) } })
    }.filter { $0.1.count > 1 }
    let values = series.flatMap { $0.1.compactMap(\.y) }
    guard let low = values.min(), let high = values.max(), let last = points.last else { return nil }
    var limits = domain ?? min(low, reference?.value ?? low)...max(high, reference?.value ?? high)
    if domain == nil {
      let margin = max(0.02, (limits.upperBound - limits.lowerBound) * 0.08)
      limits = (limits.lowerBound - margin)...(limits.upperBound + margin)
    }
    var plot = Plot(x: 1...Double(last.number), y: limits)
    plot.verticalAxis(ticks, count: 5)
    plot.horizontalAxis(.number, title: "epoch", count: 4)
    if let reference { plot.reference(y: reference.value, reference.name) }
    if let first = points.first(where: { $0.record.phase == .game }), first.number > 1 {
      plot.reference(x: Double(first.number), "", kind: "phase")
    }
    for (line, values) in series { plot.line(values, series: line.series, label: line.name, name: line.name) }
    let seen = series.map { line, values in
      "\(line.name) from \(text(values.first?.y, ticks)) to \(text(values.last?.y, ticks))"
    }
    let step = max(1, points.count / 12)
    let rows = points.indices.filter { ($0 % step == 0) || $0 == points.count - 1 }.map { index -> [Markup] in
      ["\(points[index].number)", "\(points[index].record.phase.title)"]
        + series.map { line, _ in "\(text(line.value(points[index].record), ticks))" }
    }
    return Part.figure(
      title, sentence, plot.svg(title: "\(title) by epoch", description: Words.sentence(Words.list(seen)) + "."),
      numbers: Part.table(
        "\(title) by epoch", columns: ["epoch", "phase"] + series.map { "#" + $0.0.name }, rows: rows))
  }

  private func text(_ value: Double?, _ ticks: Plot.Ticks) -> String {
    guard let value else { return "none" }
    return ticks == .percent ? Words.percent(value) : Words.number(value, 3)
  }
}
