import Wording

extension DataRecipe {
  /// Refuses a recipe that names columns the table does not have, or gives one column two roles.
  func checkColumns(of table: Table) throws(DataError) {
    _ = try table.column(named: label.column)
    if label.kind == .continuous { _ = try LabelFitting(label, head: table) }
    if label.kind == .continuous, case .fractions(_, .label, _) = split {
      throw DataError(
        .badData, at: table.source,
        "the split is to be stratified by label \(Excerpt.quoted(label.column)), which is continuous. Stratify by a column "
          + "with few values, or not at all.")
    }
    var seen: Set<String> = []
    for column in sensitive.map(\.column) + continuous {
      let name = Excerpt.quoted(column)
      guard column != label.column else {
        throw DataError(.badData, at: table.source, "column \(name) is both the label and sensitive. Give it one role.")
      }
      guard !drop.contains(column) else {
        throw DataError(
          .badData, at: table.source,
          "column \(name) is both sensitive and dropped. Sensitive columns are no features anyway: do not drop it.")
      }
      guard seen.insert(column).inserted else {
        throw DataError(.badData, at: table.source, "column \(name) is sensitive twice. Name it once.")
      }
    }
    for column in continuous { _ = try ContinuousFitting(column, head: table) }
    for name in drop {
      _ = try table.column(named: name)
      guard name != label.column else {
        throw DataError(
          .badData, at: table.source, "column \(Excerpt.quoted(name)) is both the label and dropped. Do not drop it.")
      }
    }
    if let weights {
      _ = try table.column(named: weights)
      guard weights != label.column && !seen.contains(weights) else {
        throw DataError(
          .badData, at: table.source,
          "column \(Excerpt.quoted(weights)) of row weights is also the label or sensitive. Name another column.")
      }
    }
    if case .column(let name, _) = split {
      _ = try table.column(named: name)
      guard name != label.column && !seen.contains(name) else {
        throw DataError(
          .badData, at: table.source,
          "column \(Excerpt.quoted(name)) of the split is also the label or sensitive. Name another column.")
      }
    }
    for filter in filters { _ = try table.column(named: filter.column) }
  }

  /// The columns that become features, in the order of the table.
  func featureColumns(of table: Table) throws(DataError) -> [String] {
    var excluded = Set(drop)
    excluded.insert(label.column)
    if !includeSensitiveInFeatures { excluded.formUnion(sensitive.map(\.column) + continuous) }
    if let weights { excluded.insert(weights) }
    if case .column(let name, _) = split { excluded.insert(name) }
    let features = table.columns.map(\.name).filter { !excluded.contains($0) }
    guard !features.isEmpty else {
      throw DataError(
        .badData, at: table.source, "no feature is left beside the label, sensitive and dropped columns. Drop fewer.")
    }
    return features
  }

  /// Refuses a split that lacks a class or a group.
  func check(
    _ counts: SplitCounts, of split: SplitName, coders: [SensitiveCoder], label coder: LabelCoder, table: Table
  ) throws(DataError) {
    func refuse(_ lacking: String, _ name: String) -> DataError {
      let remedy =
        switch self.split {
        case .fractions(_, .label, _) where name == label.column: ""
        case .fractions(_, .column(name), _): ""
        case .fractions: ", or stratify by \(Excerpt.quoted(name))"
        case .column, .tables: ", or divide the rows in another way"
        }
      return DataError(
        .badData, at: table.source,
        "the \(split.rawValue) split of \(counts.rows) rows has none with \(lacking). Give it more rows\(remedy).")
    }
    let name = Excerpt.quoted(coder.column)
    // Of several classes some may be rare; what needs one of them says so.
    if coder.kind == .binary && counts.positives == 0 {
      throw refuse("label \(name) \(Excerpt.list(coder.positive))", coder.column)
    }
    if coder.kind == .binary && counts.positives == counts.rows {
      throw refuse("label \(name) \(Excerpt.list(coder.negative))", coder.column)
    }
    for sensitive in coders {
      for group in counts.groups[sensitive.column] ?? [] where group.rows == 0 {
        throw refuse("\(Excerpt.quoted(sensitive.column)) \(Excerpt.quoted(group.name))", sensitive.column)
      }
    }
  }
}
