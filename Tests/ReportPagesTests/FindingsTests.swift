import FairnessMetrics
import Foundation
import OrderedJSON
import ReportPages
import RunRecords
import Testing

/// What the page says of the groups and of the model is what the records say.
@Suite struct FindingsTests {
  private func page(_ folder: String) throws -> String { try ReportPage(RunReport(folder: folder)).html }

  /// Without an evaluation the counts of the groups still tell what 0 of 500 against 150 of 500 is.
  @Test(arguments: [
    ((0.0, 0.3), "below 80 %"), ((0.3, 0.3), "meets 80 %"), ((0.1, 0.3), "below 80 %"), ((0.2, 0.3), "cannot tell"),
  ])
  func countsTell(rates: (Double, Double), standing: String) throws {
    try SampleRun.with(rates: rates) { folder in
      let attribute = try ReportPage(RunReport(folder: folder)).json["attributes"]?[SampleRun.attribute]
      #expect(attribute?["standing"]?.text == standing)
      let low = try #require(attribute?["pPercentRule"]?["low"]?.double)
      let high = try #require(attribute?["pPercentRule"]?["high"]?.double)
      let value = min(rates.0, rates.1) / max(rates.0, rates.1)
      #expect(low <= value && value <= high && high - low > 0.01)
      #expect(try page(folder).contains("from the counts of the groups, for the run has no evaluation.json"))
    }
  }

  /// The rates of weighted rows are no shares of their number, which says nothing of how sure they are.
  @Test func noIntervalWithoutCounts() throws {
    try SampleRun.with(rates: (0.1234567, 0.3)) { folder in
      let html = try page(folder)
      #expect(html.contains("<h1>The four-fifths mark is not judged for"))
      #expect(html.contains("no interval was computed, for the run has no evaluation.json"))
      #expect(!html.contains("too few"))
    }
  }

  @Test func manyGroups() throws {
    let rates = [0.5, 0.4, 0.45, 0.6, 0.55, 0.5, 0.41, 0.1, 0.9, 0.42]
    func change(_ summary: inout RunSummary) {
      let groups = rates.enumerated().map { index, rate in
        GroupEvaluation(
          name: "g\(index)", rows: 500, selectionRate: .defined(rate), truePositiveRate: .defined(rate),
          falsePositiveRate: .defined(0.1))
      }
      for place in summary.phases.indices {
        for part in summary.phases[place].splits.indices {
          summary.phases[place].splits[part].evaluation.attributes[0].groups = groups
        }
      }
    }
    try SampleRun.with(change: change) { folder in
      let html = try page(folder)
      #expect(html.contains("10.0\u{a0}% of g7 and 90.0\u{a0}% of g8 are selected"))
      #expect(html.contains("between 10 of g7 and 90 of g8, the fewest and the most of 10 groups"))
    }
  }

  // MARK: - Continuous attributes

  @Test func continuousAttributeIsNamed() throws {
    func change(_ summary: inout RunSummary) {
      for (place, correlation) in zip(summary.phases.indices, [0.629, 0.23]) {
        for part in summary.phases[place].splits.indices {
          summary.phases[place].splits[part].evaluation.attributes = []
          summary.phases[place].splits[part].evaluation.continuous = [
            ContinuousEvaluation(
              name: "age", correlation: .defined(0.1), maximalCorrelation: .defined(correlation), missingRows: 0)
          ]
        }
      }
    }
    let settings: JSON = ["data": ["sensitive": [["column": "age", "kind": "continuous"]]]]
    try SampleRun.with(settings: settings, change: change) { folder in
      let run = try RunReport(folder: folder)
      let headline =
        "The maximal correlation of the predictions with age is 0.23 (0.63 before); 0 would be independence."
      let html = try page(folder)
      #expect(html.contains("<h1>\(headline)</h1>"))
      #expect(ModelCard(run).markdown.contains(headline))
      #expect(html.contains("It was not told age, but may have guessed it"))
      #expect(!html.contains("No sensitive attribute was named"))
      try everyLinkLeadsSomewhere(folder)
    }
  }

  @Test func everyLinkLeadsSomewhere() throws {
    try SampleRun.with { try everyLinkLeadsSomewhere($0) }
    try SampleRun.with(hasScores: false, hasEpochs: false) { try everyLinkLeadsSomewhere($0) }
  }

  private func everyLinkLeadsSomewhere(_ folder: String) throws {
    let html = try page(folder)
    for link in html.components(separatedBy: "href=\"#").dropFirst() {
      let name = link.prefix { $0 != "\"" }
      #expect(html.contains("id=\"\(name)\""), "#\(name)")
    }
  }

  // MARK: - What the model reads

  @Test(
    arguments: [
      (["encoder": ["columns": [["name": "age"], ["name": "sex"]]]], "It was told sex. It was not told race, but"),
      (
        [
          "encoder": ["columns": [["name": "age"]]],
          "processing": ["removers": [], "decision": ["thresholds": ["attributes": ["sex"]]]],
        ],
        "It reads sex when it decides: two people who differ in nothing else may be decided differently. It was not told race,"
      ),
      (
        [
          "encoder": ["columns": [["name": "age"]]],
          "processing": ["removers": [["attributes": [["name": "sex", "groups": ["F", "M"]]]]]],
        ], "It reads sex when it decides: "
      ),
      (
        [
          "encoder": ["columns": [["name": "age"]]],
          "correction": ["reads": ["columns": [["name": "race"], ["name": "sex"]]]],
        ],
        "It reads sex and race when it decides: two people who differ in nothing else may be decided differently.</p>"
      ),
      (["encoder": ["columns": [["name": "age"]]]], "It was not told sex and race, but may have guessed it"),
    ] as [(JSON, String)])
  func told(_ model: JSON, _ expected: String) throws {
    let settings: JSON = ["data": ["sensitive": [["column": "sex"], ["column": "race"]]]]
    try SampleRun.with(settings: settings, model: model) { folder in
      let html = try page(folder)
      #expect(html.contains(expected))
    }
  }

  /// Of a run without a model the configuration tells it.
  @Test func toldWithoutModel() throws {
    let settings: JSON = [
      "data": ["sensitive": [["column": "sex"], ["column": "race"]]],
      "mitigation": [["name": "thresholds", "attributes": ["race"]]],
    ]
    try SampleRun.with(settings: settings) { folder in
      let html = try page(folder)
      #expect(html.contains("It reads race when it decides: ") && html.contains("It was not told sex, but"))
    }
  }

  // MARK: - Notices

  /// A cell may hold anything, also what looks like the end of its quotation.
  @Test func noticesQuoteNoCells() throws {
    let start = "a.csv: test split, column 'notes': 2 of 9 rows hold what no training row has"
    let end = "; they are encoded as the average of the training rows."
    func change(_ summary: inout RunSummary) {
      summary.notices = [
        "\(start) ('pain with jumps', 'it''s (odd); they are encoded as the average', 'last'… and 3 more)\(end)",
        "label 'income': '>50K' counts as positive, as no positive value is named.",
      ]
    }
    try SampleRun.with(change: change) { folder in
      let run = try RunReport(folder: folder)
      let texts = [ReportPage(run).html, ReportPage(run).json.serialized(), ModelCard(run).markdown]
      for text in texts { #expect(!text.contains("pain with") && !text.contains("odd") && !text.contains("last'")) }
      #expect(texts[0].contains("hold what no training row has; they are encoded as the average of the training rows."))
      #expect(texts[0].contains("counts as positive, as no positive value is named."))
    }
  }
}
