import FairnessMetrics
import OrderedJSON

extension MulticlassEvaluation {
  /// The evaluation under the key `classes` of a split: `macroROCAUC`, `each` class by name, and `sensitive` by attribute,
  /// where a statistic over classes names the class that it comes from.
  var json: JSON {
    var record = RecordWriting()
    record.add("macroROCAUC", macroROCAUC)
    record.add("each", .object(classes.map { JSON.Member($0.name, $0.json) }))
    record.add("sensitive", .object(attributes.map { JSON.Member($0.name, $0.json) }))
    return record.json
  }

  init(_ record: RecordReading) throws(RecordError) {
    var classes: [Class] = []
    for (name, each) in try record.object("each").objects() { classes.append(try Class(name: name, each)) }
    var attributes: [Attribute] = []
    for (name, attribute) in try record.object("sensitive").objects() {
      attributes.append(try Attribute(name: name, attribute))
    }
    self.init(macroROCAUC: try record.metric("macroROCAUC"), classes: classes, attributes: attributes)
  }
}

extension MulticlassEvaluation.Class {
  fileprivate var json: JSON {
    var record = RecordWriting()
    record.add("rows", .number(JSONNumber(rows)))
    record.add("selectionRate", selectionRate)
    record.add("rocAUC", rocAUC)
    record.add("sensitive", .object(attributes.map { JSON.Member($0.name, $0.json) }))
    return record.json
  }

  fileprivate init(name: String, _ record: RecordReading) throws(RecordError) {
    var attributes: [AttributeEvaluation] = []
    for (name, attribute) in try record.object("sensitive").objects() {
      attributes.append(try AttributeEvaluation(name: name, attribute))
    }
    self.init(
      name: name, rows: try record.integer("rows"), selectionRate: try record.metric("selectionRate"),
      rocAUC: try record.metric("rocAUC"), attributes: attributes)
  }
}

extension MulticlassEvaluation.Extreme {
  fileprivate func add(to record: inout RecordWriting, _ key: String) {
    record.add(key, value)
    record.add("\(key)Class", className.map(JSON.string) ?? .null)
    if !undefinedClasses.isEmpty {
      record.add("\(key)Without", .array(undefinedClasses.map(JSON.string)))
    }
  }

  fileprivate init(_ key: String, _ record: RecordReading) throws(RecordError) {
    let without = "\(key)Without"
    self.init(
      value: try record.metric(key), className: try record.optionalText("\(key)Class"),
      undefinedClasses: record.contains(without) ? try record.elements(without).compactMap(\.text) : [])
  }
}

extension MulticlassEvaluation.Attribute {
  fileprivate var json: JSON {
    var record = RecordWriting()
    pPercentRule.add(to: &record, "pPercentRule")
    demographicParityDifference.add(to: &record, "demographicParityDifference")
    equalizedOddsDifference.add(to: &record, "equalizedOddsDifference")
    equalOpportunityDifference.add(to: &record, "equalOpportunityDifference")
    record.add("accuracyDifference", accuracyDifference)
    record.add(
      "groups",
      .object(
        groups.map { group in
          var record = RecordWriting()
          record.add("rows", .number(JSONNumber(group.rows)))
          record.add("accuracy", group.accuracy)
          return JSON.Member(group.name, record.json)
        }))
    return record.json
  }

  fileprivate init(name: String, _ record: RecordReading) throws(RecordError) {
    var groups: [Group] = []
    for (name, group) in try record.object("groups").objects() {
      groups.append(Group(name: name, rows: try group.integer("rows"), accuracy: try group.metric("accuracy")))
    }
    self.init(
      name: name, groups: groups, accuracyDifference: try record.metric("accuracyDifference"),
      pPercentRule: try .init("pPercentRule", record),
      demographicParityDifference: try .init("demographicParityDifference", record),
      equalizedOddsDifference: try .init("equalizedOddsDifference", record),
      equalOpportunityDifference: try .init("equalOpportunityDifference", record))
  }
}
