import FairnessMetrics
import MetricExpressions
import OrderedJSON
import RunRecords
import Wording

/// What a frontier varies, measures and repeats; everything that can be wrong with it is found here.
public struct FrontierPlan: Sendable {
  /// What is varied, as it was asked for.
  public enum Request: Sendable {
    /// The bounds of some conditions of `constraints.require`, named by their expressions; without names of all, which
    /// must then be on the same metric.
    case bounds(targets: [String], values: [Double])
    /// The λ of an attribute; of nil, that of the attribute with the greatest, the others in proportion.
    case lambda(attribute: String?, values: [Double])
  }

  /// A value of the axis, and what it changes in the configuration.
  struct Point: Sendable {
    var value: Double
    var overrides: [ConfigurationOverride]
    /// The changes as `--set` takes them.
    var settings: [String]
  }

  /// The configuration that is varied.
  public let file: ConfigurationFile
  public let seeds: [Int]
  let axis: FrontierRecord.Axis
  let points: [Point]
  /// The metric that accuracy is traded for; the relation tells which way is better, the bound nothing.
  let metric: MetricCondition
  /// The configuration's own conditions.
  let conditions: [MetricCondition]
  private let overrides: [ConfigurationOverride]

  /// The fewest values of a frontier.
  static let fewestValues = 2

  /// - Parameters:
  ///   - path: The configuration's file.
  ///   - overrides: What takes the place of its values.
  ///   - metric: What accuracy is traded for, as an expression; with bounds always the expression of the targets. Nil:
  ///     the smallest p%-rule.
  ///   - seeds: The seeds, none twice; empty for that of the configuration.
  /// - Throws: `ConfigurationError`.
  public init(
    path: String, overrides: [ConfigurationOverride] = [], _ request: Request, metric: String? = nil, seeds: [Int]
  ) throws(ConfigurationError) {
    file = try ConfigurationFile(path: path, overrides: overrides)
    self.overrides = overrides
    let configuration = file.configuration
    self.seeds = seeds.isEmpty ? [configuration.seed] : seeds
    try configuration.data.requireBinaryLabel(
      at: path, because: "a frontier is between accuracy and rates of decisions")
    let conditions = configuration.constraints?.require ?? []
    self.conditions = conditions
    guard !configuration.data.groupNames.isEmpty else {
      throw ConfigurationError(
        at: JSONPlace(source: path), keyPath: "data.sensitive",
        "data.sensitive has no attribute with groups: a frontier is between accuracy and the parity of groups. Name one."
      )
    }
    switch request {
    case .bounds(let targets, let values):
      if let metric {
        throw Self.failure("--metric \(metric)", "goes with --lambda; with --bounds the metric is that of the targets.")
      }
      let chosen = try Self.targets(targets, among: conditions, path)
      try Self.check(values, of: "--bounds", "bounds")
      axis = .bound(targets: chosen.map { conditions[$0].expressionText })
      self.metric = try Self.joined(chosen.map { conditions[$0] })
      var points: [Point] = []
      for value in values { points.append(try Self.point(bound: value, chosen, conditions)) }
      self.points = points
    case .lambda(let attribute, let values):
      let option = "--lambda"
      try Self.check(values, of: option, "values of lambda")
      axis = .lambda(attribute: attribute)
      self.metric = try Self.metric(metric, from: metric.map { "--metric \($0)" } ?? "--lambda", configuration)
      let weights = try Self.weights(of: attribute, configuration, path)
      points = try values.map { value throws(ConfigurationError) in
        guard value >= 0 else { throw Self.failure("\(option) \(value)", "is negative. Give numbers of at least 0.") }
        return Self.point(lambda: value, weights, dropsConstraints: configuration.constraints != nil)
      }
    }
    // Every point is read before any is trained.
    for point in points { _ = try file(at: point, seed: self.seeds[0]) }
  }

  /// The configuration of a run.
  func file(
    at point: Point, seed: Int, _ more: [ConfigurationOverride] = []
  ) throws(ConfigurationError) -> ConfigurationFile {
    let seed = ConfigurationOverride.seed(seed, origin: "--seeds \(seed)")
    return try ConfigurationFile(path: file.path, overrides: overrides + point.overrides + [seed] + more)
  }

