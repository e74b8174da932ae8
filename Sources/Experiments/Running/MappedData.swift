import RunRecords
import TabularData

/// Prepared rows, and where they came from.
struct PreparedRows: Sendable {
  var data: PreparedData
  var sources: [EnvironmentRecord.Source]
  /// How they are held where a budget was given.
  var memory: EnvironmentRecord.Memory?
  /// How mapped rows are shuffled; nil for those in memory.
  var window: ShuffleWindow?
  /// What is told on this machine alone, and is no part of the records.
  var notices: [String] = []
  /// The files in the order of their rows, with how many each has; empty where rows are numbered over all.
  var files: [(name: String, rows: Int)] = []
  /// The cells of a column in every row of the table. Of mapped rows only what training needs is kept.
  var column: @Sendable (String) throws(DataError) -> Table.Cells = { name throws(DataError) in
    throw DataError(
      .badData, at: "evaluation.slices",
      "names the column '\(name)', which is not kept of rows that exceed the memory. Slice by the sensitive columns, "
        + "or give more memory.")
  }
}

extension DataConfiguration {
  /// The memory that the run may take up; nil where that is not limited.
  var memoryBudget: MemoryBudget? { memory.flatMap { MemoryBudget($0) } }

  /// Maps the rows from the cache, preparing them first where it does not have them.
  ///
  /// - Parameters:
  ///   - seed: The seed of the run.
  ///   - located: Turns a path of the configuration into one that can be opened.
  ///   - onProgress: Called during the preparation; what it throws ends it.
  /// - Returns: Nil where the budget holds the rows in memory.
  func mapped(
    seed: UInt64, budget: MemoryBudget, located: (String) -> String,
    onProgress: (PreparationProgress) throws(DataError) -> Void
  ) throws(DataError) -> PreparedRows? {
    if case .files(let split) = self.split {
      let files = split.files.inOrder.map { (path: located($1), part: TabularData.SplitName?.some($0)) }
      return try mappedFiles(files, columnNames: csvColumnNames, seed, budget, fullPaths: true, onProgress)
    }
    switch source {
    case .simulated(let source):
      guard !budget.holds(simulatedRows: source.rows) else { return nil }
      let rowSeed = source.rowSeed(runSeed: seed)
      let identity = CacheIdentity(
        sources: ["simulated census, \(source.rows) rows, seed \(rowSeed)"], recipe: recipe(seed: seed),
        reading: readingOptions)
      return try mapped(
        identity, [.init("simulated census, seed \(rowSeed)", sha256: nil)], budget, onProgress
      ) { SimulatedRows(rows: source.rows, seed: rowSeed) }
    case .csv(let source):
      let files = source.csv.map { (path: located($0), part: TabularData.SplitName?.none) }
      return try mappedFiles(files, columnNames: source.columnNames, seed, budget, fullPaths: false, onProgress)
    case .catalog:
      // The catalogue's files are read as a whole: none is large.
      let loaded = try load(seed: seed, located: located)
      guard !budget.holds(files: loaded.paths), case .whole(let table) = loaded.tables else { return nil }
      let identity = CacheIdentity(
        sources: loaded.sources.map { $0.sha256 ?? $0.name },
        recipe: recipe(seed: seed), reading: readingOptions)
      return try mapped(identity, loaded.sources, budget, onProgress) { WholeTable(table) }
    case nil: return nil
    }
  }

  private func mappedFiles(
    _ files: [(path: String, part: TabularData.SplitName?)], columnNames: [String]?, _ seed: UInt64,
    _ budget: MemoryBudget, fullPaths: Bool, _ onProgress: (PreparationProgress) throws(DataError) -> Void
  ) throws(DataError) -> PreparedRows? {
    guard !budget.holds(files: files.map(\.path)) else { return nil }
    var sources: [EnvironmentRecord.Source] = []
    var contents: [String] = []
    for (path, part) in files {
      let hash = try FileHash.sha256(ofFileAt: path)
      sources.append(.init(fullPaths ? path : path.lastComponent, sha256: hash))
      contents.append((part.map { "\($0.rawValue) " } ?? "") + hash)
    }
    let identity = CacheIdentity(
      sources: contents, recipe: recipe(seed: seed), reading: readingOptions, columnNames: columnNames)
    return try mapped(identity, sources, budget, onProgress) { () throws(DataError) -> CSVRows in
      var format = CSVFormat()
      format.columnNames = columnNames
      return try CSVRows(
        files, format: format, options: readingOptions, largestCategoryCount: encoding.maximumCategories
      ) { share throws(DataError) in try onProgress(PreparationProgress(.inspecting, share: share)) }
    }
  }

  private func mapped<Source: TableSource>(
    _ identity: CacheIdentity, _ sources: [EnvironmentRecord.Source], _ budget: MemoryBudget,
    _ onProgress: (PreparationProgress) throws(DataError) -> Void, _ open: () throws(DataError) -> Source
  ) throws(DataError) -> PreparedRows {
    let cache = try PreparedCache(folder: self.cache)
    let key = identity.key
    var notices: [String] = []
    let data: PreparedData
    if let ready = cache.open(key) {
      data = ready
    } else {
      data = try cache.prepare(try open(), identity, onProgress: onProgress)
      notices.append("The prepared rows are kept in \(cache.path(of: key)). Delete the folder to free the room.")
    }
    let rows = data.splits.values.reduce(0) { $0 + $1.rows }
    try budget.check(rows: rows, at: sources.map(\.name).joined(separator: " + "))
    let window = data[.train].flatMap { budget.window(for: $0) }
    return PreparedRows(
      data: data, sources: sources,
      memory: .init(
        budget: budget.bytes, cacheKey: key, windowRows: window.map { $0.blockRows * $0.blocks },
        blockRows: window?.blockRows),
      window: window, notices: notices)
  }
}
