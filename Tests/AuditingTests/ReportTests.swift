import Auditing
import FairnessMetrics
import Foundation
import LinearAlgebra
import Testing

@Suite struct ReportTests {
  private static func inputs() -> (views: [AuditView], attributes: [GroupColumn]) {
    var fixture = Fixture(7)
    let hidden = fixture.normals(600, 6)
    let logits = (0..<600).map { hidden[$0, 0] + hidden[$0, 1] }
    let scores = logits.map { Float(1 / (1 + exp(-Double($0)))) }
    let labels = scores.map { fixture.stream.uniform() < Double($0) }
    var sex = fixture.groups(600, share: 0.4, name: "sex")
    sex = GroupColumn(name: sex.name, groups: sex.groups, codes: sex.codes.enumerated().map { $0 < 20 ? -1 : $1 })
    let race = GroupColumn(
      name: "race", groups: ["x", "y", "z"], codes: (0..<600).map { _ in Int32(fixture.stream.below(3)) })
    return (
      AuditView.ofClassifier(
        scores: scores, logits: logits, decisions: scores.map { $0 >= 0.5 }, labels: labels, hidden: hidden),
      [sex, race]
    )
  }

  /// The same bytes from one thread and from several, and the same again; others from another seed.
  @Test func threadsAndSeeds() throws {
    let (views, attributes) = Self.inputs()
    let settings = AuditSettings(families: quickFamilies, permutations: 199, seed: 3)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let one = try encoder.encode(FreshAdversaryAudit(settings, threads: 1)(views: views, attributes: attributes))
    let three = try encoder.encode(FreshAdversaryAudit(settings, threads: 3)(views: views, attributes: attributes))
    #expect(one == three)
    var other = settings
    other.seed = 4
    let another = FreshAdversaryAudit(other)(views: views, attributes: attributes)
    let decoded = try JSONDecoder().decode(AuditReport.self, from: one)
    #expect(try encoder.encode(decoded) == one)
    #expect(another.attributes != decoded.attributes)
  }

  /// What is the same by necessity is trained once and said so.
  @Test func sharedResults() throws {
    let (views, attributes) = Self.inputs()
    let report = FreshAdversaryAudit(AuditSettings(families: quickFamilies, permutations: 199))(
      views: views, attributes: attributes)
    let results = report.attributes[0].adversaries
    #expect(results.count == 20)
    let shared = results.filter { $0.sameAs != nil }
    #expect(
      shared.map { "\($0.view), \($0.family)" } == [
        "logit, boosted trees", "decision, perceptron", "decision, boosted trees", "decision, nearest neighbours",
      ])
    #expect(shared[0].sameAs == .init(view: "score", family: "boosted trees"))
    #expect(shared[1].sameAs == .init(view: "decision", family: "logistic regression"))
    for result in shared {
      let source = try #require(
        results.first { $0.view == result.sameAs?.view && $0.family == result.sameAs?.family })
      #expect(result.area == source.area && result.pValue == source.pValue)
    }
    // Holm's correction counts the sixteen adversaries that were trained.
    let distinct = results.filter { $0.sameAs == nil }
    #expect(holmCorrected(distinct.compactMap(\.pValue)) == distinct.compactMap(\.correctedPValue))
  }

  /// More rows than the limit: a sample of that size, the same for the same seed.
  @Test func rowLimit() {
    let (views, attributes) = Self.inputs()
    var settings = AuditSettings(families: [.logisticRegression()], permutations: 99)
    settings.rowLimit = 250
    let audit = FreshAdversaryAudit(settings)
    let report = audit(views: views, attributes: attributes)
    #expect(report.rows == 250 && report.rowsGiven == 600)
    #expect(report.attributes[1].groups.reduce(0) { $0 + $1.rows } == 250)
    #expect(report == audit(views: views, attributes: attributes))
  }

  /// The game's own adversary as it was trained: better than any fresh one, so not weak, though all read the group.
  @Test func strongGameAdversary() throws {
    var fixture = Fixture(9)
    let z = fixture.groups(800)
    let scores = z.codes.map { Float($0) + Float(fixture.stream.normal()) }
    let report = FreshAdversaryAudit(AuditSettings(permutations: 499))(
      views: [AuditView(name: "score", values: column(scores))], attributes: [z],
      game: [GameAdversary(attribute: "z", evidence: .scores([scores]))])
    let audit = report.attributes[0]
    #expect(audit.verdict == .read)
    let own = try #require(audit.gameAdversary)
    #expect(try #require(own.interval).contains(0.76))
    #expect(audit.adversaries.allSatisfy { ($0.correctedPValue ?? 1) < 0.01 })
    #expect(audit.adversaries.allSatisfy { ($0.advantage?.pValue ?? 0) > 0.05 })
    #expect(audit.strongest != nil)
  }

  @Test func proxies() throws {
    var fixture = Fixture(11)
    let z = fixture.groups(1000, share: 0.4)
    let features = Matrix<Float>(
      rows: 1000, columns: 5,
      values: z.codes.flatMap { code in
        let job = Int(fixture.stream.below(10)) < (code == 1 ? 7 : 3) ? 0 : Int(1 + fixture.stream.below(2))
        return [
          Float(fixture.stream.normal()), job == 0 ? 1 : 0, job == 1 ? 1 : 0, job == 2 ? 1 : 0,
          abs(Float(fixture.stream.normal())) * (fixture.stream.uniform() < 0.5 ? -1 : 1) * (code == 1 ? 2 : 1),
        ]
      })
    let groups = [
      FeatureGroup(name: "age", columns: 0..<1), FeatureGroup(name: "job", columns: 1..<4),
      FeatureGroup(name: "spread", columns: 4..<5), FeatureGroup(name: "nothing", columns: 2..<2),
    ]
    let report = ProxyAudit()(features: features, groups: groups, attributes: [z])
    #expect(report == ProxyAudit(threads: 1)(features: features, groups: groups, attributes: [z]))
    let attribute = report.attributes[0]
    #expect(attribute.features.map(\.name) == ["job", "spread", "age", "nothing"])
    #expect(attribute.features.map(\.columns) == [3, 1, 1, 0])
    let areas = attribute.features.compactMap(\.area.value)
    // By hand: P(job 0) is 0.7 against 0.3, and the other jobs say nothing, so the area is ½(1 + 0.4).
    #expect(areas.count == 3 && abs(areas[0] - 0.7) < 0.06 && areas[1] > 0.58 && areas[2] < 0.56)
    #expect(try #require(attribute.together.value) > areas[0])
    #expect(attribute.features[3].area.reason == "all rows of the view 'nothing' are equal: there is nothing to read")
  }
}