  // MARK: - Bounds

  private static func targets(
    _ names: [String], among conditions: [MetricCondition], _ path: String
  ) throws(ConfigurationError) -> [Int] {
    let known = conditions.map(\.expressionText).joined(separator: ", ")
    guard !conditions.isEmpty else {
      throw ConfigurationError(
        at: JSONPlace(source: path), keyPath: "constraints.require",
        "has no constraints whose bounds could be varied. Give constraints.require, or vary --lambda.")
    }
    guard !names.isEmpty else {
      guard Set(conditions.map(Self.kind)).count == 1 else {
        throw failure(
          "--bounds", "does not say which bounds: the conditions are on \(known). Name some of them with --target.")
      }
      return Array(conditions.indices)
    }
    var chosen: [Int] = []
    for name in names {
      let origin = "--target \(name)"
      let expression: MetricExpression
      do throws(ExpressionError) {
        expression = try MetricCondition("\(name) >= 0").normalized.expression
      } catch {
        throw ConfigurationError(.usage, at: JSONPlace(source: origin), error.message, detail: error.excerpt)
      }
      guard let index = conditions.firstIndex(where: { $0.normalized.expression == expression }) else {
        throw failure(origin, "is in none of the conditions of constraints.require, which are on \(known).")
      }
      guard !chosen.contains(index) else { throw failure(origin, "is named twice. Name it once.") }
      chosen.append(index)
    }
    guard Set(chosen.map { isGreaterBetter(conditions[$0]) }).count == 1 else {
      throw failure(
        "--target",
        "names a condition with a lower bound and one with an upper bound, which cannot have bounds in "
          + "common. Vary them one after the other.")
    }
    return chosen
  }

  /// What conditions must have in common to share their bounds: the metric, whatever its columns, and the relation.
  private static func kind(_ condition: MetricCondition) -> String {
    let (expression, relation, _) = condition.normalized
    guard case .term(let term) = expression, case .groups(let metric, _) = term.subject else {
      return "\(condition.expressionText) \(relation.rawValue)"
    }
    return "\(metric.rawValue) \(relation.rawValue)"
  }

  private static func isGreaterBetter(_ condition: MetricCondition) -> Bool {
    switch condition.normalized.relation {
    case .atLeast, .greater: true
    case .atMost, .less: false
    }
  }

  var isGreaterBetter: Bool { Self.isGreaterBetter(metric) }

  /// The worst of some conditions' expressions, as a condition.
  private static func joined(_ conditions: [MetricCondition]) throws(ConfigurationError) -> MetricCondition {
    let isGreaterBetter = isGreaterBetter(conditions[0])
    let texts = conditions.map(\.expressionText)
    let text = texts.count == 1 ? texts[0] : "\(isGreaterBetter ? "min" : "max")(\(texts.joined(separator: ", ")))"
    return try condition("\(text) \(isGreaterBetter ? ">= 0" : "<= 1")", from: "--target \(text)")
  }

  private static func point(
    bound: Double, _ targets: [Int], _ conditions: [MetricCondition]
  ) throws(ConfigurationError) -> Point {
    var point = Point(value: bound, overrides: [], settings: [])
    for index in targets {
      let condition = conditions[index]
      if case .term(let term) = condition.normalized.expression, !term.range.contains(bound) {
        let range = term.range.upperBound.isFinite ? "in 0...1" : "of at least 0"
        throw failure(
          "--bounds \(bound)", "is no bound for \(condition.expressionText), which is a number \(range).")
      }
      let text: String
      do throws(ExpressionError) { text = try condition.withBound(bound).text } catch {
        throw ConfigurationError(
          .usage, at: JSONPlace(source: "--bounds \(bound)"), error.message, detail: error.excerpt)
      }
      let key = "constraints.require.\(index)"
      point.overrides.append(ConfigurationOverride(key, .string(text), origin: "--bounds \(bound)"))
      point.settings.append("\(key)=\(text)")
    }
    return point
  }

  // MARK: - Lambda

