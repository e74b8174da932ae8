import FairnessMetrics
import OrderedJSON
import ReportPages
import RunRecords
import Testing

/// The page of a run whose label is a number.
@Suite struct LabelPageTests {
  private static func regression(means: (Double, Double), residuals: (Double, Double), distance: Double)
    -> ClassifierEvaluation
  {
    func errors(_ mean: Double, _ residual: Double) -> RegressionEvaluation.Errors {
      .init(
        rows: 500, rootMeanSquaredError: .defined(11), meanAbsoluteError: .defined(8), rSquared: .defined(0.16),
        meanPrediction: .defined(mean), meanResidual: .defined(residual))
    }
    var evaluation = ClassifierEvaluation(
      rows: 1000, threshold: 0.5, accuracy: .undefined("the label is a number"),
      rocAUC: .undefined("the label is a number"), selectionRate: .undefined("the label is a number"), attributes: [])
    evaluation.regression = RegressionEvaluation(
      errors: errors(40, 0),
      attributes: [
        .init(
          name: "sex",
          groups: [
            .init(name: "Female", errors: errors(means.0, residuals.0)),
            .init(name: "Male", errors: errors(means.1, residuals.1)),
          ], meanPredictionDifference: .defined(abs(means.0 - means.1)),
          meanResidualDifference: .defined(abs(residuals.0 - residuals.1)),
          rootMeanSquaredErrorDifference: .defined(0.1), kolmogorovSmirnovDistance: .defined(distance),
          farthestGroups: ["Female", "Male"], missingRows: 0)
      ])
    evaluation.attributes = [
      AttributeEvaluation(
        name: "sex", pPercentRule: .undefined("the label is a number"),
        demographicParityDifference: .undefined("the label is a number"),
        equalizedOddsDifference: .undefined("the label is a number"),
        equalOpportunityDifference: .undefined("the label is a number"), groups: [])
    ]
    return evaluation
  }

  private func with(_ constraints: ConstraintsRecord? = nil, _ body: (ReportPage) throws -> Void) throws {
    func change(_ summary: inout RunSummary) {
      summary.phases = [
        .init(
          .pretrained,
          splits: [
            SplitEvaluation(.test, Self.regression(means: (37.5, 42), residuals: (-1, 0.5), distance: 0.43))
          ]),
        .init(
          .final,
          splits: [
            SplitEvaluation(.test, Self.regression(means: (39.75, 40.5), residuals: (-3, 2.25), distance: 0.08))
          ]),
      ]
      summary.constraints = constraints
    }
    let settings: JSON = ["data": ["label": ["column": "hours-per-week"]]]
    try SampleRun.with(hasScores: false, hasEpochs: false, settings: settings, change: change) {
      try body(ReportPage(RunReport(folder: $0)))
    }
  }

  /// A distance without a unit is not called a distance between predictions, which have one.
  @Test func meansHaveTheUnitOfTheLabel() throws {
    try with { page in
      let headline =
        "The mean predictions of hours-per-week differ by 0.7500 between Female (39.75) and Male (40.50), by 4.500 before."
      #expect(page.html.contains("<h1>\(headline)</h1>"))
      let sentences = page.json["sentences"]?.elements?.compactMap(\.text) ?? []
      #expect(!sentences.contains(headline))
      #expect(
        sentences.contains(
          "Mean errors of hours-per-week, label minus prediction, differ by 5.250 between the groups of sex; before, by "
            + "1.500: the gap has grown."))
      #expect(sentences.contains { $0.contains("Kolmogorov–Smirnov distance") && $0.contains("no unit") })
      #expect(!page.html.contains("apart between groups"))
    }
  }

  @Test func aFailedDemandComesFirst() throws {
    let value = Estimate(value: .defined(5.25), interval: Interval(low: 4.9, high: 5.6))
    let record = ConstraintsRecord(
      status: .infeasible, judgedOn: .test, method: "layer", margin: 0,
      conditions: [
        .init(
          "mean_error(sex = Male) <= 1", gate: Gate(.atMost, 1),
          measurements: [.init(.test, before: .defined(1), after: value)])
      ], multipliers: [])
    try with(record) { page in
      #expect(page.html.contains("<h1>Of 1 demand on this model, 1 is not met.</h1>"))
      let sentences = page.json["sentences"]?.elements?.compactMap(\.text) ?? []
      #expect(
        sentences.first
          == "mean_error(sex = Male) <= 1 is not met: it came to 5.250 [4.900, 5.600] on the test rows.")
      #expect(sentences.dropFirst().first?.hasPrefix("The mean predictions of hours-per-week differ by 0.7500") == true)
    }
  }
}
