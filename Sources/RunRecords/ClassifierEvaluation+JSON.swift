import FairnessMetrics
import OrderedJSON

extension ClassifierEvaluation {
  /// Why an adversary's AUC is null where no adversary was asked.
  static let noAdversary = "no adversary was asked"

  /// The evaluation under the keys of `summary.json`. A statistic that does not exist is null, and its reason stands
  /// under its name in a sibling object `reasons`.
  public var json: JSON {
    var record = RecordWriting()
    record.add("rows", .number(JSONNumber(rows)))
    // Where nothing is selected, a threshold would be misread.
    if classes == nil && regression == nil { record.add("threshold", .number(JSONNumber(threshold))) }
    record.add("accuracy", accuracy)
    record.add("rocAUC", rocAUC)
    record.add("selectionRate", selectionRate)
    record.add("sensitive", .object(attributes.map { JSON.Member($0.name, $0.json) }))
    if !continuous.isEmpty { record.add("continuous", .object(continuous.map { JSON.Member($0.name, $0.json) })) }
    if let classes { record.add("classes", classes.json) }
    if let regression { record.add("regression", regression.json) }
    return record.json
  }

  init(_ record: RecordReading) throws(RecordError) {
    var attributes: [AttributeEvaluation] = []
    for (name, attribute) in try record.object("sensitive").objects() {
      attributes.append(try AttributeEvaluation(name: name, attribute))
    }
    let isBinary = !record.contains("classes") && !record.contains("regression")
    self.init(
      rows: try record.integer("rows"), threshold: isBinary ? try record.double("threshold") : 0.5,
      accuracy: try record.metric("accuracy"), rocAUC: try record.metric("rocAUC"),
      selectionRate: try record.metric("selectionRate"), attributes: attributes)
    if record.contains("classes") { classes = try MulticlassEvaluation(record.object("classes")) }
    if record.contains("regression") { regression = try RegressionEvaluation(record.object("regression")) }
    guard record.contains("continuous") else { return }
    for (name, attribute) in try record.object("continuous").objects() {
      continuous.append(try ContinuousEvaluation(name: name, attribute))
    }
  }

  /// Reads what `json` wrote.
  ///
  /// - Parameter place: The file and the keys, for messages.
  public init(_ json: JSON, at place: String) throws(RecordError) {
    try self.init(try RecordReading(json, at: place))
  }
}

extension AttributeEvaluation {
  var json: JSON {
    var record = RecordWriting()
    record.add("pPercentRule", pPercentRule)
    record.add("demographicParityDifference", demographicParityDifference)
    record.add("equalizedOddsDifference", equalizedOddsDifference)
    record.add("equalOpportunityDifference", equalOpportunityDifference)
    record.add("adversaryAUC", adversaryAUC ?? .undefined(ClassifierEvaluation.noAdversary))
    record.add("missingRows", .number(JSONNumber(missingRows)))
    record.add("groups", .object(groups.map { JSON.Member($0.name, $0.json) }))
    return record.json
  }

  init(name: String, _ record: RecordReading) throws(RecordError) {
    var groups: [GroupEvaluation] = []
    for (name, group) in try record.object("groups").objects() {
      groups.append(try GroupEvaluation(name: name, group))
    }
    let adversaryAUC = try record.metric("adversaryAUC")
    self.init(
      name: name, pPercentRule: try record.metric("pPercentRule"),
      demographicParityDifference: try record.metric("demographicParityDifference"),
      equalizedOddsDifference: try record.metric("equalizedOddsDifference"),
      equalOpportunityDifference: try record.metric("equalOpportunityDifference"),
      adversaryAUC: adversaryAUC.reason == ClassifierEvaluation.noAdversary ? nil : adversaryAUC,
      groups: groups, missingRows: try record.integer("missingRows"))
  }
}

extension ContinuousEvaluation {
  fileprivate var json: JSON {
    var record = RecordWriting()
    record.add("correlation", correlation)
    record.add("maximalCorrelation", maximalCorrelation)
    record.add("pPercentRule", .undefined(Self.noGroups))
    record.add("adversaryAUC", .undefined(Self.noGroups))
    record.add("missingRows", .number(JSONNumber(missingRows)))
    return record.json
  }

  fileprivate init(name: String, _ record: RecordReading) throws(RecordError) {
    self.init(
      name: name, correlation: try record.metric("correlation"),
      maximalCorrelation: try record.metric("maximalCorrelation"), missingRows: try record.integer("missingRows"))
  }
}

extension GroupEvaluation {
  fileprivate var json: JSON {
    var record = RecordWriting()
    record.add("rows", .number(JSONNumber(rows)))
    record.add("selectionRate", selectionRate)
    record.add("truePositiveRate", truePositiveRate)
    record.add("falsePositiveRate", falsePositiveRate)
    return record.json
  }

  fileprivate init(name: String, _ record: RecordReading) throws(RecordError) {
    self.init(
      name: name, rows: try record.integer("rows"), selectionRate: try record.metric("selectionRate"),
      truePositiveRate: try record.metric("truePositiveRate"),
      falsePositiveRate: try record.metric("falsePositiveRate"))
  }
}
