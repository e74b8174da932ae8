import Auditing
import FairnessMetrics
import LinearAlgebra
import Testing

/// Views that know nothing of the attribute.
@Suite struct NullTests {
  /// Over many seeds no more p-values lie below a level than chance allows, in every family.
  @Test func falseAlarms() {
    let runs = 150
    var alarms = [Int](repeating: 0, count: 4)
    var alarmsOfAudit = 0
    for seed in 0..<runs {
      var fixture = Fixture(UInt64(1000 + seed))
      let z = fixture.groups(150, share: 0.4)
      let settings = AuditSettings(
        families: quickFamilies, permutations: 199, seed: UInt64(seed))
      let report = FreshAdversaryAudit(settings)(
        views: [AuditView(name: "hidden", values: fixture.normals(150, 5))], attributes: [z])
      for (index, result) in report.attributes[0].adversaries.enumerated() where (result.pValue ?? 0) <= 0.1 {
        alarms[index] += 1
      }
      if report.attributes[0].verdict != .notRead { alarmsOfAudit += 1 }
    }
    // The expected 15 and 7.5 at most, and three standard deviations of counts like these.
    for count in alarms { #expect(count <= 15 + 11) }
    #expect(alarmsOfAudit <= 15)
  }

  /// A constant, and a view with a number that is none.
  @Test func degenerateViews() {
    var fixture = Fixture(1)
    let z = fixture.groups(100)
    var broken = fixture.uniforms(100)
    broken[17] = .nan
    var endless = fixture.uniforms(100)
    endless[3] = -.infinity
    let report = FreshAdversaryAudit(AuditSettings(families: quickFamilies, permutations: 99))(
      views: [
        AuditView(name: "constant", values: column(Array(repeating: 0.5, count: 100))),
        AuditView(name: "broken", values: column(broken)), AuditView(name: "endless", values: column(endless)),
        AuditView(name: "sound", values: column(fixture.uniforms(100))),
      ], attributes: [z])
    let results = report.attributes[0].adversaries
    #expect(results.count == 16)
    #expect(results[0].area.reason == "all rows of the view 'constant' are equal: there is nothing to read")
    #expect(results[5].area.reason == "row 17 of the view 'broken' holds NaN")
    #expect(results[10].area.reason == "row 3 of the view 'endless' holds an infinite number")
    #expect(results[..<12].allSatisfy { $0.area.value == nil && $0.pValue == nil && $0.correctedPValue == nil })
    #expect(results[12...].allSatisfy { $0.area.value != nil && $0.area.reason == nil && $0.pValue != nil })
    #expect(report.attributes[0].verdict != .undetermined)
  }

  @Test func degenerateAttributes() {
    var fixture = Fixture(2)
    let view = [AuditView(name: "score", values: column(fixture.uniforms(60)))]
    func audit(_ codes: [Int32]) -> AttributeAudit {
      let z = GroupColumn(name: "z", groups: ["a", "b", "c"], codes: codes)
      return FreshAdversaryAudit(AuditSettings(families: quickFamilies, permutations: 9))(views: view, attributes: [z])
        .attributes[0]
    }
    let one = audit(Array(repeating: 1, count: 60))
    #expect(one.verdict == .undetermined && one.reason == "all rows belong to the group 'b'")
    #expect(one.adversaries.isEmpty && one.groups == [.init(name: "b", rows: 60)])
    let none = audit(Array(repeating: -1, count: 60))
    #expect(none.verdict == .undetermined && none.reason == "no row's group is known" && none.missingRows == 60)
    let few = audit((0..<60).map { $0 < 9 ? 2 : 0 })
    #expect(
      few.reason == "5 folds need at least 2 rows each inside and outside the group 'c', and it has 9")
    #expect(audit((0..<60).map { $0 < 10 ? 2 : 0 }).reason == nil)
    let rows = FreshAdversaryAudit()(
      views: [AuditView(name: "score", values: column([]))],
      attributes: [GroupColumn(name: "z", groups: ["a", "b"], codes: [])])
    #expect(rows.attributes[0].reason == "no row's group is known" && rows.rows == 0)
  }

  @Test func weights() {
    var fixture = Fixture(5)
    let z = fixture.groups(400)
    let view = [AuditView(name: "score", values: column(fixture.uniforms(400)))]
    let audit = FreshAdversaryAudit(AuditSettings(families: quickFamilies, permutations: 99))
    var weights = [Double](repeating: 1, count: 400)
    #expect(audit(views: view, attributes: [z], weights: weights) == audit(views: view, attributes: [z]))
    for row in 0..<100 { weights[row] = 0 }
    let rest = audit(
      views: [AuditView(name: "score", values: column(Array(view[0].values.values[100...])))],
      attributes: [GroupColumn(name: "z", groups: z.groups, codes: Array(z.codes[100...]))])
    let left = audit(views: view, attributes: [z], weights: weights)
    #expect(left.rows == 300 && left.rowsGiven == 400 && left.attributes == rest.attributes)
    weights[4] = -1
    let refused = audit(views: view, attributes: [z], weights: weights)
    #expect(refused.attributes[0].reason == "the weight of row 4 is negative or not finite")
  }
}
