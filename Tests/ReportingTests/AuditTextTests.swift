import Auditing
import FairnessMetrics
import Reporting
import RunRecords
import Testing

@Suite struct AuditTextTests {
  private static func result(
    _ view: String, _ family: String, _ area: Double, p: Double, sameAs: FreshAdversaryResult.Source? = nil
  ) -> FreshAdversaryResult {
    FreshAdversaryResult(
      view: view, isSeenByGame: true, family: family, sameAs: sameAs,
      area: AreaEstimate(area, interval: Interval(low: area - 0.01, high: area + 0.01)), groups: [], pValue: p,
      correctedPValue: min(1, 2 * p),
      advantage: .init(difference: area - 0.5, interval: Interval(low: area - 0.52, high: area - 0.48), pValue: p))
  }

  private static let audit = AuditReport(
    rows: 1500, rowsGiven: 2000, settings: AuditSettings(),
    attributes: [
      AttributeAudit(
        name: "sex", verdict: .weakAdversary, reason: nil,
        groups: [.init(name: "Female", rows: 500), .init(name: "Male", rows: 999)], missingRows: 1,
        gameAdversary: AreaEstimate(0.5, interval: nil),
        adversaries: [
          result("score", "logistic regression", 0.51, p: 0.3), result("score", "boosted trees", 0.7, p: 0.0002),
          result("logit", "boosted trees", 0.7, p: 0.0002, sameAs: .init(view: "score", family: "boosted trees")),
          FreshAdversaryResult(
            view: "decision", isSeenByGame: true, family: "boosted trees", sameAs: nil,
            area: AreaEstimate(undefinedBecause: "all rows of the view 'decision' are equal: there is nothing to read"),
            groups: [], pValue: nil, correctedPValue: nil, advantage: nil),
        ]),
      AttributeAudit(
        name: "race\u{1b}", verdict: .undetermined, reason: "all rows belong to the group 'White'",
        groups: [.init(name: "White", rows: 1500)], missingRows: 0, gameAdversary: nil, adversaries: []),
    ])

  private static let proxies = ProxyReport(
    rows: 1500, family: "boosted trees",
    attributes: [
      .init(
        name: "sex", together: AreaEstimate(0.9, interval: Interval(low: 0.89, high: 0.91)),
        features: [
          .init(name: "relationship", columns: 6, area: AreaEstimate(0.85, interval: nil)),
          .init(name: "constant", columns: 1, area: AreaEstimate(undefinedBecause: "all rows are equal")),
        ])
    ])

  @Test func wholeText() {
    let text = AuditText(Self.audit, proxies: Self.proxies, isUnicode: true).text(rows: "test rows")
    #expect(
      text == """
        Fresh adversaries on 1,500 (of 2,000) test rows, 5 folds, p-values corrected over all adversaries of an attribute:

        sex: Female 500, Male 999, missing 1
          view        adversary            ROC AUC  95 % interval  p
          prediction  the game's own         0.500
          score       logistic regression    0.510    0.500–0.520   0.600
          score       boosted trees          0.700    0.690–0.710  <0.001
          left out: all rows of the view 'decision' are equal: there is nothing to read
        Weak adversary: sex can be read where the game's own adversary failed (boosted trees on the score, AUC 0.700).

        What the features tell of sex:
          feature       ROC AUC  95 % interval
          all features    0.900    0.890–0.910
          relationship    0.850

        race\\u{1b}: White 1,500
        Nothing can be told: all rows belong to the group 'White'.

        """)
  }

  @Test func json() {
    let json = Self.audit.json
    #expect(json["rows"]?.integer == 1500)
    let sex = json["attributes"]?["sex"]
    #expect(sex?["verdict"]?.text == "weakAdversary" && sex?["gameAdversary"]?["value"]?.double == 0.5)
    let adversaries = sex?["adversaries"]?.elements ?? []
    #expect(adversaries.count == 4)
    #expect(adversaries[1]["rocAUC"]?["low"]?.double == 0.69 && adversaries[1]["correctedPValue"]?.double == 0.0004)
    #expect(adversaries[2]["sameAs"]?["view"]?.text == "score")
    #expect(adversaries[3]["rocAUC"]?["value"] == .null && adversaries[3]["pValue"] == .null)
    #expect(
      adversaries[3]["rocAUC"]?["reason"]?.text
        == "all rows of the view 'decision' are equal: there is nothing to read")
    #expect(Self.proxies.json["attributes"]?["sex"]?["features"]?.elements?.count == 2)
  }

  /// The prediction in one sentence, the rest apart.
  @Test func headline() {
    var audit = Self.audit
    var hidden = Self.result("hidden layer", "boosted trees", 0.9, p: 0.0002)
    hidden.isSeenByGame = false
    audit.attributes[0].adversaries.append(hidden)
    #expect(
      AuditHeadline(audit).text(rows: "test rows") == """
        Audit by fresh adversaries on 1,500 test rows:

          A fresh adversary reads sex off the score with AUC 0.70 (0.69–0.71); the game's own adversary had 0.50: weak adversary. Off the hidden layer: AUC 0.90 (0.89–0.91).
          race\\u{1b}: nothing can be told: all rows belong to the group 'White'.

        """)
    audit.attributes[0].adversaries = [Self.result("score", "logistic regression", 0.51, p: 0.3), hidden]
    audit.attributes[0].verdict = .read
    #expect(
      AuditHeadline(audit, isUnicode: false).text(rows: "test rows").contains(
        "No fresh adversary reads sex off the prediction (at most AUC 0.51 (0.50-0.52), p 0.60; the game's own "
          + "adversary had 0.50). Off the hidden layer: AUC 0.90 (0.89-0.91)."))
  }
}
