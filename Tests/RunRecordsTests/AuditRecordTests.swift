import Auditing
import FairnessMetrics
import LinearAlgebra
import OrderedJSON
import RunRecords
import Testing

@Suite struct AuditRecordTests {
  /// A small audit of everything that a record can hold: several groups, a constant view, the game's own adversary.
  private static let record: AuditRecord = {
    var stream = RandomStream(seed: 3)
    let count = 400
    let sex = GroupColumn(
      name: "sex", groups: ["Female", "Male"], codes: (0..<count).map { _ in stream.uniform() < 0.4 ? 1 : 0 })
    let race = GroupColumn(
      name: "race", groups: ["a", "b", "c"], codes: (0..<count).map { Int32($0 % 7 == 0 ? -1 : $0 % 3) })
    let scores = sex.codes.map { Float(Double($0) * 0.3 + 0.7 * stream.uniform()) }
    let settings = AuditSettings(
      families: [.logisticRegression(), .boostedTrees()], permutations: 499, rowLimit: 300, seed: 9)
    let views = AuditView.ofClassifier(
      scores: scores, logits: nil, decisions: scores.map { $0 >= 2 }, labels: scores.map { $0 >= 0.4 },
      hidden: Matrix(rows: count, columns: 1, values: scores))
    var audit = FreshAdversaryAudit(settings)(
      views: views, attributes: [sex, race], game: [GameAdversary(attribute: "sex", evidence: .area(0.51))])
    // The settings of families are not recorded.
    audit.settings.families = AdversaryFamily.all
    var proxies = ProxyAudit(settings)(
      features: Matrix(rows: count, columns: 1, values: scores), groups: [FeatureGroup(name: "age", columns: 0..<1)],
      attributes: [sex, race])
    proxies.family = "boosted trees"
    return AuditRecord(data: "test", audit: audit, proxies: proxies, notices: ["a note"])
  }()

  @Test func comesBackFromTheFile() throws {
    let text = Self.record.json.serialized()
    let read = try AuditRecord(JSONReader.read(Array(text.utf8), source: "a").value, at: "a")
    #expect(read == Self.record)
    #expect(Self.record.audit.attributes.contains { $0.adversaries.contains { $0.area.value == nil } })
    #expect(Self.record.audit.attributes[1].adversaries.contains { !$0.groups.isEmpty })
  }

  /// The prediction apart from the label and from the hidden layer.
  @Test func readings() {
    let readings = Self.record.audit.attributes[0].readings(level: 0.05)
    #expect(readings.map(\.source) == ["prediction", "score with label", "hidden layer"])
    #expect(readings[0].isRead && readings[0].strongest.view == "score")
    #expect(Self.record.json["attributes"]?["sex"]?["readings"]?["prediction"]?["isRead"] == .bool(true))
  }

  @Test func damageIsNamed() throws {
    let text = Self.record.json.serialized()
    for (found, replacement, message) in [
      (#""format": 1"#, #""format": 2"#, "newer version"), (#""folds": 5"#, #""folds": 1"#, "out of range"),
      (#""seed": "9""#, #""seed": "x""#, "seed should be a whole number"),
      (#""isSeenByGame": true"#, #""isSeenByGame": 1"#, "isSeenByGame should be true or false"),
    ] {
      let error = #expect(throws: RecordError.self) {
        try AuditRecord(
          JSONReader.read(Array(text.replacing(found, with: replacement).utf8), source: "a").value, at: "a")
      }
      #expect(error?.description.contains(message) == true, "\(error.map { "\($0)" } ?? "")")
    }
  }
}
