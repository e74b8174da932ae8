import FairnessMetrics
import OrderedJSON

/// Runs by configuration: what differs between the configurations, and what each came to over its seeds.
public struct RunComparison: Sendable, Equatable {
  /// One run, as a comparison takes it.
  public struct Observation: Sendable {
    /// What the runs of one configuration have in common.
    public var configuration: String
    /// The values of the keys; nil where the configuration has none.
    public var parameters: [RunValue?]
    public var seed: Int
    /// The statistics; nil where one does not exist, or the run has not come to its end.
    public var metrics: [Double?]
    /// Why there is no result.
    public var failure: String?

    public init(
      configuration: String, parameters: [RunValue?], seed: Int, metrics: [Double?], failure: String? = nil
    ) {
      self.configuration = configuration
      self.parameters = parameters
      self.seed = seed
      self.metrics = metrics
      self.failure = failure
    }
  }

  /// A statistic that is to be as large, or as small, as can be.
  public struct Objective: Sendable, Hashable {
    public var metric: String
    public var isMaximized: Bool

    public init(_ metric: String, isMaximized: Bool) {
      self.metric = metric
      self.isMaximized = isMaximized
    }
  }

  /// A statistic over the seeds of a configuration.
  public struct Spread: Sendable, Equatable {
    /// How many runs have the statistic.
    public var runs: Int
    public var mean: Double
    /// The standard deviation of one run, from n − 1; nil with one run.
    public var deviation: Double?
    /// The 95 % interval of the mean, `mean ± t(n − 1)·s/√n`; nil with one run.
    ///
    /// It tells what other seeds would do to the mean, not what other rows would: with a fixed split all runs are judged
    /// on the same rows.
    public var interval: Interval?

    /// - Parameter criticalValues: Critical values of the t distribution by degrees of freedom, as far as known.
    init?(_ values: [Double], _ criticalValues: inout [Int: Double]) {
      guard !values.isEmpty else { return nil }
      let count = Double(values.count)
      runs = values.count
      let mean = values.reduce(0, +) / count
      self.mean = mean
      guard values.count > 1 else { return }
      let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)).squareRoot()
      // Found by bisection, and the same for thousands of configurations.
      let critical =
        criticalValues[values.count - 1]
        ?? StudentDistribution.criticalValue(confidence: 0.95, degrees: values.count - 1)
      criticalValues[values.count - 1] = critical
      let half = critical * deviation / count.squareRoot()
      self.deviation = deviation
      interval = Interval(low: mean - half, high: mean + half)
    }
  }

  /// A configuration.
  public struct Group: Sendable, Equatable {
    public var configuration: String
    public var parameters: [RunValue?]
    /// The seeds of the runs that came to their end.
    public var seeds: [Int]
    /// A spread for each statistic; nil where no run has it.
    public var spreads: [Spread?]
    /// The seeds that failed, each with the reason.
    public var failures: [Failure]
    /// Whether no other configuration is as good in all objectives and better in one; nil without objectives, or where
    /// one of them has no value.
    public var isOnFront: Bool?
  }

  /// A run that failed.
  public struct Failure: Sendable, Equatable {
    public var seed: Int
    public var reason: String
  }

  /// The keys whose values differ.
  public var keys: [String]

  /// The statistics.
  public var metrics: [String]

  /// The configurations, in the order of their first runs.
  public var groups: [Group]

  /// What the front is about; empty for none.
  public var objectives: [Objective]

  /// - Parameters:
  ///   - keys: The keys of the observations' parameters; those whose values do not differ are left out.
  ///   - observations: The runs. Of several of one configuration and seed the first counts.
  ///   - objectives: Statistics among `metrics`, for the front.
  public init(
    keys: [String], metrics: [String], observations: [Observation], objectives: [Objective] = []
  ) {
    let differing = keys.indices.filter { index in
      observations.contains { $0.parameters[index] != observations[0].parameters[index] }
    }
    var order: [String] = []
    var members: [String: [Observation]] = [:]
    for observation in observations {
      if members[observation.configuration] == nil { order.append(observation.configuration) }
      members[observation.configuration, default: []].append(observation)
    }
    self.keys = differing.map { keys[$0] }
    self.metrics = metrics
    self.objectives = objectives
    var criticalValues: [Int: Double] = [:]
    groups = order.map { configuration in
      let runs = members[configuration] ?? []
      // A run that was done twice tells nothing of other seeds.
      var seen: Set<Int> = []
      let done = runs.filter { $0.failure == nil && seen.insert($0.seed).inserted }
      return Group(
        configuration: configuration, parameters: differing.map { runs[0].parameters[$0] }, seeds: done.map(\.seed),
        spreads: metrics.indices.map { metric in Spread(done.compactMap { $0.metrics[metric] }, &criticalValues) },
        failures: runs.compactMap { run in run.failure.map { Failure(seed: run.seed, reason: $0) } })
    }
    markFront()
  }

  /// Marks the configurations that no other one dominates in the means of the objectives.
  private mutating func markFront() {
    let columns = objectives.compactMap { objective in
      metrics.firstIndex(of: objective.metric).map { (index: $0, sign: objective.isMaximized ? 1.0 : -1.0) }
    }
    guard !columns.isEmpty, columns.count == objectives.count else { return }
    let points = groups.map { group in
      let values = columns.compactMap { column in group.spreads[column.index].map { $0.mean * column.sign } }
      return values.count == columns.count ? values : nil
    }
    func dominates(_ one: [Double], _ other: [Double]) -> Bool {
      one != other && zip(one, other).allSatisfy { $0 >= $1 }
    }
    // Only points of the front so far can stand against a new one.
    var front: [Int] = []
    for (index, point) in points.enumerated() {
      guard let point else { continue }
      if front.contains(where: { points[$0].map { dominates($0, point) } ?? false }) { continue }
      front.removeAll { points[$0].map { dominates(point, $0) } ?? false }
      front.append(index)
    }
    for index in groups.indices where points[index] != nil { groups[index].isOnFront = false }
    for index in front { groups[index].isOnFront = true }
  }
}

