/// Simulated people with the columns of UCI Adult, from a structural causal model.
///
/// Every column is an equation `value = f(parents, u)`, where u is a uniform noise of its own, independent of all
/// others; f is an inverse cumulative distribution over a fixed order of values. A person is thereby determined by the
/// noise, and "this person as the other sex" has an answer: the same noise, sex set, what follows from sex recomputed.
/// The conditional distributions were estimated from Adult; the causal order is an assumption.
///
/// Row i depends on the seed and on i alone, not on how many rows are asked for, in which pieces or on which thread. All
/// arithmetic is on integers, so that the rows are the same on every platform.
///
/// ```swift
/// let simulator = CensusSimulator()
/// let people = simulator.rows(0..<1000, seed: 7)
/// let asWomen = try simulator.counterfactual(of: 0..<1000, seed: 7, setting: ["sex": "Female"])
/// ```
public struct CensusSimulator: Sendable {
  /// The names of the columns, in the order of Adult's file.
  public static let columnNames = [
    "age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation", "relationship", "race",
    "sex", "capital-gain", "capital-loss", "hours-per-week", "native-country", "income",
  ]

  private let model: CensusModel

  /// Creates a simulator. The tables are unpacked once in a process, in about a millisecond.
  public init() {
    model = CensusModel.embedded
  }

  /// The first `count` simulated rows of a seed.
  ///
  /// - Precondition: `count ≥ 0`.
  public func rows(count: Int, seed: UInt64) -> Table {
    precondition(count >= 0, "CensusSimulator: \(count) rows")
    return rows(0..<count, seed: seed)
  }

  /// The simulated rows of a seed whose numbers lie in a range.
  ///
  /// The categories of a column are all that the model knows, in alphabetical order, whether or not they occur.
  ///
  /// - Precondition: `rows.lowerBound ≥ 0`.
  public func rows(_ rows: Range<Int>, seed: UInt64) -> Table {
    table(rows, seed: seed, setting: [:], source: "census simulator, seed \(seed)")
  }

  /// The first `count` simulated rows of a seed in tables of `size` rows (the last may be shorter), made one at a time.
  ///
  /// - Precondition: `size > 0`, `count ≥ 0`.
  public func chunks(of size: Int, count: Int, seed: UInt64) -> CensusChunks {
    CensusChunks(simulator: self, size: size, count: count, seed: seed)
  }

  /// The same people, had the given columns been set: row k is the counterfactual of row `rows.lowerBound + k`.
  ///
  /// A set column takes its value in every row; its descendants are recomputed with the noise of the row; all other
  /// columns equal those of `rows(_:seed:)`. Where the value is the row's own, nothing changes.
  ///
  /// - Parameters:
  ///   - rows: The numbers of the rows.
  ///   - seed: The seed of the rows.
  ///   - setting: Values by column, in Adult's spelling; numbers as whole numbers. Missing (`?`) cannot be set.
  /// - Throws: `DataError` for a column or value that the model does not know.
  /// - Precondition: `rows.lowerBound ≥ 0`.
  /// - Source: Pearl (2009), *Causality*, section 7.1: abduction, action, prediction; the noise is known here.
  public func counterfactual(
    of rows: Range<Int>, seed: UInt64, setting: [String: String]
  ) throws(DataError) -> Table {
    var forced: [Int: CensusModel.Setting] = [:]
    // In the order of the names, so that of several mistakes always the same one is told.
    for (column, value) in setting.sorted(by: { $0.key < $1.key }) {
      let (node, setting) = try model.setting(of: column, to: value)
      forced[node] = setting
    }
    let names = setting.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }.joined(separator: ", ")
    return table(rows, seed: seed, setting: forced, source: "census simulator, seed \(seed), set \(names)")
  }

  /// The columns that may change when a column is set: those that depend on it, directly or through others, in the
  /// order of `columnNames`; the column itself is not among them. Nil for an unknown column.
  public func descendants(of column: String) -> [String]? {
    guard let start = model.visibleNode(named: column) else { return nil }
    var reached: Set<Int> = [start]
    for (number, node) in model.nodes.enumerated() where !reached.isDisjoint(with: node.parentNodes) {
      reached.insert(number)
    }
    let names = Set(reached.subtracting([start]).map { model.nodes[$0].name })
    return Self.columnNames.filter(names.contains)
  }

  /// The columns that a column directly depends on, in the order of `columnNames`. Nil for an unknown column.
  public func parents(of column: String) -> [String]? {
    guard let node = model.visibleNode(named: column) else { return nil }
    let names = Set(model.nodes[node].parentNodes.map { model.nodes[$0].name })
    return Self.columnNames.filter(names.contains)
  }

  private func table(
    _ rows: Range<Int>, seed: UInt64, setting: [Int: CensusModel.Setting], source: String
  ) -> Table {
    precondition(rows.lowerBound >= 0, "CensusSimulator: rows start at 0, not \(rows.lowerBound)")
    var generation = CensusGeneration(model: model, rows: rows, seed: seed, setting: setting)
    generation.run()
    return Table(columns: generation.columns(order: Self.columnNames), source: source)
  }
}
