import OrderedJSON
import RunStore

extension SweepConfiguration {
  private typealias Field = ConfigurationField<SweepConfiguration>

  static let section = ConfigurationSection<SweepConfiguration>(
    defaults: SweepConfiguration(),
    fields: [
      Field(
        "name", \.name, .optional(.text(.name), sample: "adult-lambda"),
        "The name of the runs; null: that of the base."),
      Field(
        "base", \.base, base, required: true,
        "The configuration from which the runs differ: a file, whose path starts at the folder of this one, or the "
          + "configuration itself."),
      Field(
        "set", \.fixed, .map(.anyValue), "Values that are the same in all runs, by the keys that --set uses."),
      Field(
        "design", \.design, .choice,
        "How points are chosen: the grid of all combinations, at random, or evenly by a Sobol sequence."),
      Field(
        "parameters", \.parameters, .map(values), required: true,
        "The values of each key: a list, or for random and sobol a range."),
      Field(
        "points", \.points, .optional(.integer(1...mostPoints), sample: 32),
        onlyWhere: .init(text: "design is random or sobol", holds: { $0.design != .grid }),
        "How many points are chosen. More of them extend the design: the first stay the same."),
      Field(
        "designSeed", \.designSeed, .integer(0...ExperimentConfiguration.largestSeed),
        onlyWhere: .init(text: "design is random or sobol", holds: { $0.design != .grid }),
        "The seed from which the points follow."),
      Field(
        "seeds", \.seeds, seeds, "The seeds of the runs of every point: a list, or a text such as \"1...8\"."),
      Field(
        "metrics", \.metrics,
        .optional(.list(.text(.notEmpty), maximum: 1000, distinct: true), sample: ["test.accuracy"]),
        "The statistics of the table; null: accuracy, AUC and p%-rules on the test rows, of a label that is a number "
          + "root mean squared error, R² and Kolmogorov–Smirnov distances."),
      Field(
        "objectives", \.objectives,
        .optional(
          .list(RunComparison.Objective.codec, minimum: 1, maximum: 16),
          sample: [.init("test.accuracy", isMaximized: true)]),
        "What the front is about; null: high accuracy and high p%-rules, of a label that is a number low errors and "
          + "low distances, on the rows of the table."),
      Field(
        "halving", \.halving, .optional(HalvingConfiguration.section.codec, sample: .sample),
        "Successive halving: all points with little training, the better ones with more."),
    ],
    ignoredKeys: ["$schema"],
    finish: { sweep, node, path in
      for (index, parameter) in sweep.parameters.enumerated() {
        let place = node["parameters"]?[parameter.name]?.place ?? node.place
        if case .range = parameter.value, sweep.design == .grid {
          throw path.appending("parameters").appending(parameter.name).failure(
            at: place, "is a range, and a grid needs lists. List the values, or choose design random or sobol.")
        }
        let others = sweep.parameters[..<index].map(\.name) + sweep.fixed.map(\.name) + ["seed", "output.directory"]
        if let overlap = others.first(where: { SweepConfiguration.overlap($0, parameter.name) }) {
          let fault =
            switch overlap {
            case "seed": "is given by seeds. Remove it here."
            case "output.directory": "is one folder for all runs of a sweep. Name it in the base, or with --output."
            default: "overlaps with '\(overlap)'. Keep one of them."
            }
          throw path.appending("parameters").appending(parameter.name).failure(at: place, fault)
        }
      }
      if sweep.design == .grid {
        let counts = sweep.parameters.map { if case .list(let values) = $0.value { values.count } else { 1 } }
        let isTooLarge = counts.reduce(1) { min($0, mostPoints + 1) * $1 } > mostPoints
        if isTooLarge {
          throw path.appending("parameters").failure(
            at: node["parameters"]?.place ?? node.place,
            "make a grid of \(counts.map(String.init).joined(separator: " × ")) points, and \(mostPoints) is the most. "
              + "List fewer values, or choose design random or sobol.")
        }
      }
      if let halving = sweep.halving, let halvingNode = node["halving"] {
        let others = sweep.parameters.map(\.name) + ["seed", "output.directory"]
        if let overlap = others.first(where: { SweepConfiguration.overlap($0, halving.resource) }) {
          throw path.appending("halving").appending("resource").failure(
            at: halvingNode["resource"]?.place ?? halvingNode.place,
            "'\(halving.resource)' overlaps with '\(overlap)', which the rungs would set otherwise. Keep one of them.")
        }
      }
      if sweep.design != .grid && sweep.points == nil {
        throw path.failure(at: node.place, "lacks the key 'points': how many points the design has.")
      }
      if sweep.design == .sobol && sweep.parameters.count > SobolSequence.mostDimensions {
        throw path.appending("parameters").failure(
          at: node["parameters"]?.place ?? node.place,
          "has \(sweep.parameters.count) keys; a Sobol design takes at most \(SobolSequence.mostDimensions).")
      }
    })

  /// The most points of a design.
  private static let mostPoints = 100_000

  /// Whether one key is the other, or leads to it.
  static func overlap(_ one: String, _ other: String) -> Bool {
    one == other || one.hasPrefix(other + ".") || other.hasPrefix(one + ".")
  }

