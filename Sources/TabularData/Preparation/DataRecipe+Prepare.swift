import LinearAlgebra
import Wording

extension DataRecipe {
  /// Makes a table ready.
  ///
  /// - Parameter missingMarkers: The markers the table was read with, to be kept in the schema.
  /// - Throws: `DataError` with the place, what was found, and a remedy.
  public func prepare(_ table: Table, missingMarkers: [String] = ["?"]) throws(DataError) -> PreparedData {
    if case .tables = split {
      throw DataError(
        .badData, at: table.source, "is one table, and the split wants one per part. Name a file for each part.")
    }
    return try prepare(table, parts: nil, missingMarkers: missingMarkers)
  }

  /// Makes several tables ready, one per split: for `DataSplit.tables`.
  public func prepare(
    _ tables: [(split: SplitName, table: Table)], missingMarkers: [String] = ["?"]
  ) throws(DataError) -> PreparedData {
    guard case .tables = split, tables.contains(where: { $0.split == .train }) else {
      throw DataError(
        .badData, at: tables.map(\.table.source).joined(separator: " + "),
        "are not one table per part with one for train among them. Name the files of the split.")
    }
    let whole = try Table.concatenating(tables.map(\.table))
    var parts: [SplitName: [Int]] = [:]
    var offset = 0
    for (split, table) in tables {
      parts[split, default: []] += Array(offset..<offset + table.rowCount)
      offset += table.rowCount
    }
    return try prepare(whole, parts: parts, missingMarkers: missingMarkers)
  }

  private func prepare(
    _ table: Table, parts given: [SplitName: [Int]]?, missingMarkers: [String]
  ) throws(DataError) -> PreparedData {
    var warnings: [DataWarning] = []
    try checkColumns(of: table)
    let features = try featureColumns(of: table)
    let rows = try keptRows(of: table, features: features, warnings: &warnings)
    let labelCoder = try LabelCoder.fit(label, to: table, rows: rows, warnings: &warnings)
    var coders: [SensitiveCoder] = []
    for attribute in sensitive { coders.append(try SensitiveCoder.fit(attribute, to: table, rows: rows)) }
    let parts = try splitRows(rows, of: table, label: labelCoder, given: given, warnings: &warnings)
    let training = parts[.train] ?? []
    guard !training.isEmpty else {
      throw DataError(.badData, at: table.source, "leaves no row for training. Give train a larger share.")
    }
    let encoder = try FeatureEncoder.fit(
      to: table, columns: features, keptRows: rows, trainingRows: training, missing: missing, options: encoding)
    let weightValues = try weightColumn(of: table)
    var splits: [SplitName: Dataset] = [:]
    var counts: [SplitName: SplitCounts] = [:]
    for name in SplitName.allCases {
      guard let rows = parts[name] else { continue }
      let (matrix, notes) = try encoder.encode(table, rows: rows)
      warnings += notes.map { DataWarning(at: $0.place, "\(name.rawValue) split, \($0.message)") }
      var attributes: [SensitiveColumn] = []
      for coder in coders { attributes.append(try coder.attribute(of: table, rows: rows)) }
      let dataset = Dataset(
        features: matrix, baseRow: encoder.baseRow,
        labels: try labelCoder.labels(of: table, rows: rows).map { $0 ?? 0 }, sensitive: attributes,
        weights: try weightValues.map { values throws(DataError) in try checked(values, rows, name, table) },
        sourceRows: rows)
      let count = SplitCounts(dataset)
      try check(count, of: name, coders: coders, label: labelCoder, table: table)
      splits[name] = dataset
      counts[name] = count
    }
    for coder in coders {
      let missing = counts.values.reduce(0) { $0 + ($1.missing[coder.column] ?? 0) }
      if missing > 0 {
        warnings.append(
          DataWarning(
            at: table.source,
            "sensitive column \(Excerpt.quoted(coder.column)) is missing in \(missing) of "
              + "\(counts.values.reduce(0) { $0 + $1.rows }) rows; they belong to no group."))
      }
    }
    return PreparedData(
      splits: splits, encoder: encoder, label: labelCoder, sensitive: coders,
      schema: table.schema(missingMarkers: missingMarkers), counts: counts, warnings: warnings)
  }

  // MARK: - Rows

  /// The rows to use, in the order of the table: those that pass the filters, have a group that is kept, a label, and,
  /// where asked for, all features.
  private func keptRows(
    of table: Table, features: [String], warnings: inout [DataWarning]
  ) throws(DataError) -> [Int] {
    var rows = Array(0..<table.rowCount)
    for filter in filters {
      let passing = try filter.passing(in: table)
      let kept = rows.filter { passing[$0] }
      guard !kept.isEmpty else {
        throw DataError(
          .badData, at: table.source,
          "the filter on column \(Excerpt.quoted(filter.column)) leaves no row of \(rows.count). Loosen it.")
      }
      rows = kept
    }
    for attribute in sensitive { rows = try SensitiveCoder.kept(attribute, in: table, rows: rows) }
    let labelCells = try table.column(named: label.column).cells
    let unlabelled = rows.filter { labelCells.isMissing(at: $0) }
    if let first = unlabelled.first {
      guard label.dropsMissing else {
        throw DataError(
          .badData, at: table.origins.place(ofRow: first),
          "label \(Excerpt.quoted(label.column)) is missing. Complete the cell, or take the row out of the file.")
      }
      rows.removeAll { labelCells.isMissing(at: $0) }
      warnings.append(
        DataWarning(
          at: table.source,
          "label \(Excerpt.quoted(label.column)) is missing in \(unlabelled.count) rows; they are left out."))
    }
    if missing.dropsRows {
      let before = rows.count
      for name in features {
        let cells = try table.column(named: name).cells
        rows.removeAll { cells.isMissing(at: $0) }
      }
      if rows.count < before {
        warnings.append(
          DataWarning(at: table.source, "\(before - rows.count) of \(before) rows miss a feature; they are left out."))
      }
    }
    guard !rows.isEmpty else {
      throw DataError(
        .badData, at: table.source,
        "no row is left to use. Keep rows with missing cells (data.missing.rows), or more groups.")
    }
    return rows
  }

  private func weightColumn(of table: Table) throws(DataError) -> [Double]? {
    guard let weights else { return nil }
    guard case .numeric(let values) = try table.column(named: weights).cells else {
      throw DataError(
        .badData, at: table.source,
        "column \(Excerpt.quoted(weights)) of row weights is not numeric. Name another column.")
    }
    return values
  }

  private func checked(
    _ values: [Double], _ rows: [Int], _ split: SplitName, _ table: Table
  ) throws(DataError) -> [Float] {
    if let row = rows.first(where: { !(values[$0] >= 0) || !Float(values[$0]).isFinite }) {
      let found = values[row].isNaN ? "missing" : GroupValue.name(values[row])
      throw DataError(
        .badData, at: table.origins.place(ofRow: row),
        "the row weight in column \(Excerpt.quoted(weights ?? "")) is \(found). Weights are numbers from 0 on.")
    }
    guard rows.contains(where: { values[$0] > 0 }) else {
      throw DataError(
        .badData, at: table.source,
        "every row weight of the \(split.rawValue) split is 0. Name another column of weights.")
    }
    return rows.map { Float(values[$0]) }
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
