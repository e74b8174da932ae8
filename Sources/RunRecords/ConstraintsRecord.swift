import FairnessMetrics
import OrderedJSON

/// What became of the constraints of a run: `constraints` in `summary.json`.
public struct ConstraintsRecord: Sendable, Equatable {
  /// Whether the constraints are met, on the rows that `judgedOn` names. The cases go from good to bad.
  public enum Status: String, CaseIterable, Sendable {
    /// All hold: with the margin on rows that had a part in the choice (where an iterate was chosen on validation rows,
    /// and out of fold, where the margin is one of an estimate from observed and predicted rates, and the observed ones
    /// hold as they are), on others as they are.
    case feasible
    /// Not shown to be violated: they hold by less than the margin, or are missed by less than a standard error.
    case nearlyFeasible = "nearly feasible"
    /// Violated by more; the nearest that was reached is kept.
    case infeasible
  }

  /// The rows that something was measured on.
  public enum Rows: String, CaseIterable, Sendable {
    /// The training rows, each predicted by networks that had not seen it.
    case outOfFold
    /// The training rows, as they were trained on.
    case train
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

    /// How the expression is held against the bound, which stands on the right of it; nil in records that do not tell.
    public var relation: Gate.Relation?

    public var bound: Double

    public var measurements: [Measurement]

    /// Whether this condition is met; nil in records that only tell it of all together.
    public var status: Status?

    /// Why it is not feasible.
    public var reason: String?

    public init(
      _ text: String, gate: Gate, measurements: [Measurement], status: Status? = nil, reason: String? = nil
    ) {
      self.init(
        text, relation: gate.relation, bound: gate.bound, measurements: measurements, status: status, reason: reason)
    }

    init(
      _ text: String, relation: Gate.Relation?, bound: Double, measurements: [Measurement], status: Status?,
      reason: String?
    ) {
      self.text = text
      self.relation = relation
      self.bound = bound
      self.measurements = measurements
      self.status = status
      self.reason = reason
    }

    /// What holds where the condition is met; nil in records that do not tell.
    public var gate: Gate? { relation.map { Gate($0, bound) } }
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

  /// The iterates that the model is made of, and how they were chosen.
  public struct Choice: Sendable, Equatable {
    /// An iterate and the chance that it decides.
    public struct Member: Sendable, Equatable {
      public var iteration: Int
      public var probability: Double

      public init(iteration: Int, probability: Double) {
        self.iteration = iteration
        self.probability = probability
      }
    }

    /// The rule, as the configuration names it.
    public var rule: String

    /// One iterate, or those of a mixture.
    public var members: [Member]

    /// Names the hash by which a mixture draws; nil for one iterate.
    public var seed: Int?

    /// What a mixture comes to in expectation; empty for one iterate.
    public var expectations: [Expectation] = []

    public init(rule: String, members: [Member], seed: Int? = nil, expectations: [Expectation] = []) {
      self.rule = rule
      self.members = members
      self.seed = seed
      self.expectations = expectations
    }
  }

  /// What a mixture comes to on some rows, in expectation over its draws: exact, for the rows as they are. Ratios are
  /// those of expected rates.
  public struct Expectation: Sendable, Equatable {
    public var rows: Rows
    public var accuracy: Double
    public var selectionRate: Double

    /// The conditions, and the values of their expressions.
    public var conditions: [NamedMetric]

    public init(_ rows: Rows, accuracy: Double, selectionRate: Double, conditions: [NamedMetric]) {
      self.rows = rows
      self.accuracy = accuracy
      self.selectionRate = selectionRate
      self.conditions = conditions
    }
  }

  /// A value under the text of its condition.
  public struct NamedMetric: Sendable, Equatable {
    public var condition: String
    public var value: MetricValue

    public init(_ condition: String, _ value: MetricValue) {
      self.condition = condition
      self.value = value
    }
  }

  /// Of all conditions together: that of the worst.
  public var status: Status

  /// Why it is not feasible; nil where it is, and in records that do not tell.
  public var reason: String?

  /// The rows by which the status was judged.
  public var judgedOn: Rows

  public var method: String

  /// The margin, in standard errors.
  public var margin: Double

  public var conditions: [Condition]

  public var multipliers: [Multiplier]

  /// The sensitive columns that the model reads when scoring; mostly none.
  public var readColumns: [String]

  /// The iterates that the model is made of; nil where there are none to choose from.
  public var choice: Choice?

  public init(
    status: Status, reason: String? = nil, judgedOn: Rows, method: String, margin: Double, conditions: [Condition],
    multipliers: [Multiplier], readColumns: [String] = [], choice: Choice? = nil
  ) {
    self.status = status
    self.reason = reason
    self.judgedOn = judgedOn
    self.method = method
    self.margin = margin
    self.conditions = conditions
    self.multipliers = multipliers
    self.readColumns = readColumns
    self.choice = choice
  }

  /// A number of standard errors in words: `1 standard error`, `0.5 standard errors`.
  public static func standardErrors(_ count: Double) -> String {
    let number = count == count.rounded() && abs(count) < 1e15 ? "\(Int(count))" : "\(count)"
    return "\(number) standard error\(count == 1 ? "" : "s")"
  }

  /// The record under the keys of `summary.json`.
  var json: JSON {
    var members: [JSON.Member] = [.init("status", .string(status.rawValue))]
    if let reason { members.append(.init("reason", .string(reason))) }
    members += [
      .init("judgedOn", .string(judgedOn.rawValue)), .init("method", .string(method)),
      .init("margin", .number(JSONNumber(margin))),
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
    if !readColumns.isEmpty { members.append(.init("readColumns", .array(readColumns.map(JSON.string)))) }
    if let choice { members.append(.init("choice", choice.json)) }
    return .object(members)
  }

  init(_ record: RecordReading, at place: String) throws(RecordError) {
    let status = try record.choice("status", Status.self)
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
      status: status,
      reason: record.contains("reason") ? try record.text("reason") : nil,
      judgedOn: try record.choice("judgedOn", Rows.self),
      method: try record.text("method"), margin: try record.double("margin"), conditions: conditions,
      multipliers: multipliers,
      readColumns: record.contains("readColumns") ? try record.elements("readColumns").compactMap(\.text) : [],
      choice: record.contains("choice") ? try Choice(try record.object("choice"), at: place) : nil)
  }
}

extension ConstraintsRecord.Condition {
  fileprivate var json: JSON {
    var members: [JSON.Member] = [.init("condition", .string(text))]
    if let relation { members.append(.init("relation", .string(relation.rawValue))) }
    members.append(.init("bound", .number(JSONNumber(bound))))
    if let status { members.append(.init("status", .string(status.rawValue))) }
    if let reason { members.append(.init("reason", .string(reason))) }
    members.append(.init("rows", .object(measurements.map { JSON.Member($0.rows.rawValue, $0.json) })))
    return .object(members)
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
    self.init(
      try record.text("condition"),
      relation: record.contains("relation") ? try record.choice("relation", Gate.Relation.self) : nil,
      bound: try record.double("bound"), measurements: measurements,
      status: record.contains("status") ? try record.choice("status", ConstraintsRecord.Status.self) : nil,
      reason: record.contains("reason") ? try record.text("reason") : nil)
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
