import FairnessMetrics
import OrderedJSON

/// `comparison.json`: methods at the values of their knobs, with several seeds, on the same rows.
///
/// What is chosen (the Pareto set, the best point under a bound) is chosen by the rows of `judgedOn`; the test rows only
/// report.
public struct ComparisonRecord: Sendable, Equatable {
  /// The version of the record's format.
  public static let format = 1

  /// A method.
  public struct Method: Sendable, Equatable {
    public var name: String
    /// The key that was varied; nil where nothing was.
    public var knob: String?
    /// In the order of the values.
    public var points: [FrontierRecord.Point]

    public init(name: String, knob: String?, points: [FrontierRecord.Point]) {
      self.name = name
      self.knob = knob
      self.points = points
    }
  }

  public var name: String
  /// What accuracy is held against, as an expression.
  public var metric: String
  public var isGreaterBetter: Bool
  public var seeds: [Int]
  /// The confidence of the intervals over the seeds.
  public var confidence: Double
  /// The rows by which points are chosen: `validation`, or without any `train`.
  public var judgedOn: String
  public var bounds: [Double]
  public var methods: [Method]
  public var notices: [String]

  public init(
    name: String, metric: String, isGreaterBetter: Bool, seeds: [Int], confidence: Double, judgedOn: String,
    bounds: [Double], methods: [Method], notices: [String]
  ) {
    self.name = name
    self.metric = metric
    self.isGreaterBetter = isGreaterBetter
    self.seeds = seeds
    self.confidence = confidence
    self.judgedOn = judgedOn
    self.bounds = bounds
    self.methods = methods
    self.notices = notices
  }

  /// The place of a method's most accurate point whose metric meets a bound, by the means on the judged rows; nil where no
  /// point meets it. Points at which a seed failed, or decides nearly all rows alike, are passed over.
  public func best(of method: Method, under bound: Double) -> Int? {
    var best: (index: Int, accuracy: Double)?
    for (index, point) in method.points.enumerated()
    where point.failures.isEmpty && point.nearlyConstant.isEmpty {
      guard let metric = point.judged.metric.mean.value, let accuracy = point.judged.accuracy.mean.value,
        isGreaterBetter ? metric >= bound : metric <= bound
      else { continue }
      if accuracy > best?.accuracy ?? -1 { best = (index, accuracy) }
    }
    return best?.index
  }

  /// The record under the keys of `comparison.json`; equal comparisons give equal bytes.
  public var json: JSON {
    [
      "format": .number(JSONNumber(Self.format)), "name": .string(name),
      "metric": ["expression": .string(metric), "better": .string(isGreaterBetter ? "greater" : "smaller")],
      "seeds": .array(seeds.map { .number(JSONNumber($0)) }), "confidence": .number(JSONNumber(confidence)),
      "judgedOn": .string(judgedOn),
      "methods": .array(
        methods.map { method in
          [
            "name": .string(method.name), "knob": method.knob.map(JSON.string) ?? .null,
            "points": .array(
              method.points.map { point in
                method.knob == nil ? point.json.replacing("value", by: .null) : point.json
              }),
            "best": .array(
              bounds.map { bound in
                [
                  "bound": .number(JSONNumber(bound)),
                  "point": best(of: method, under: bound).map { .number(JSONNumber($0)) } ?? .null,
                ]
              }),
          ]
        }),
      "notices": .array(notices.map(JSON.string)),
    ]
  }
}

extension JSON {
  fileprivate func replacing(_ key: String, by value: JSON) -> JSON {
    .object((members ?? []).map { $0.key == key ? JSON.Member(key, value) : $0 })
  }
}
