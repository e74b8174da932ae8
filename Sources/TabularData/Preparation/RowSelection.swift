import Wording

/// Which rows a recipe uses, found in one pass over the pieces of a source, and what their values say: the classes, the
/// groups, the categories, the keys by which they are split.
struct RowSelection {
  /// What the split of a row depends on.
  private enum Key {
    case nothing
    case label
    case column(String)
    case part
  }

  private let recipe: DataRecipe
  private let features: [String]
  private let source: String
  private let key: Key
  private var filterCounts: [(before: Int, after: Int)]
  /// The groups before those to keep are chosen; nil where all are kept.
  private var offered: [GroupTally?]
  private var unlabelled = 0
  private var firstUnlabelled: String?
  private var rowsBeforeMissing = 0

  /// The rows to use, by their position in the source, rising.
  private(set) var rows: [Int] = []

  /// For each row the number of its label, of its value in the column of the split, or of its part; empty where the
  /// split asks for none of them.
  private(set) var keys: [Int32] = []

  /// The values that the numbers in `keys` stand for, where they are those of a column other than the label.
  private(set) var keyValues: ValueTally

  /// The labels of the rows.
  private(set) var labels: ValueTally

  /// The groups of the rows, by sensitive attribute.
  private(set) var groups: [GroupTally] = []

  /// The splits that the source itself has rows of.
  private(set) var parts: Set<SplitName> = []

  init(_ recipe: DataRecipe, features: [String], head: Table) throws(DataError) {
    self.recipe = recipe
    self.features = features
    source = head.source
    labels = ValueTally(try head.column(named: recipe.label.column).cells.type)
    filterCounts = recipe.filters.map { _ in (0, 0) }
    offered = []
    for sensitive in recipe.sensitive {
      let tally = try GroupTally(sensitive, in: head)
      groups.append(tally)
      offered.append(sensitive.keep == nil ? nil : tally)
    }
    switch recipe.split {
    case .fractions(_, .none, _): key = .nothing
    case .fractions(_, .label, _): key = .label
    case .fractions(_, .column(let name), _), .column(let name, _): key = .column(name)
    case .tables: key = .part
    }
    if case .column(let name) = key {
      keyValues = ValueTally(try head.column(named: name).cells.type)
    } else {
      keyValues = ValueTally(.categorical)
    }
  }

  /// The columns that are looked at.
  var columns: Set<String> {
    var names = Set(
      features + recipe.sensitive.map(\.column) + recipe.continuous + recipe.filters.map(\.column))
    names.insert(recipe.label.column)
    if let weights = recipe.weights { names.insert(weights) }
    if case .column(let name) = key { names.insert(name) }
    return names
  }

  /// Chooses among the rows of the next piece; returns their positions in it.
  mutating func add(_ piece: SourcePiece) throws(DataError) -> [Int] {
    let table = piece.table
    var kept = Array(0..<table.rowCount)
    for (index, filter) in recipe.filters.enumerated() {
      let passing = try filter.passing(in: table)
      filterCounts[index].before += kept.count
      kept.removeAll { !passing[$0] }
      filterCounts[index].after += kept.count
    }
    for (index, sensitive) in recipe.sensitive.enumerated() where offered[index] != nil {
      let cells = try table.column(named: sensitive.column).cells
      offered[index]?.add(cells, rows: kept)
      kept = offered[index]?.kept(cells, rows: kept) ?? kept
    }
    let labelCells = try table.column(named: recipe.label.column).cells
    if let first = kept.first(where: { labelCells.isMissing(at: $0) }) {
      let before = kept.count
      kept.removeAll { labelCells.isMissing(at: $0) }
      unlabelled += before - kept.count
      if firstUnlabelled == nil { firstUnlabelled = table.origins.place(ofRow: first) }
    }
    rowsBeforeMissing += kept.count
    if recipe.missing.dropsRows {
      for name in features {
        let cells = try table.column(named: name).cells
        kept.removeAll { cells.isMissing(at: $0) }
      }
    }
    for (index, sensitive) in recipe.sensitive.enumerated() {
      groups[index].add(try table.column(named: sensitive.column).cells, rows: kept)
    }
    if case .label = key {
      labels.add(labelCells, rows: kept, appendingTo: &keys)
    } else if recipe.label.kind != .continuous {
      // Numbers are as many as rows, and nobody asks which there are.
      labels.add(labelCells, rows: kept)
    }
    switch key {
    case .nothing, .label: break
    case .column(let name): keyValues.add(try table.column(named: name).cells, rows: kept, appendingTo: &keys)
    case .part: appendParts(of: kept, piece)
    }
    if rows.isEmpty && piece.firstRow == 0 {
      rows = kept
    } else {
      rows.append(contentsOf: kept.lazy.map { $0 + piece.firstRow })
    }
    return kept
  }

  private mutating func appendParts(of kept: [Int], _ piece: SourcePiece) {
    var partOf = [Int32](repeating: -1, count: piece.table.rowCount)
    for (split, rows) in piece.parts {
      let number = Int32(SplitName.allCases.firstIndex(of: split) ?? 0)
      for row in rows { partOf[row] = number }
      parts.insert(split)
    }
    for row in kept { keys.append(partOf[row]) }
  }

  /// Refuses what leaves nothing to work with; to be called after the last piece.
  func check(warnings: inout [DataWarning]) throws(DataError) {
    for (filter, counts) in zip(recipe.filters, filterCounts) where counts.after == 0 {
      throw DataError(
        .badData, at: source,
        "the filter on column \(Excerpt.quoted(filter.column)) leaves no row of \(counts.before). Loosen it.")
    }
    for tally in offered { try tally?.checkKept() }
    if let firstUnlabelled {
      guard recipe.label.dropsMissing else {
        throw DataError(
          .badData, at: firstUnlabelled,
          "label \(Excerpt.quoted(recipe.label.column)) is missing. Complete the cell, or take the row out of the file."
        )
      }
      warnings.append(
        DataWarning(
          at: source,
          "label \(Excerpt.quoted(recipe.label.column)) is missing in \(unlabelled) rows; they are left out."))
    }
    if rows.count < rowsBeforeMissing {
      warnings.append(
        DataWarning(
          at: source,
          "\(rowsBeforeMissing - rows.count) of \(rowsBeforeMissing) rows miss a feature; they are left out."))
    }
    guard !rows.isEmpty else {
      throw DataError(
        .badData, at: source,
        "no row is left to use. Keep rows with missing cells (data.missing.rows), or more groups.")
    }
  }
}

extension Table.Cells {
  /// Whether the cell of a row is missing.
  func isMissing(at row: Int) -> Bool {
    switch self {
    case .numeric(let values): values[row].isNaN
    case .categorical(let codes, _): codes[row] < 0
    }
  }
}
