import FairnessMetrics
import Foundation
import OrderedJSON
import RunRecords

/// The folder of a run with every record, in which names are what should not be trusted.
enum SampleRun {
  static let attribute = "sex</script><script>alert(1)</script>"
  static let groups = ["<b>Female</b>", "\u{202e}Male\"'"]

  /// Makes the folder for the time of a test.
  ///
  /// - Parameters:
  ///   - rates: The selection rates of the two groups after the game, of 500 rows each.
  ///   - settings: Members of the configuration, beside and instead of those that it has.
  ///   - model: What `model.json` says; nil for a run without a model.
  ///   - change: Changes the summary before it is written.
  static func with(
    rates: (Double, Double) = (0.2, 0.3), hasScores: Bool = true, hasEpochs: Bool = true, settings: JSON = [:],
    model: JSON? = nil,
    change: (inout RunSummary) -> Void = { _ in }, _ body: (String) throws -> Void
  ) throws {
    let parent = FileManager.default.temporaryDirectory.appending(path: "equipoise-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: parent) }
    let sample: JSON = [
      "name": "sample", "data": ["label": ["column": "income", "positive": "<i>high</i>"]],
      "note": "</pre><script>alert(2)</script>",
    ]
    let own = settings.members ?? []
    let configuration = JSON.object(
      (sample.members ?? []).filter { member in !own.contains { $0.key == member.key } } + own)
    let folder = try RunFolder.create(in: parent, name: "sample", configuration: configuration, time: 0)
    try folder.write(
      EnvironmentRecord(
        version: "1", commit: nil, platform: "here", cores: 2, blasCore: "x", blasThreads: 1, kernels: "plain",
        configurationFolder: ".", started: "2026-01-31T12:00:00Z", data: [.init("<data>.csv", sha256: "ab")]))
    if hasEpochs {
      let log = try folder.epochLog()
      for epoch in 1...12 {
        try log.append(
          EpochRecord(
            phase: .game, epoch: epoch, labelLoss: .defined(0.4), adversaryLoss: .defined(0.6),
            splits: [SplitEvaluation(.test, evaluation(rates: rates))], scores: counts))
      }
      try log.close()
    }
    if hasScores { try folder.write(scores) }
    if let model {
      _ = try folder.makeFolder("model")
      try folder.write(model, to: "model/model.json")
    }
    var summary = RunSummary(
      name: "sample <&>", seed: 7, notices: ["<notice>"],
      phases: [
        .init(.pretrained, splits: [SplitEvaluation(.test, evaluation(rates: (0.1, 0.4)))]),
        .init(.final, splits: [SplitEvaluation(.test, evaluation(rates: rates))]),
      ], timing: [.init("data", seconds: 0.5)])
    change(&summary)
    try folder.write(summary)
    try body(folder.path)
  }

  private static func evaluation(rates: (Double, Double)) -> ClassifierEvaluation {
    ClassifierEvaluation(
      rows: 1000, threshold: 0.5, accuracy: .defined(0.8), rocAUC: .defined(0.85),
      selectionRate: .defined((rates.0 + rates.1) / 2),
      attributes: [
        AttributeEvaluation(
          name: attribute,
          pPercentRule: max(rates.0, rates.1) > 0
            ? .defined(min(rates.0, rates.1) / max(rates.0, rates.1)) : .undefined("no row of any group is selected"),
          demographicParityDifference: .defined(abs(rates.0 - rates.1)), equalizedOddsDifference: .defined(0.1),
          equalOpportunityDifference: .defined(0.02), adversaryAUC: .defined(0.52),
          groups: zip(groups, [rates.0, rates.1]).map {
            GroupEvaluation(
              name: $0, rows: 500, selectionRate: .defined($1), truePositiveRate: .defined(0.5),
              falsePositiveRate: .defined(0.1))
          })
      ])
  }

  private static var counts: ScoreCounts {
    ScoreCounts(
      scores: (0..<1000).map { Float($0) / 1000 },
      attributes: [GroupColumn(name: attribute, groups: groups, codes: (0..<1000).map { Int32($0 % 2) })])
  }

  /// Two groups of 500; the second scores higher by a tenth.
  private static var scores: ScoresRecord {
    func distribution(_ slice: Slice, shift: Int) -> ScoresRecord.Distribution {
      var positives = [Int](repeating: 0, count: 200)
      var negatives = positives
      for row in 0..<500 {
        let bin = min(199, row * 160 / 500 + shift)
        if row % 3 == 0 && bin > 60 { positives[bin] += 1 } else { negatives[bin] += 1 }
      }
      return .init(slice, positives: positives, negatives: negatives)
    }
    func state(_ name: SummaryPhase, gap: Int) -> ScoresRecord.State {
      let parts = groups.enumerated().map { index, group in
        distribution(Slice([.init(column: attribute, group: group)]), shift: index * gap)
      }
      let whole = ScoresRecord.Distribution(
        Slice(), positives: zip(parts[0].positives, parts[1].positives).map { $0 + $1 },
        negatives: zip(parts[0].negatives, parts[1].negatives).map { $0 + $1 })
      return .init(name, [whole] + parts)
    }
    return ScoresRecord(split: .test, states: [state(.pretrained, gap: 40), state(.final, gap: 20)])
  }
}