extension RunComparison {
  /// The comparison as JSON: a list of the configurations.
  public var json: JSON {
    let rows = groups.map { group -> JSON in
      var members: [JSON.Member] = [
        .init("configuration", .string(group.configuration)),
        .init("parameters", .object(zip(keys, group.parameters).map { .init($0, $1?.json ?? .null) })),
        .init("seeds", .array(group.seeds.map { .number(JSONNumber($0)) })),
        .init("metrics", .object(zip(metrics, group.spreads).map { .init($0, Self.json($1)) })),
      ]
      if let isOnFront = group.isOnFront { members.append(.init("front", .bool(isOnFront))) }
      members.append(
        .init(
          "failures",
          .array(
            group.failures.map { ["seed": .number(JSONNumber($0.seed)), "reason": .string($0.reason)] })))
      return .object(members)
    }
    return [
      "objectives": .array(
        objectives.map { ["metric": .string($0.metric), "goal": .string($0.isMaximized ? "maximize" : "minimize")] }),
      "configurations": .array(rows),
    ]
  }

  private static func json(_ spread: Spread?) -> JSON {
    guard let spread else { return ["mean": .null, "reason": "no run has the statistic"] }
    func number(_ value: Double) -> JSON { .number(JSONNumber(value)) }
    var members: [JSON.Member] = [
      .init("runs", .number(JSONNumber(spread.runs))), .init("mean", number(spread.mean)),
      .init("deviation", spread.deviation.map(number) ?? .null),
      .init("low", spread.interval.map { number($0.low) } ?? .null),
      .init("high", spread.interval.map { number($0.high) } ?? .null),
    ]
    if spread.deviation == nil { members.append(.init("reason", "one run shows no spread")) }
    return .object(members)
  }
}
