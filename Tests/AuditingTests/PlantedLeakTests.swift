import Auditing
import FairnessMetrics
import LinearAlgebra
import Testing

/// Leaks that a weak adversary misses and fresh ones must find.
@Suite struct PlantedLeakTests {
  /// Scores whose distance from ½ tells the group, rising and falling alike, so that no line finds it; the game's own
  /// adversary is linear in the score.
  @Test func distanceFromAPoint() throws {
    var fixture = Fixture(1)
    let z = fixture.groups(3000)
    let scores = zip(fixture.uniforms(3000), z.codes).map { u, code in
      0.5 + (u < 0.5 ? -1 : 1) * (0.2 * abs(2 * u - 1) + (code == 1 ? 0.04 : 0))
    }
    let report = FreshAdversaryAudit()(
      views: [AuditView(name: "score", values: column(scores))], attributes: [z],
      game: [GameAdversary(attribute: "z", evidence: .scores([scores]))])
    let audit = report.attributes[0]
    #expect(audit.verdict == .weakAdversary)
    let own = try #require(audit.gameAdversary?.interval)
    #expect(own.contains(0.5))
    #expect(try #require(audit.adversaries[0].correctedPValue) > 0.05)
    for result in audit.adversaries.dropFirst() {
      #expect(try #require(result.correctedPValue) < 0.01, "\(result.family)")
      #expect(try #require(result.area.value) > 0.6, "\(result.family)")
      #expect(try #require(result.advantage?.interval.low) > 0, "\(result.family)")
    }
    // The area alone of the game's own adversary is evidence enough.
    let known = FreshAdversaryAudit()(
      views: [AuditView(name: "score", values: column(scores))], attributes: [z],
      game: [GameAdversary(attribute: "z", evidence: .area(0.5))])
    #expect(known.attributes[0].verdict == .weakAdversary)
    // In a view that the game's own adversary could not see, the same leak is no weakness of it.
    let unseen = FreshAdversaryAudit()(
      views: [AuditView(name: "score", values: column(scores), isSeenByGame: false)], attributes: [z],
      game: [GameAdversary(attribute: "z", evidence: .scores([scores]))])
    #expect(unseen.attributes[0].verdict == .read)
  }

  /// The fifth binary digit of the score is the group, but for noise: only neighbours or steps tell.
  @Test func parityOfBits() throws {
    var fixture = Fixture(2)
    let count = 3000
    let z = fixture.groups(count, share: 0.3)
    let scores = z.codes.map { code in
      let bit = fixture.stream.uniform() < 0.75 ? Int(code) : 1 - Int(code)
      return (Float(fixture.stream.below(16)) * 2 + Float(bit) + Float(fixture.stream.uniform())) / 32
    }
    let report = FreshAdversaryAudit()(
      views: [AuditView(name: "score", values: column(scores))], attributes: [z])
    let results = report.attributes[0].adversaries
    #expect(report.attributes[0].verdict == .read)
    #expect(try #require(report.attributes[0].strongest?.correctedPValue) < 0.01)
    #expect(try #require(results[3].correctedPValue) < 0.01)
    #expect(try #require(results[3].area.value) > 0.65)
  }

  /// The score lies above ½ where label and group differ: neither alone says anything, both together all.
  @Test func exclusiveOrWithLabel() throws {
    var fixture = Fixture(3)
    let z = fixture.groups(2000)
    let labels = (0..<2000).map { _ in fixture.stream.uniform() < 0.5 }
    let scores = zip(z.codes, labels).map { code, label in
      let isHigh = (code == 1) != label
      let noise = 0.3 * Float(fixture.stream.uniform() - 0.5)
      return 0.5 + (isHigh ? 1 : -1) * 0.4 * Float(fixture.stream.uniform()) + noise
    }
    let report = FreshAdversaryAudit()(
      views: AuditView.ofClassifier(
        scores: scores, logits: nil, decisions: scores.map { $0 >= 0.5 }, labels: labels, hidden: nil),
      attributes: [z])
    for result in report.attributes[0].adversaries {
      let p = try #require(result.correctedPValue)
      if result.view == "score with label" && result.family != "logistic regression" {
        #expect(p < 0.01 && (result.area.value ?? 0) > 0.7, "\(result.family)")
      } else {
        #expect(p > 0.01, "\(result.view), \(result.family)")
      }
    }
  }

  /// Three groups, of which one stands apart; a fourth is too small to be told.
  @Test func severalGroups() throws {
    var fixture = Fixture(4)
    var codes: [Int32] = (0..<1500).map { Int32($0 % 3) } + [3, 3, 3]
    codes[7] = -1
    let z = GroupColumn(name: "z", groups: ["a", "b", "c", "d", "nobody"], codes: codes)
    let view = Matrix<Float>(
      rows: 1503, columns: 2,
      values: codes.flatMap { code in
        [Float(fixture.stream.normal()) + (code == 2 ? 1 : 0), Float(fixture.stream.normal())]
      })
    let report = FreshAdversaryAudit()(views: [AuditView(name: "hidden", values: view)], attributes: [z])
    let audit = report.attributes[0]
    #expect(audit.groups.map(\.rows) == [500, 499, 500, 3] && audit.missingRows == 1)
    for result in audit.adversaries {
      #expect(try #require(result.correctedPValue) < 0.01)
      #expect(result.groups.map(\.group) == ["a", "b", "c", "d"])
      let areas = result.groups.prefix(3).compactMap(\.area.value)
      #expect(areas.count == 3 && areas[2] > 0.7 && areas[2] > areas[0] && areas[2] > areas[1])
      #expect(abs(try #require(result.area.value) - areas.reduce(0, +) / 3) < 1e-12)
      #expect(
        result.groups[3].area.reason
          == "5 folds need at least 2 rows each inside and outside the group 'd', and it has 3")
    }
  }
}
