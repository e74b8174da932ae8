import MetricExpressions
import OrderedJSON

/// The runs of a comparison; everything that can be wrong with it is found here.
public struct ComparisonPlan: Sendable {
  /// A run but for its seed.
  struct Point: Sendable {
    var method: Int
    /// The knob's value; nil without a knob.
    var value: Double?
    var path: String
    var overrides: [ConfigurationOverride]
    /// The same as `--set` takes them.
    var settings: [String]
  }

  public let file: ComparisonFile
  let points: [Point]
  let metric: MetricCondition
  /// Where the folder of the comparison stands.
  let output: String
  /// The first method's configuration, whose rows all share.
  let first: ExperimentConfiguration

  /// - Parameters:
  ///   - path: The comparison's file.
  ///   - seeds: In the place of its seeds; empty for these.
  ///   - output: The folder of the comparison's folder; nil for that of the first configuration.
  /// - Throws: `ConfigurationError`.
  public init(path: String, seeds: [Int] = [], output: String? = nil) throws(ConfigurationError) {
    var file = try ComparisonFile(path: path)
    if !seeds.isEmpty { file.seeds = seeds }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    var points: [Point] = []
    var first: ExperimentConfiguration?
    for (index, method) in file.methods.enumerated() {
      let own = method.config.hasPrefix("/") ? method.config : folder + method.config
      let values: [Double?] = method.knob == nil ? [nil] : method.values
      for value in values {
        var overrides: [ConfigurationOverride] = []
        var settings = file.set + method.set
        for text in settings { overrides.append(try ConfigurationOverride(option: text)) }
        if let knob = method.knob, let value {
          let number = JSON.number(JSONNumber(value))
          overrides.append(ConfigurationOverride(knob, number, origin: "method \(method.name), \(knob)"))
          settings.append("\(knob)=\(number.serialized(.compact))")
        }
        let configuration = try ConfigurationFile(path: own, overrides: overrides).configuration
        if let first {
          for (key, isEqual) in [
            ("data", configuration.data == first.data),
            ("evaluation.thresholds", configuration.evaluation.decisionThreshold == first.evaluation.decisionThreshold),
          ] where !isEqual {
            throw ConfigurationError(
              at: JSONPlace(source: own), keyPath: key,
              "'\(key)' differs from that of \(file.methods[0].name): methods are compared on the same rows and "
                + "decisions. Give both the same.")
          }
        } else {
          first = configuration
        }
        points.append(Point(method: index, value: value, path: own, overrides: overrides, settings: settings))
      }
    }
    guard let first else { preconditionFailure("ComparisonPlan: no methods") }
    try first.data.requireBinaryLabel(
      at: points[0].path, because: "methods are compared by accuracy and rates of decisions")
    guard !first.data.groupNames.isEmpty else {
      throw ConfigurationError(
        at: JSONPlace(source: points[0].path), keyPath: "data.sensitive",
        "data.sensitive has no attribute with groups: methods are compared by the parity of groups. Name one.")
    }
    metric = try FrontierPlan.metric(file.metric, from: "\(path): metric", first)
    self.file = file
    self.points = points
    self.first = first
    self.output = output ?? first.output.directory
  }

  /// The number of points, each run with every seed.
  public var pointCount: Int { points.count }

  var isGreaterBetter: Bool {
    switch metric.normalized.relation {
    case .atLeast, .greater: true
    case .atMost, .less: false
    }
  }

  /// The configuration of a run.
  func file(
    at point: Point, seed: Int, _ more: [ConfigurationOverride]
  ) throws(ConfigurationError) -> ConfigurationFile {
    let seed = ConfigurationOverride.seed(seed, origin: "--seeds \(seed)")
    return try ConfigurationFile(path: point.path, overrides: point.overrides + [seed] + more)
  }
}
