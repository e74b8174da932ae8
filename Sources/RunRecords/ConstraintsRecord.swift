import FairnessMetrics
import OrderedJSON

/// What became of the constraints of a run: `constraints` in `summary.json`.
public struct ConstraintsRecord: Sendable, Equatable {
  /// Whether the constraints are met, judged on rows that were not used for choosing, or by predictions of networks that
  /// had not seen them.
  public enum Status: String, CaseIterable, Sendable {
    /// All hold: with the margin on rows that had a part in the choice (out of fold, and where an iterate was chosen on
    /// validation rows), on others as they are.
    case feasible
    /// Not shown to be violated: within a standard error of all bounds.
    case nearlyFeasible = "nearly feasible"
    /// Violated by more; the nearest that was reached is kept.
    case infeasible
  }

  /// The rows that something was measured on.
  public enum Rows: String, CaseIterable, Sendable {
    /// The training rows, each predicted by networks that had not seen it.
    case outOfFold
    case validation
    case test
  }

  /// A condition on some rows, before and after.
  public struct Measurement: Sendable, Equatable {
    public var rows: Rows
    public var before: MetricValue
    public var after: Estimate

    public init(_ rows: Rows, before: MetricValue, after: Estimate) {
      self.rows = rows
      self.before = before
      self.after = after
    }
  }

  /// A condition, and the value of its expression.
  public struct Condition: Sendable, Equatable {
    /// The condition as it was written.
    public var text: String
    public var bound: Double
    public var measurements: [Measurement]

    public init(_ text: String, bound: Double, measurements: [Measurement]) {
      self.text = text
      self.bound = bound
      self.measurements = measurements
    }
  }

  /// An inequality that a condition was reduced to, and its multiplier.
  public struct Multiplier: Sendable, Equatable {
    public var inequality: String
    public var value: Double

    public init(_ inequality: String, _ value: Double) {
      self.inequality = inequality
      self.value = value
    }
  }

  public var status: Status

  /// The rows by which the status was judged.
  public var judgedOn: Rows

  public var method: String

  /// The margin, in standard errors.
  public var margin: Double

  public var conditions: [Condition]

  public var multipliers: [Multiplier]

  /// Which iterate was chosen, and how; nil where the method has none to choose from.
  public var selection: SelectionRecord?

  /// The attributes of which a group lost and none gained, each with that group: `sex: Male`.
  public var levelledDown: [String]

  public init(
    status: Status, judgedOn: Rows, method: String, margin: Double, conditions: [Condition],
    multipliers: [Multiplier], selection: SelectionRecord? = nil, levelledDown: [String]
  ) {
    self.selection = selection
    self.status = status
    self.judgedOn = judgedOn
    self.method = method
    self.margin = margin
    self.conditions = conditions
    self.multipliers = multipliers
    self.levelledDown = levelledDown
  }

  /// The record under the keys of `summary.json`.
  var json: JSON {
    var members: [JSON.Member] = [
      .init("status", .string(status.rawValue)), .init("judgedOn", .string(judgedOn.rawValue)),
      .init("method", .string(method)), .init("margin", .number(JSONNumber(margin))),
      .init("conditions", .array(conditions.map(\.json))),
      .init(
        "multipliers",
        .array(
          multipliers.map {
            .object([
              .init("inequality", .string($0.inequality)), .init("multiplier", .number(JSONNumber($0.value))),
            ])
          })),
    ]
    if let selection { members.append(.init("selection", selection.json)) }
    members.append(.init("levelledDown", .array(levelledDown.map(JSON.string))))
    return .object(members)
  }

  init(_ record: RecordReading, at place: String) throws(RecordError) {
    var conditions: [Condition] = []
    for element in try record.elements("conditions") {
      conditions.append(try Condition(RecordReading(element, at: place, keys: ["constraints", "conditions"])))
    }
    var multipliers: [Multiplier] = []
    for element in try record.elements("multipliers") {
      let multiplier = try RecordReading(element, at: place, keys: ["constraints", "multipliers"])
      multipliers.append(Multiplier(try multiplier.text("inequality"), try multiplier.double("multiplier")))
    }
    self.init(
      status: try record.choice("status", Status.self), judgedOn: try record.choice("judgedOn", Rows.self),
      method: try record.text("method"), margin: try record.double("margin"), conditions: conditions,
      multipliers: multipliers,
      selection: record.contains("selection") ? try SelectionRecord(try record.object("selection"), at: place) : nil,
      levelledDown: try record.elements("levelledDown").compactMap(\.text))
  }
}

extension ConstraintsRecord.Condition {
  fileprivate var json: JSON {
    .object([
      .init("condition", .string(text)), .init("bound", .number(JSONNumber(bound))),
      .init("rows", .object(measurements.map { JSON.Member($0.rows.rawValue, $0.json) })),
    ])
  }

  fileprivate init(_ record: RecordReading) throws(RecordError) {
    var measurements: [ConstraintsRecord.Measurement] = []
    for (name, object) in try record.object("rows").objects() {
      guard let rows = ConstraintsRecord.Rows(rawValue: name) else {
        throw record.failure("rows.\(name)", "is unknown")
      }
      let interval =
        object.contains("low")
        ? Interval(low: try object.double("low"), high: try object.double("high")) : nil
      measurements.append(
        .init(
          rows, before: try object.metric("before"),
          after: Estimate(value: try object.metric("after"), interval: interval)))
    }
    self.init(try record.text("condition"), bound: try record.double("bound"), measurements: measurements)
  }
}

extension ConstraintsRecord.Measurement {
  fileprivate var json: JSON {
    var record = RecordWriting()
    record.add("before", before)
    record.add("after", after.value)
    if let interval = after.interval {
      record.add("low", .number(JSONNumber(interval.low)))
      record.add("high", .number(JSONNumber(interval.high)))
    }
    return record.json
  }
}
