import FairnessMetrics

/// `frontier.json`: what accuracy costs at several bounds of a constraint, or at several λ.
///
/// Everything that is chosen (the Pareto set, the knee, the cheapest feasible point) is chosen by the rows of `judgedOn`;
/// the test rows only report.
public struct FrontierRecord: Sendable, Equatable {
  /// The version of the record's format.
  public static let format = 1

  /// What is varied.
  public enum Axis: Sendable, Equatable {
    /// The bound of the conditions on these expressions.
    case bound(targets: [String])
    /// The λ of an attribute; of nil, that of the attribute with the greatest, all others in proportion.
    case lambda(attribute: String?)

    /// What stands above the values.
    public var title: String {
      switch self {
      case .bound: "bound"
      case .lambda(nil): "lambda"
      case .lambda(let attribute?): "lambda of \(attribute)"
      }
    }
  }

  /// How a point does on some rows: means over the seeds.
  public struct Measurement: Sendable, Equatable {
    public var accuracy: RepeatedEstimate
    public var rocAUC: RepeatedEstimate
    public var selectionRate: RepeatedEstimate
    /// The metric that accuracy is traded for.
    public var metric: RepeatedEstimate

    public init(
      accuracy: RepeatedEstimate, rocAUC: RepeatedEstimate, selectionRate: RepeatedEstimate, metric: RepeatedEstimate
    ) {
      self.accuracy = accuracy
      self.rocAUC = rocAUC
      self.selectionRate = selectionRate
      self.metric = metric
    }
  }

  /// A condition of the configuration at a point, on the judged rows.
  public struct Condition: Sendable, Equatable {
    public var text: String
    public var value: RepeatedEstimate
    /// Whether the mean over the seeds meets the bound.
    public var holds: Bool
    /// The seeds at which it holds.
    public var seedsHolding: Int

    public init(_ text: String, value: RepeatedEstimate, holds: Bool, seedsHolding: Int) {
      self.text = text
      self.value = value
      self.holds = holds
      self.seedsHolding = seedsHolding
    }
  }

  /// A run that came to nothing.
  public struct Failure: Sendable, Equatable {
    public var seed: Int
    public var message: String

    public init(seed: Int, _ message: String) {
      self.seed = seed
      self.message = message
    }
  }

  /// The runs at one value of the axis.
  public struct Point: Sendable, Equatable {
    /// The bound, or λ.
    public var value: Double
    /// What `--set` is told for a run of this point.
    public var settings: [String]
    public var judged: Measurement
    /// On test rows; nil where there are none.
    public var test: Measurement?
    /// The configuration's own conditions.
    public var conditions: [Condition]
    /// How often the runs call their constraints feasible, nearly feasible and infeasible; empty without constraints.
    public var statuses: [String: Int]
    /// The seeds at which nearly all judged rows get the same decision.
    public var nearlyConstant: [Int]
    public var failures: [Failure]
    public var isPareto = false

    /// Those seeds, as they stand in a sentence: `seeds 1, 2`.
    package var nearlyConstantText: String {
      "seed\(nearlyConstant.count == 1 ? "" : "s") \(nearlyConstant.map(String.init).joined(separator: ", "))"
    }

    public init(
      value: Double, settings: [String], judged: Measurement, test: Measurement?, conditions: [Condition],
      statuses: [String: Int], nearlyConstant: [Int] = [], failures: [Failure]
    ) {
      self.value = value
      self.settings = settings
      self.judged = judged
      self.test = test
      self.conditions = conditions
      self.statuses = statuses
      self.nearlyConstant = nearlyConstant
      self.failures = failures
    }
  }

  /// A point that is pointed out, or why none is.
  public enum Choice: Sendable, Equatable {
    case point(Int)
    case none(String)

    /// The place of the point among the points.
    public var index: Int? {
      if case .point(let index) = self { index } else { nil }
    }
  }

  public var name: String
  public var axis: Axis
  /// The metric that accuracy is traded for, as an expression.
  public var metric: String
  /// Whether more of the metric is more parity.
  public var isGreaterBetter: Bool
  public var seeds: [Int]
  /// The confidence of the intervals over the seeds.
  public var confidence: Double
  /// The rows by which points are chosen: `out of fold`, `validation` or `train`.
  public var judgedOn: String
  /// In the order of the values given.
  public var points: [Point]
  public var knee: Choice
  public var cheapestFeasible: Choice
  public var notices: [String]

  public init(
    name: String, axis: Axis, metric: String, isGreaterBetter: Bool, seeds: [Int], confidence: Double,
    judgedOn: String, points: [Point], knee: Choice, cheapestFeasible: Choice, notices: [String]
  ) {
    self.name = name
    self.axis = axis
    self.metric = metric
    self.isGreaterBetter = isGreaterBetter
    self.seeds = seeds
    self.confidence = confidence
    self.judgedOn = judgedOn
    self.points = points
    self.knee = knee
    self.cheapestFeasible = cheapestFeasible
    self.notices = notices
  }
}