  private static let base = ConfigurationCodec<Base>.anyOf([
    .init(
      codec: ConfigurationCodec<String>.text(.notEmpty).map(Base.file) { base in
        if case .file(let path) = base { path } else { "" }
      }, sample: .file("adult.json"),
      isMeant: { if case .string = $0.content { true } else { false } },
      holds: { if case .file = $0 { true } else { false } }),
    .init(
      codec: ConfigurationCodec<JSON>.anyObject.map(Base.inline) { base in
        if case .inline(let json) = base { json } else { .object([]) }
      }, sample: .inline(["name": "quick"]),
      isMeant: { if case .object = $0.content { true } else { false } },
      holds: { if case .inline = $0 { true } else { false } }),
  ])

  private static let values = ConfigurationCodec<Values>.anyOf([
    .init(
      codec: ConfigurationCodec<[JSON]>.list(.anyValue, minimum: 1, maximum: 100_000, distinct: true)
        .map(Values.list) { values in if case .list(let list) = values { list } else { [] } },
      sample: .list([0, 10, 50]), isMeant: { if case .array = $0.content { true } else { false } },
      holds: { if case .list = $0 { true } else { false } }),
    .init(
      codec: ValueRange.section.codec.map(Values.range) { values in
        if case .range(let range) = values { range } else { ValueRange() }
      }, sample: .range(ValueRange()), isMeant: { if case .object = $0.content { true } else { false } },
      holds: { if case .range = $0 { true } else { false } }),
  ])

  private static let seeds = ConfigurationCodec<[Int]>.anyOf([
    .init(
      codec: .list(
        .integer(0...ExperimentConfiguration.largestSeed), maximum: SeedList.most, distinct: true),
      sample: [1, 2, 3], isMeant: { if case .array = $0.content { true } else { false } }, holds: { _ in true }),
    .init(
      codec: ConfigurationCodec<String>.text(.notEmpty).refusing { text in
        (try? SeedList(text)) == nil ? "should name seeds such as \"1...8\" or \"1,2,5\"." : nil
      }.map({ (try? SeedList($0))?.seeds ?? [] }, { $0.map(String.init).joined(separator: ",") }),
      sample: [1, 2], isMeant: { if case .string = $0.content { true } else { false } }, holds: { _ in false }),
  ])
}

extension ValueRange {
  private typealias Field = ConfigurationField<ValueRange>

  static let section = ConfigurationSection<ValueRange>(
    defaults: ValueRange(),
    fields: [
      Field("low", \.low, .number(.finite), required: true, "The lower end."),
      Field("high", \.high, .number(.finite), required: true, "The upper end."),
      Field("scale", \.scale, .choice, "Whether the range is filled evenly, or evenly in the logarithm."),
      Field("integer", \.isInteger, .boolean, "Whether only whole numbers are chosen."),
    ],
    finish: { range, node, path in
      if range.high <= range.low {
        throw path.failure(at: node.place, "should have a high greater than its low.")
      }
      if !(range.high - range.low).isFinite {
        throw path.failure(at: node.place, "is too wide for numbers of 64 bits. Choose ends nearer to each other.")
      }
      if range.scale == .log && range.low <= 0 {
        throw path.appending("low").failure(at: node.place, "should be greater than 0, for the scale is a logarithm.")
      }
      if range.isInteger && (range.low != range.low.rounded() || range.high != range.high.rounded()) {
        throw path.failure(at: node.place, "should have whole numbers as its ends.")
      }
    })
}

extension HalvingConfiguration {
  private typealias Field = ConfigurationField<HalvingConfiguration>

  static let sample: HalvingConfiguration = {
    var sample = HalvingConfiguration()
    sample.metric = "validation.accuracy"
    sample.initial = 20
    return sample
  }()

  static let section = ConfigurationSection<HalvingConfiguration>(
    defaults: HalvingConfiguration(),
    fields: [
      Field(
        "metric", \.metric,
        ConfigurationCodec<String>.text(.notEmpty).refusing { metric in
          ["train.", "validation."].contains { metric.hasPrefix($0) }
            ? nil
            : "should be a statistic of training or validation rows, such as validation.accuracy: choosing by the test "
              + "rows would make their result look better than it is."
        }, required: true, "The statistic that decides, on training or validation rows."),
      Field("goal", \.goal, .choice, "Whether the statistic should be large or small."),
      Field("resource", \.resource, .text(.notEmpty), "The key that says how long a run trains."),
      Field("initial", \.initial, .integer(1...1_000_000), required: true, "Its value in the first rung."),
      Field(
        "maximum", \.maximum, .optional(.integer(1...1_000_000), sample: 164),
        "Its value in the last rung; null: that of the base."),
      Field(
        "factor", \.factor, .integer(2...1000),
        "By how much training grows, and the number of points shrinks, from rung to rung."),
    ])

  fileprivate var goal: Goal {
    get { isMaximized ? .maximize : .minimize }
    set { isMaximized = newValue == .maximize }
  }
}

/// Whether a statistic should be large or small.
private enum Goal: String, CaseIterable, Sendable {
  case maximize, minimize
}

extension RunComparison.Objective {
  private typealias Field = ConfigurationField<RunComparison.Objective>

  fileprivate var goal: Goal {
    get { isMaximized ? .maximize : .minimize }
    set { isMaximized = newValue == .maximize }
  }

  static let codec = ConfigurationSection<RunComparison.Objective>(
    defaults: RunComparison.Objective("", isMaximized: true),
    fields: [
      Field("metric", \.metric, .text(.notEmpty), required: true, "The statistic."),
      Field("goal", \.goal, .choice, "Whether it should be large or small."),
    ]
  ).codec
}
