import LinearAlgebra
import Wording

extension DataRecipe {
  /// The rows of each part, rising, by their position in the source.
  func splitRows(
    _ selection: RowSelection, label: LabelCoder?, at source: String, warnings: inout [DataWarning]
  ) throws(DataError) -> [SplitName: [Int]] {
    let rows = selection.rows
    let parts: [SplitName: [Int]]
    switch split {
    case .fractions(let shares, let stratify, let seed):
      try Self.check(shares, at: source)
      let strata = try strata(stratify, selection, label, at: source)
      let sizes = SplitDrawing.sizes(shares, rows: rows.count)
      let drawn = SplitDrawing.draw(sizes, strata: strata, stream: RandomStream(seed: seed).split("data split"))
      parts = drawn.mapValues { part in part.map { rows[$0] } }
    case .column(let name, let values):
      parts = try partsByColumn(name, values, selection, at: source, warnings: &warnings)
    case .tables:
      var given = Dictionary(uniqueKeysWithValues: selection.parts.map { ($0, [Int]()) })
      for (row, key) in zip(rows, selection.keys) where key >= 0 {
        given[SplitName.allCases[Int(key)], default: []].append(row)
      }
      parts = given
    }
    for name in SplitName.allCases {
      if let part = parts[name], part.isEmpty {
        throw DataError(
          .badData, at: source,
          "the \(name.rawValue) split is empty: \(rows.count) rows are to be divided. Give it a larger share.")
      }
    }
    return parts
  }

  private static func check(_ shares: [SplitName: Double], at source: String) throws(DataError) {
    func shown() -> String {
      SplitName.allCases.compactMap { name in shares[name].map { "\(name.rawValue) \(GroupValue.name($0))" } }
        .joined(separator: ", ")
    }
    guard shares[.train] != nil else {
      throw DataError(.badData, at: source, "the split (\(shown())) has no train part. Give train a share.")
    }
    for name in SplitName.allCases {
      guard let share = shares[name], !(share > 0 && share <= 1) else { continue }
      throw DataError(
        .badData, at: source,
        "the split gives \(name.rawValue) the share \(GroupValue.name(share)). A share is above 0 and at most 1.")
    }
    let sum = SplitName.allCases.reduce(0) { $0 + (shares[$1] ?? 0) }
    guard sum <= 1 + 1e-9 else {
      throw DataError(
        .badData, at: source,
        "the split (\(shown())) adds up to \(GroupValue.name(sum)). Shares may add up to 1 at most.")
    }
  }

  /// The stratum of every row, counted from 0: 1 for a positive label, or of several classes each its own; the values
  /// of a column in the order of their appearance.
  private func strata(
    _ stratify: DataSplit.Stratification, _ selection: RowSelection, _ label: LabelCoder?, at source: String
  ) throws(DataError) -> [Int32] {
    switch stratify {
    case .none:
      return selection.rows.map { _ in 0 }
    case .label:
      guard let label else {
        let order = selection.labels.occurring
        let rank = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, Int32($0)) })
        let stratum = selection.labels.names.map { rank[$0] ?? 0 }
        return selection.keys.map { stratum[Int($0)] }
      }
      let positive = Set(label.positive)
      let stratum = selection.labels.names.map { positive.contains($0) ? Int32(1) : 0 }
      return selection.keys.map { stratum[Int($0)] }
    case .column(let name):
      // A missing value is a stratum too; its key is −1.
      var stratum = [Int32](repeating: -1, count: selection.keyValues.names.count + 1)
      var count: Int32 = 0
      let strata = selection.keys.map { key -> Int32 in
        if stratum[Int(key) + 1] < 0 {
          stratum[Int(key) + 1] = count
          count += 1
        }
        return stratum[Int(key) + 1]
      }
      guard Int(count) <= max(2, selection.rows.count / 2) else {
        throw DataError(
          .badData, at: source,
          "column \(Excerpt.quoted(name)) has \(count) values in \(selection.rows.count) rows, too many to stratify "
            + "by. Name a column with few values.")
      }
      return strata
    }
  }

  private func partsByColumn(
    _ name: String, _ values: [SplitName: [String]]?, _ selection: RowSelection, at source: String,
    warnings: inout [DataWarning]
  ) throws(DataError) -> [SplitName: [Int]] {
    let occurring = selection.keyValues.occurring
    var partOf: [String: SplitName] = [:]
    for split in SplitName.allCases {
      for wanted in values?[split] ?? (values == nil ? [split.rawValue] : []) {
        guard let value = selection.keyValues.match(wanted, among: occurring) else {
          if values == nil && split != .train { continue }
          throw DataError(
            .badData, at: source,
            "column \(Excerpt.quoted(name)) never says \(Excerpt.quoted(wanted)) for the \(split.rawValue) split. "
              + "It has \(Excerpt.list(occurring)).")
        }
        if let other = partOf[value], other != split {
          throw DataError(
            .badData, at: source,
            "column \(Excerpt.quoted(name)): \(Excerpt.quoted(value)) means both the \(other.rawValue) and the "
              + "\(split.rawValue) split. Give it to one.")
        }
        partOf[value] = split
      }
    }
    var parts: [SplitName: [Int]] = [:]
    for split in partOf.values { parts[split] = [] }
    let splitOfKey = selection.keyValues.names.map { partOf[$0] }
    var unused = 0
    for (row, key) in zip(selection.rows, selection.keys) {
      if key >= 0, let split = splitOfKey[Int(key)] {
        parts[split, default: []].append(row)
      } else {
        unused += 1
      }
    }
    guard parts[.train] != nil else {
      throw DataError(
        .badData, at: source,
        "column \(Excerpt.quoted(name)) gives no row to the train split. It has \(Excerpt.list(occurring)).")
    }
    if unused > 0 {
      warnings.append(
        DataWarning(
          at: source, "column \(Excerpt.quoted(name)) puts \(unused) rows in no split; they are left out."))
    }
    return parts
  }
}
