import FairnessMetrics
import OrderedJSON

/// A line of `iterates.jsonl`: a classifier that was kept on the way of a training under constraints.
///
/// Equal runs give equal lines: nothing in it depends on time or machine.
public struct IterateRecord: Sendable, Equatable {
  /// How the iterate does on some rows.
  public struct Measurement: Sendable, Equatable {
    public var rows: SplitName

    /// The mean loss of the objective.
    public var loss: Double

    public var errorRate: Double

    /// By how much each inequality is violated, in the order of `multipliers` in the summary; at most 0 where it holds.
    public var violations: [Double]

    /// Their standard errors.
    public var standardErrors: [Double]

    public init(
      _ rows: SplitName, loss: Double, errorRate: Double, violations: [Double], standardErrors: [Double]
    ) {
      self.rows = rows
      self.loss = loss
      self.errorRate = errorRate
      self.violations = violations
      self.standardErrors = standardErrors
    }
  }

  /// The iteration, counted from 1.
  public var iteration: Int

  /// What the objective weighed.
  public var objectiveWeight: Double

  /// What each inequality weighed.
  public var constraintWeights: [Double]

  /// On the training rows, and the validation rows where there are any.
  public var measurements: [Measurement]

  public init(
    iteration: Int, objectiveWeight: Double, constraintWeights: [Double], measurements: [Measurement]
  ) {
    self.iteration = iteration
    self.objectiveWeight = objectiveWeight
    self.constraintWeights = constraintWeights
    self.measurements = measurements
  }

  /// The record under the keys of `iterates.jsonl`.
  public var json: JSON {
    func list(_ values: [Double]) -> JSON { .array(values.map { .number(JSONNumber($0)) }) }
    return .object(
      [
        .init("iteration", .number(JSONNumber(iteration))),
        .init("objectiveWeight", .number(JSONNumber(objectiveWeight))),
        .init("constraintWeights", list(constraintWeights)),
      ]
        + measurements.map { measurement in
          JSON.Member(
            measurement.rows.rawValue,
            .object([
              .init("loss", .number(JSONNumber(measurement.loss))),
              .init("errorRate", .number(JSONNumber(measurement.errorRate))),
              .init("largestViolation", .number(JSONNumber(measurement.violations.max() ?? 0))),
              .init("violations", list(measurement.violations)),
              .init("standardErrors", list(measurement.standardErrors)),
            ]))
        })
  }

  /// Reads what `json` wrote.
  ///
  /// - Parameter place: The file and the line, for messages.
  public init(_ json: JSON, at place: String) throws(RecordError) {
    let record = try RecordReading(json, at: place)
    var measurements: [Measurement] = []
    for rows in SplitName.allCases where record.contains(rows.rawValue) {
      let part = try record.object(rows.rawValue)
      measurements.append(
        Measurement(
          rows, loss: try part.double("loss"), errorRate: try part.double("errorRate"),
          violations: try part.doubles("violations"), standardErrors: try part.doubles("standardErrors")))
    }
    self.init(
      iteration: try record.integer("iteration"), objectiveWeight: try record.double("objectiveWeight"),
      constraintWeights: try record.doubles("constraintWeights"), measurements: measurements)
  }
}

extension RecordReading {
  /// A list of numbers.
  func doubles(_ key: String) throws(RecordError) -> [Double] {
    var numbers: [Double] = []
    for element in try elements(key) {
      guard let number = element.double, number.isFinite else { throw failure(key, "should be a list of numbers") }
      numbers.append(number)
    }
    return numbers
  }
}

/// `iterates.jsonl`, which grows by a line for each iterate that is kept.
public final class IterateLog {
  private let file: AppendingFile

  init(path: String) throws(RecordError) {
    file = try AppendingFile(path: path, truncating: false)
  }

  /// Appends the line of an iterate, in one write.
  public func append(_ record: IterateRecord) throws(RecordError) {
    try file.append(Array((record.json.serialized(.compact) + "\n").utf8))
  }

  /// Closes the file, its lines safe on the disk.
  public func close() throws(RecordError) {
    try file.close(synchronizing: true)
  }
}

extension RunFolder {
  /// Opens `iterates.jsonl` for the lines of a new run.
  public func iterateLog() throws(RecordError) -> IterateLog {
    try IterateLog(path: file("iterates.jsonl"))
  }

  /// Reads `iterates.jsonl`, whole lines only.
  public func iterates() throws(RecordError) -> [IterateRecord] {
    var records: [IterateRecord] = []
    for (place, json) in try EpochLog.lines(file("iterates.jsonl")) {
      records.append(try IterateRecord(json, at: place))
    }
    return records
  }
}