  /// λ of each attribute for a value of 1.
  private static func weights(
    of attribute: String?, _ configuration: ExperimentConfiguration, _ path: String
  ) throws(ConfigurationError) -> [(name: String, scale: Double, fixed: Double)] {
    guard configuration.adversary.name != nil else {
      throw ConfigurationError(
        at: JSONPlace(source: path), keyPath: "adversary.name",
        "adversary.name is null: without an adversary there is no lambda to vary. Name one.")
    }
    let names = configuration.data.sensitiveNames
    if let attribute, !names.contains(attribute) {
      let remedy =
        NearestName.find(attribute, among: names).map { "Did you mean '\($0)'?" }
        ?? "The attributes are \(names.joined(separator: ", "))."
      throw failure("--lambda \(attribute)=…", "names no sensitive attribute. \(remedy)")
    }
    let own = names.map { configuration.adversary.lambda[$0] ?? 0 }
    let greatest = own.max() ?? 0
    return zip(names, own).map { name, lambda -> (name: String, scale: Double, fixed: Double) in
      if let attribute { return name == attribute ? (name, 1, 0) : (name, 0, lambda) }
      return (name, greatest > 0 ? lambda / greatest : 1, 0)
    }
  }

  private static func point(
    lambda: Double, _ weights: [(name: String, scale: Double, fixed: Double)], dropsConstraints: Bool
  ) -> Point {
    let value = JSON.object(
      weights.map { JSON.Member($0.name, .number(JSONNumber($0.scale * lambda + $0.fixed))) })
    var point = Point(
      value: lambda, overrides: [ConfigurationOverride("adversary.lambda", value, origin: "--lambda \(lambda)")],
      settings: ["adversary.lambda=\(value.serialized(.compact))"])
    if dropsConstraints {
      // The game is played with these λ; the constraints only judge.
      point.overrides.insert(ConfigurationOverride("constraints", .null, origin: "--lambda"), at: 0)
      point.settings.insert("constraints=null", at: 0)
    }
    return point
  }

  /// What accuracy is traded for, as a condition whose relation tells which way is better; nil: the smallest p%-rule.
  ///
  /// - Parameter origin: The place that messages name: the option, or the file and its key.
  static func metric(
    _ text: String?, from origin: String, _ configuration: ExperimentConfiguration
  ) throws(ConfigurationError) -> MetricCondition {
    guard let text else {
      let rules = configuration.data.groupNames.map { "p_percent_rule(\(RowPredicate.written($0)))" }
      let smallest = rules.count == 1 ? rules[0] : "min(\(rules.joined(separator: ", ")))"
      return try condition("\(smallest) >= 0", from: origin)
    }
    let metric = try condition("\(text) >= 0", from: origin)
    let vocabulary = GroupVocabulary(configuration.data.groupAttributes.map { .init($0.column, groups: nil) })
    do throws(ExpressionError) { try vocabulary.check(metric) } catch {
      throw ConfigurationError(.usage, at: JSONPlace(source: origin), error.message, detail: error.excerpt)
    }
    // Ratios and scores of agreement are better the greater, gaps and rates of error the smaller.
    return isRatio(metric) ? metric : try condition("\(text) <= 1", from: origin)
  }

  private static func isRatio(_ metric: MetricCondition) -> Bool {
    metric.terms.contains { term in
      if case .groups(let metric, _) = term.subject {
        metric == .pPercentRule || metric == .equalizedOddsRatio
      } else {
        false
      }
    }
  }

  // MARK: - Checks

  private static func condition(_ text: String, from origin: String) throws(ConfigurationError) -> MetricCondition {
    do throws(ExpressionError) {
      return try MetricCondition(text)
    } catch {
      throw ConfigurationError(.usage, at: JSONPlace(source: origin), error.message, detail: error.excerpt)
    }
  }

  private static func check(_ values: [Double], of option: String, _ what: String) throws(ConfigurationError) {
    guard values.allSatisfy(\.isFinite) else { throw failure(option, "has a value that is not a finite number.") }
    guard values.count >= fewestValues else {
      throw failure(option, "has \(values.count) value. A frontier needs at least \(fewestValues) \(what).")
    }
    guard Set(values).count == values.count else { throw failure(option, "has a value twice. Give each once.") }
  }

  private static func failure(_ origin: String, _ message: String) -> ConfigurationError {
    ConfigurationError(.usage, at: JSONPlace(source: origin), message)
  }
}
