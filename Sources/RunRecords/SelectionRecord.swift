import FairnessMetrics
import OrderedJSON

/// Which iterate of a training was chosen: `constraints.selection` in `summary.json`.
public struct SelectionRecord: Sendable, Equatable {
  /// A chosen iterate and the chance with which it decides.
  public struct Member: Sendable, Equatable {
    /// The epoch or iteration after which it was kept.
    public var iterate: Int

    /// The chance, in 0...1.
    public var probability: Double

    public init(_ iterate: Int, probability: Double) {
      self.iterate = iterate
      self.probability = probability
    }
  }

  /// The exact expected rates of a mixture on some rows.
  public struct Expectation: Sendable, Equatable {
    public var rows: ConstraintsRecord.Rows

    /// The expected accuracy.
    public var accuracy: MetricValue

    /// The expressions of the conditions, in their order, made of expected rates.
    public var conditions: [MetricValue]

    public init(_ rows: ConstraintsRecord.Rows, accuracy: MetricValue, conditions: [MetricValue]) {
      self.rows = rows
      self.accuracy = accuracy
      self.conditions = conditions
    }
  }

  /// The rule: `bestFeasible`, say.
  public var rule: String

  /// How many iterates there were to choose from.
  public var iterates: Int

  /// The epoch or iteration of the model that is kept.
  public var chosen: Int

  /// The members of the mixture; empty where none was asked for.
  public var mixture: [Member]

  /// What the mixture comes to, exactly, in expectation.
  public var expectations: [Expectation]

  public init(
    rule: String, iterates: Int, chosen: Int, mixture: [Member] = [], expectations: [Expectation] = []
  ) {
    self.rule = rule
    self.iterates = iterates
    self.chosen = chosen
    self.mixture = mixture
    self.expectations = expectations
  }

  var json: JSON {
    var members: [JSON.Member] = [
      .init("rule", .string(rule)), .init("iterates", .number(JSONNumber(iterates))),
      .init("chosen", .number(JSONNumber(chosen))),
    ]
    if !mixture.isEmpty {
      members.append(
        .init(
          "mixture",
          .array(
            mixture.map {
              .object([
                .init("iterate", .number(JSONNumber($0.iterate))),
                .init("probability", .number(JSONNumber($0.probability))),
              ])
            })))
      members.append(
        .init("expected", .object(expectations.map { JSON.Member($0.rows.rawValue, $0.json) })))
    }
    return .object(members)
  }

  init(_ record: RecordReading, at place: String) throws(RecordError) {
    var mixture: [Member] = []
    var expectations: [Expectation] = []
    if record.contains("mixture") {
      for element in try record.elements("mixture") {
        let member = try RecordReading(element, at: place, keys: ["constraints", "selection", "mixture"])
        mixture.append(Member(try member.integer("iterate"), probability: try member.double("probability")))
      }
      for (name, object) in try record.object("expected").objects() {
        guard let rows = ConstraintsRecord.Rows(rawValue: name) else {
          throw record.failure("expected.\(name)", "is unknown")
        }
        var conditions: [MetricValue] = []
        for element in try object.elements("conditions") {
          conditions.append(
            try RecordReading(element, at: place, keys: ["constraints", "selection", "expected"]).metric("value"))
        }
        expectations.append(Expectation(rows, accuracy: try object.metric("accuracy"), conditions: conditions))
      }
    }
    self.init(
      rule: try record.text("rule"), iterates: try record.integer("iterates"), chosen: try record.integer("chosen"),
      mixture: mixture, expectations: expectations)
  }
}

extension SelectionRecord.Expectation {
  fileprivate var json: JSON {
    var record = RecordWriting()
    record.add("accuracy", accuracy)
    record.add(
      "conditions",
      .array(
        conditions.map { value in
          var condition = RecordWriting()
          condition.add("value", value)
          return condition.json
        }))
    return record.json
  }
}
