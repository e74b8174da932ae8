import FairnessMetrics
import OrderedJSON

extension RegressionEvaluation {
  /// The evaluation under the key `regression` of a split: the errors of all rows, and `sensitive` by attribute.
  var json: JSON {
    var record = RecordWriting()
    errors.add(to: &record)
    record.add("sensitive", .object(attributes.map { JSON.Member($0.name, $0.json) }))
    return record.json
  }

  init(_ record: RecordReading) throws(RecordError) {
    var attributes: [Attribute] = []
    for (name, attribute) in try record.object("sensitive").objects() {
      attributes.append(try Attribute(name: name, attribute))
    }
    self.init(errors: try Errors(record), attributes: attributes)
  }
}

extension RegressionEvaluation.Errors {
  fileprivate func add(to record: inout RecordWriting) {
    record.add("rows", .number(JSONNumber(rows)))
    record.add("rootMeanSquaredError", rootMeanSquaredError)
    record.add("meanAbsoluteError", meanAbsoluteError)
    record.add("rSquared", rSquared)
    record.add("meanPrediction", meanPrediction)
    record.add("meanResidual", meanResidual)
  }

  fileprivate init(_ record: RecordReading) throws(RecordError) {
    self.init(
      rows: try record.integer("rows"), rootMeanSquaredError: try record.metric("rootMeanSquaredError"),
      meanAbsoluteError: try record.metric("meanAbsoluteError"), rSquared: try record.metric("rSquared"),
      meanPrediction: try record.metric("meanPrediction"), meanResidual: try record.metric("meanResidual"))
  }
}

extension RegressionEvaluation.Attribute {
  fileprivate var json: JSON {
    var record = RecordWriting()
    record.add("meanPredictionDifference", meanPredictionDifference)
    record.add("meanResidualDifference", meanResidualDifference)
    record.add("rootMeanSquaredErrorDifference", rootMeanSquaredErrorDifference)
    record.add("kolmogorovSmirnovDistance", kolmogorovSmirnovDistance)
    record.add("farthestGroups", .array(farthestGroups.map(JSON.string)))
    record.add("missingRows", .number(JSONNumber(missingRows)))
    record.add(
      "groups",
      .object(
        groups.map { group in
          var record = RecordWriting()
          group.errors.add(to: &record)
          return JSON.Member(group.name, record.json)
        }))
    return record.json
  }

  fileprivate init(name: String, _ record: RecordReading) throws(RecordError) {
    var groups: [Group] = []
    for (name, group) in try record.object("groups").objects() {
      groups.append(Group(name: name, errors: try RegressionEvaluation.Errors(group)))
    }
    self.init(
      name: name, groups: groups, meanPredictionDifference: try record.metric("meanPredictionDifference"),
      meanResidualDifference: try record.metric("meanResidualDifference"),
      rootMeanSquaredErrorDifference: try record.metric("rootMeanSquaredErrorDifference"),
      kolmogorovSmirnovDistance: try record.metric("kolmogorovSmirnovDistance"),
      farthestGroups: try record.elements("farthestGroups").compactMap(\.text),
      missingRows: try record.integer("missingRows"))
  }
}
