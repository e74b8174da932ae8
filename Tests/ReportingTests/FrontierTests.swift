import FairnessMetrics
import Reporting
import RunRecords
import Testing

@Suite struct FrontierTests {
  private static func estimate(_ mean: Double, _ half: Double) -> RepeatedEstimate {
    RepeatedEstimate(mean: .defined(mean), interval: Interval(low: mean - half, high: mean + half), count: 3)
  }

  private static func measurement(_ accuracy: Double, _ metric: Double) -> FrontierRecord.Measurement {
    .init(
      accuracy: estimate(accuracy, 0.002), rocAUC: estimate(0.9, 0.01), selectionRate: estimate(0.2, 0.01),
      metric: estimate(metric, 0.03))
  }

  private static let record: FrontierRecord = {
    var points = [(0.5, 0.84, 0.55), (0.8, 0.835, 0.83), (0.9, 0.83, 0.8)].map { bound, accuracy, metric in
      FrontierRecord.Point(
        value: bound, settings: ["constraints.require.0=p_percent_rule(sex) >= \(bound)"],
        judged: measurement(accuracy, metric), test: measurement(accuracy - 0.01, metric),
        conditions: [
          .init("p_percent_rule(sex) >= 0.8", value: estimate(metric, 0.03), holds: metric >= 0.8, seedsHolding: 2)
        ], statuses: ["feasible": 3], failures: [])
    }
    points[0].isPareto = true
    points[1].isPareto = true
    points[2].failures = [.init(seed: 2, "no such file")]
    return FrontierRecord(
      name: "a<b", axis: .bound(targets: ["p_percent_rule(sex)"]), metric: "p_percent_rule(sex)",
      isGreaterBetter: true, seeds: [1, 2, 3], confidence: 0.95, judgedOn: "out of fold", points: points,
      knee: .none("fewer than three points are in the Pareto set"), cheapestFeasible: .point(1), notices: [])
  }()

  @Test func text() {
    #expect(
      FrontierText(Self.record).text == """
        Accuracy and p_percent_rule(sex), means over the seeds 1, 2, 3, intervals of 95 % over the seeds.
        Points are chosen by the out of fold rows; the test rows report.

          bound  accuracy, out of fold  metric                accuracy, test        metric, test          AUC, test
          0.5    0.8400 [0.838–0.842]   0.5500 [0.520–0.580]  0.8300 [0.828–0.832]  0.5500 [0.520–0.580]  0.900      Pareto
          0.8    0.8350 [0.833–0.837]   0.8300 [0.800–0.860]  0.8250 [0.823–0.827]  0.8300 [0.800–0.860]  0.900      Pareto, cheapest feasible
          0.9    0.8300 [0.828–0.832]   0.8000 [0.770–0.830]  0.8200 [0.818–0.822]  0.8000 [0.770–0.830]  0.900      1 failed

        Knee: none, because fewer than three points are in the Pareto set.
        Cheapest feasible (the most accurate that meets all conditions): bound 0.8
            --set 'constraints.require.0=p_percent_rule(sex) >= 0.8'
            p_percent_rule(sex) >= 0.8: 0.8300 [0.800–0.860], holds at 2 of 3 seeds

        """)
  }

  @Test func table() {
    let lines = Self.record.csv.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines[0].hasPrefix("value,pareto,knee,cheapestFeasible,runs,judged_accuracy,judged_accuracyLow,"))
    #expect(lines[2].hasPrefix("0.8,1,0,1,3,0.835,"))
    #expect(Set(lines.map { $0.split(separator: ",", omittingEmptySubsequences: false).count }) == [29])
  }

  /// Every element is closed, what comes from data is escaped, and nothing is fetched from elsewhere.
  @Test func drawing() throws {
    let svg = Self.record.plot.svg
    var open: [Substring] = []
    for part in svg.split(separator: "<") {
      let name = part.prefix { !" />\n".contains($0) }
      if part.hasPrefix("/") {
        #expect(open.popLast() == part.dropFirst().prefix { $0 != ">" })
      } else if let end = part.firstIndex(of: ">"), part[..<end].last != "/" {
        open.append(name)
      }
    }
    #expect(open.isEmpty)
    #expect(svg.contains("a&lt;b: accuracy and parity, test rows, 3 seeds") && !svg.contains("a<b"))
    #expect(svg.contains("role=\"img\"") && svg.contains("<desc>3 points, accuracy from 0.820 to 0.830."))
    #expect(svg.contains("prefers-color-scheme: dark"))
    for fetched in ["href", "url(", "<script", "@import"] { #expect(!svg.contains(fetched)) }
    // Two whiskers a point, one line through the two of the Pareto set, the chosen one as a square.
    #expect(svg.components(of: "class=\"whisker\"") == 6 && svg.components(of: "<polyline") == 1)
    #expect(svg.components(of: "class=\"square\"") == 2 && svg.components(of: "class=\"ring\"") == 2)
    #expect(svg.contains("accuracy (mean over seeds, intervals of 95 %)"))
  }

  /// A drawing without points, or with one, is still a drawing.
  @Test func fewPoints() {
    var record = Self.record
    record.points = []
    record.cheapestFeasible = .none("there is none")
    #expect(record.plot.svg.contains("</svg>") && !record.plot.svg.contains("nan"))
    record.points = [Self.record.points[0]]
    record.points[0].test = nil
    #expect(record.plot.svg.contains("out of fold rows") && !record.plot.svg.contains("nan"))
  }
}

extension String {
  /// How often a text occurs.
  fileprivate func components(of text: String) -> Int {
    split(separator: text, omittingEmptySubsequences: false).count - 1
  }
}
