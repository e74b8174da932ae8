import ArgumentParser
import OrderedJSON
import Reporting
import RunRecords
import RunStore

/// The store that a command of `runs` works on.
struct StoreOptions: ParsableArguments {
  @Option(help: "The folder of the runs.", completion: .directory)
  var output = "runs"

  /// Opens the store for reading. Where there is none, or runs are not in it, it is made from the folders, in memory
  /// where it cannot be written.
  func open() throws(RecordError) -> RunStore {
    guard FileAccess.isFolder(output) else {
      throw RecordError(.noInput, at: output, "is no folder of runs. Name it with --output.")
    }
    if FileAccess.exists("\(output)/\(RunStore.fileName)") {
      let store = try RunStore(output: output, access: .reading)
      guard try store.lacksRuns() else { return store }
    }
    let store: RunStore
    do throws(RecordError) {
      store = try RunStore(output: output, access: .writing)
    } catch  where error.kind == .cannotCreate {
      store = try RunStore(output: output, access: .memory)
    }
    for damage in try store.reindex().damaged { Console.note("Note: left out: \(TerminalText.neutralized(damage))") }
    return store
  }
}

/// Which runs are meant, and in which order.
struct RunSelectionOptions: ParsableArguments {
  @Option(
    name: .customLong("where"),
    help: ArgumentHelp(
      "Only runs that fulfil a condition; several must all hold.",
      discussion: "Such as 'test.accuracy > 0.8', 'adversary.lambda.sex = 50', 'name ~ adult'.",
      valueName: "condition"))
  var conditions: [String] = []

  @Option(help: ArgumentHelp("Sort by a value, the largest first. Default: the newest first.", valueName: "key"))
  var sort: String?

  @Flag(help: "The smallest or oldest first.")
  var ascending = false

  @Option(help: "The most runs.")
  var limit: Int?

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit should be at least 1, found \(limit).") }
  }

  func query() throws(RunQueryError) -> RunStore.Query {
    var query = RunStore.Query()
    for condition in conditions { query.conditions.append(try RunCondition(condition)) }
    query.order = sort
    query.isDescending = !ascending
    query.limit = limit
    return query
  }

  /// The keys of a list with commas.
  static func keys(_ text: String) -> [String] {
    text.split(separator: ",").map(String.init)
  }

  /// The statistics that are shown where none are named: accuracy, AUC and p%-rules on the test rows, or on the
  /// validation rows where no run has test rows; of numbers errors and distances between groups.
  static func standardMetrics(of store: RunStore) throws(RecordError) -> [String] {
    let known = try store.metricKeys()
    let split = known.contains { $0.hasPrefix("test.") } ? "test." : "validation."
    let whole = ["accuracy", "rocAUC", "rootMeanSquaredError", "rSquared"].map { split + $0 }
    let ofGroups = [".pPercentRule", ".kolmogorovSmirnovDistance"]
    return known.filter { key in
      whole.contains(key) || key.hasPrefix(split) && ofGroups.contains { key.hasSuffix($0) }
    }
  }
}

/// How a table is printed.
struct TableFormatOptions: ParsableArguments {
  @Flag(help: "Print JSON.")
  var json = false

  @Flag(help: "Print CSV.")
  var csv = false

  func validate() throws {
    if json && csv { throw ValidationError("--json and --csv exclude each other.") }
  }

  /// A comparison as CSV, a line for each configuration.
  func csv(of comparison: RunComparison) -> [UInt8] {
    let statistics = comparison.metrics.flatMap { ["\($0)", "\($0) deviation", "\($0) low", "\($0) high"] }
    func number(_ value: Double?) -> String { value.map { JSONNumber($0).text } ?? "" }
    return CSVText.header(["configuration"] + comparison.keys + ["seeds", "failures", "front"] + statistics)
      + CSVText.lines(
        comparison.groups.map { group in
          [group.configuration] + group.parameters.map { $0?.description ?? "" }
            + [
              group.seeds.map(String.init).joined(separator: " "), String(group.failures.count),
              group.isOnFront.map { $0 ? "1" : "0" } ?? "",
            ]
            + group.spreads.flatMap { spread in
              [
                number(spread?.mean), number(spread?.deviation), number(spread?.interval?.low),
                number(spread?.interval?.high),
              ]
            }
        })
  }

  /// Prints a comparison.
  func show(_ comparison: RunComparison) {
    if json {
      Console.write(comparison.json.serialized())
    } else if csv {
      Console.write(csv(of: comparison))
    } else {
      Console.write(ComparisonText(comparison, isUnicode: Console.isUnicode).text)
    }
  }
}

extension RunTable.Row {
  /// The row as JSON: the fields of the run, and its values under their keys.
  func json(_ keys: [String]) -> JSON {
    .object([
      .init("run", .string(entry.path)), .init("name", .string(entry.name)),
      .init("status", .string(entry.status.rawValue)), .init("seed", .number(JSONNumber(entry.seed))),
      .init("started", .string(entry.started)),
      .init("seconds", entry.seconds.map { .number(JSONNumber($0)) } ?? .null),
      .init("version", .string(entry.version)), .init("identity", .string(entry.identity.run)),
      .init("values", .object(zip(keys, values).map { .init($0, $1?.json ?? .null) })),
    ])
  }

  /// The row as a comparison takes it; its values are those of `keyCount` keys and then statistics.
  func observation(_ keyCount: Int) -> RunComparison.Observation {
    RunComparison.Observation(
      configuration: entry.identity.configuration, parameters: Array(values[..<keyCount]), seed: entry.seed,
      metrics: values[keyCount...].map { value in
        if case .number(let number)? = value { number } else { nil }
      })
  }
}
