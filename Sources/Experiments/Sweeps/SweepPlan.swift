import OrderedJSON
import RunStore

/// The runs of some points of a sweep, each checked.
public struct SweepPlan: Sendable {
  /// One run.
  public struct Run: Sendable {
    public let point: SweepPoint
    /// The values of the point, and of what comes with it.
    let parameters: [RunValue?]
    let file: ConfigurationFile

    /// The seed.
    public var seed: Int { file.configuration.seed }
  }

  /// The points, without those that come to the configuration of an earlier one, such as a λ for all attributes beside
  /// the same for each: their runs would be counted twice.
  public let points: [SweepPoint]

  /// The runs, the seeds of a point side by side.
  public let runs: [Run]

  /// How many points were left out.
  public let equalPoints: Int

  /// - Parameter more: Values that all runs get besides those of their points.
  /// - Throws: `ConfigurationError` that names the sweep's file and the value.
  init(
    _ file: SweepFile, points all: [SweepPoint], more: [(key: String, value: JSON)] = []
  ) throws(ConfigurationError) {
    var points: [SweepPoint] = []
    var runs: [Run] = []
    var known: Set<String> = []
    for point in all {
      let first = runs.count
      for seed in file.seeds {
        runs.append(
          Run(
            point: point, parameters: (point.values + more).map { RunValue($0.value) },
            file: try file.configuration(point, seed: seed, more: more)))
      }
      let configuration = runs[first].file.configuration.json
      if known.insert(RunIdentity(configuration: configuration, sources: []).run).inserted {
        points.append(point)
      } else {
        runs.removeSubrange(first...)
      }
    }
    (self.points, self.runs, equalPoints) = (points, runs, all.count - points.count)
  }
}

extension SweepFile {
  /// All runs; with successive halving those of the first rung.
  ///
  /// - Throws: `ConfigurationError` that names the sweep's file and the value.
  public func plan() throws(ConfigurationError) -> SweepPlan {
    try SweepPlan(self, points: points, more: rungs.map { resource(of: $0[0]) } ?? [])
  }

  /// What a rung sets.
  func resource(of rung: Int) -> [(key: String, value: JSON)] {
    sweep.halving.map { [(key: $0.resource, value: .number(JSONNumber(rung)))] } ?? []
  }

  /// What may surprise about a plan's number of runs, in sentences.
  public func notices(of plan: SweepPlan) -> [String] {
    var notices: [String] = []
    let found = plan.points.count + plan.equalPoints
    if let asked = sweep.points, asked > found, sweep.design != .grid {
      notices.append(
        "The design has \(found) different points of the \(asked) that are asked for: its lists and ranges have "
          + "no more, or they fell on the same values.")
    }
    if plan.equalPoints > 0 {
      notices.append(
        "\(plan.equalPoints) of the \(found) points come to the configuration of another one, and are left out.")
    }
    return notices
  }

  /// How many runs there are, in words: `64 runs`, or of successive halving the most there can be.
  public func size(of plan: SweepPlan) -> String {
    guard let rungs else { return "\(plan.runs.count) runs" }
    var (points, most) = (plan.points.count, 0)
    for _ in rungs {
      most += points * seeds.count
      points = sweep.halving?.kept(of: points) ?? points
    }
    return "at most \(most) runs in \(rungs.count) rungs, \(plan.runs.count) of them in the first"
  }
}
