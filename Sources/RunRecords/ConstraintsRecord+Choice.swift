import FairnessMetrics
import OrderedJSON

extension ConstraintsRecord.Choice {
  /// The record under the keys of `constraints.choice`.
  var json: JSON {
    var record: [JSON.Member] = [
      .init("rule", .string(rule)),
      .init(
        "members",
        .array(
          members.map {
            .object([
              .init("iteration", .number(JSONNumber($0.iteration))),
              .init("probability", .number(JSONNumber($0.probability))),
            ])
          })),
    ]
    if let seed { record.append(.init("seed", .number(JSONNumber(seed)))) }
    if !expectations.isEmpty {
      record.append(.init("expected", .object(expectations.map { JSON.Member($0.rows.rawValue, $0.json) })))
    }
    return .object(record)
  }

  init(_ record: RecordReading, at place: String) throws(RecordError) {
    var members: [Member] = []
    for element in try record.elements("members") {
      let member = try RecordReading(element, at: place, keys: ["constraints", "choice", "members"])
      members.append(
        Member(iteration: try member.integer("iteration"), probability: try member.double("probability")))
    }
    var expectations: [ConstraintsRecord.Expectation] = []
    if record.contains("expected") {
      for (name, object) in try record.object("expected").objects() {
        guard let rows = ConstraintsRecord.Rows(rawValue: name) else {
          throw record.failure("expected.\(name)", "is unknown")
        }
        expectations.append(try ConstraintsRecord.Expectation(rows, object, at: place))
      }
    }
    self.init(
      rule: try record.text("rule"), members: members, seed: record.contains("seed") ? try record.integer("seed") : nil,
      expectations: expectations)
  }
}

extension ConstraintsRecord.Expectation {
  fileprivate var json: JSON {
    .object([
      .init("accuracy", .number(JSONNumber(accuracy))), .init("selectionRate", .number(JSONNumber(selectionRate))),
      .init(
        "conditions",
        .array(
          conditions.map { condition in
            var record = RecordWriting()
            record.add("condition", .string(condition.condition))
            record.add("value", condition.value)
            return record.json
          })),
    ])
  }

  fileprivate init(_ rows: ConstraintsRecord.Rows, _ record: RecordReading, at place: String) throws(RecordError) {
    var conditions: [ConstraintsRecord.NamedMetric] = []
    for element in try record.elements("conditions") {
      let condition = try RecordReading(element, at: place, keys: ["constraints", "choice", "expected", "conditions"])
      conditions.append(.init(try condition.text("condition"), try condition.metric("value")))
    }
    self.init(
      rows, accuracy: try record.double("accuracy"), selectionRate: try record.double("selectionRate"),
      conditions: conditions)
  }
}
