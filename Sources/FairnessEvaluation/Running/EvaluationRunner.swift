import FairnessMetrics
import TabularData
import Wording

/// Evaluates predictions, from a file or from memory.
///
/// Rows pass in pieces. As long as they are few enough they are kept, so that ranks are exact; beyond
/// `exactRows` they are counted into sums and histograms and forgotten, and memory grows no further.
public struct EvaluationRunner: Sendable {
  /// The rows of a piece.
  private static let pieceRows = 1 << 17

  /// The largest number of combinations of groups.
  static let largestCellCount = 20_000

  /// What is evaluated, with everything filled in that follows from it.
  public let specification: EvaluationSpecification

  public init(_ specification: EvaluationSpecification) throws(EvaluationError) {
    self.specification = try specification.resolved()
  }

  /// Evaluates a file.
  ///
  /// - Parameter supplied: Scores of the file's rows that are not in the file, in the place of a column of that name.
  /// - Throws: `DataError` or `EvaluationError`.
  public func evaluate(
    _ path: String, format: PredictionsFormat? = nil, csv: CSVFormat = CSVFormat(),
    supplied: SuppliedColumn? = nil
  ) throws -> EvaluationReport {
    try evaluate(.file(path: path, format: format ?? PredictionsFormat(path: path), csv: csv, supplied: supplied))
  }

  /// Evaluates columns in memory, in the same way.
  ///
  /// - Parameters:
  ///   - columns: The label, the predictions, and the columns to slice by, each under the name that the specification
  ///     gives it; columns that it does not name are passed over.
  ///   - name: What messages and the report call the rows.
  /// - Throws: `DataError` or `EvaluationError`.
  /// - Precondition: The columns have the same length.
  public func evaluate(_ columns: [EvaluationColumn], named name: String) throws -> EvaluationReport {
    try evaluate(.columns(columns, name: name))
  }

  /// Refuses what `evaluate` would refuse of columns in memory, before there are predictions.
  public func check(_ columns: [EvaluationColumn], named name: String) throws {
    var reader = try EvaluationRowReader(.columns(columns, name: name), specification)
    var rows = EvaluationRows()
    while let more = try reader.next(limit: Self.pieceRows) { rows.append(more) }
    try reader.finish()
    try checkGroups(reader.coders)
    let crossed = CrossedCells(zip(reader.coders, rows.codes).map { $0.column($1) }, rows: rows.count)
    if crossed.codes.count > Self.largestCellCount { throw tooManyCells(name) }
  }

  private func tooManyCells(_ place: String) -> EvaluationError {
    EvaluationError(
      .badData, at: place,
      "the columns make more than \(Self.largestCellCount) combinations of groups. Name fewer columns, or cut "
        + "numbers into bins.")
  }

  private func evaluate(_ source: RowSource) throws -> EvaluationReport {
    var reader = try EvaluationRowReader(source, specification)
    var evidence = specification.modelNames.indices.map { _ in ModelEvidence(specification) }
    var kept = EvaluationRows()
    var count = 0
    var isExact = true
    func feed(_ rows: EvaluationRows, _ reader: EvaluationRowReader) throws {
      let columns = zip(reader.coders, rows.codes).map { $0.column($1) }
      for model in evidence.indices {
        evidence[model].add(rows, model: model, columns: columns, firstRow: count - rows.count)
      }
      if let cells = evidence.first?.cellCount, cells > Self.largestCellCount { throw tooManyCells(source.name) }
    }
    while let rows = try reader.next(limit: Self.pieceRows) {
      count += rows.count
      kept.append(rows)
      if kept.count > specification.exactRows {
        isExact = false
        try feed(kept, reader)
        kept = EvaluationRows()
      }
    }
    if kept.count > 0 { try feed(kept, reader) }
    try reader.finish()
    try checkGroups(reader.coders)
    if !isExact {
      let needsAll =
        specification.packs.contains(.newYorkLocalLaw144)
        ? "--pack nyc-ll144" : specification.comparison != nil ? "--compare" : nil
      if let needsAll {
        throw EvaluationError(
          .usage, at: needsAll,
          "needs all \(count) rows in memory, and only \(specification.exactRows) may be. Raise --exact-rows.")
      }
    }
    let columns = zip(reader.coders, kept.codes).map { $0.column($1) }
    let models = specification.modelNames.enumerated().map { index, name in
      let exact = isExact ? ExactRows(kept, model: index, columns: columns) : nil
      return ModelEvaluator(specification, evidence[index], exact: exact, name: name).evaluation
    }
    return EvaluationReport(
      source: source.name, rows: count, isExact: isExact,
      confidence: specification.intervals ? specification.confidence : nil,
      shownMetrics: shownMetrics, models: models,
      comparison: isExact ? MatchedModels(specification, kept, columns).table : nil,
      explanations: MetricExplanations(specification)?.explanations(shownMetrics) ?? [],
      notes: notes(reader.coders, evidence.first, isExact: isExact))
  }

  /// Refuses gates about groups that do not occur: a misspelt group must not pass for one without rows.
  private func checkGroups(_ coders: [GroupCoder]) throws(EvaluationError) {
    for gate in specification.gates {
      for case .rows(_, let predicate) in gate.condition.terms.map(\.subject) {
        for (column, group) in predicate.groups {
          guard let coder = coders.first(where: { $0.name == column }), !coder.groups.contains(group) else { continue }
          let remedy =
            NearestName.find(group, among: coder.groups).map { "Did you mean \(Excerpt.quoted($0))?" }
            ?? "Its groups are \(Excerpt.list(coder.groups))."
          throw EvaluationError(
            .badData, at: gate.place,
            "the column '\(column)' has no group \(Excerpt.quoted(group)). \(remedy)")
        }
      }
    }
  }

  private var shownMetrics: [String] {
    if let metrics = specification.metrics { return metrics.map(\.key) }
    if specification.isRegression {
      return ["meanAbsoluteError", "rootMeanSquaredError", "meanError", "meanPrediction"]
    }
    let rates = ["selectionRate", "truePositiveRate", "falsePositiveRate", "precision", "accuracy"]
    return specification.hasScores ? rates + ["rocAUC"] : rates
  }

  private func notes(_ coders: [GroupCoder], _ evidence: ModelEvidence?, isExact: Bool) -> [String] {
    var notes: [String] = []
    for name in coders.map(\.name) {
      let missing = evidence?.rows(missing: name) ?? 0
      if missing > 0 { notes.append("\(name) is missing in \(missing) rows; they are a slice of their own.") }
    }
    if !isExact && specification.hasScores {
      notes.append(
        "The rows passed in a stream: ROC AUC and average precision rank scores in "
          + "\(ModelEvidence.histogramBins) bins; rocAUCErrorBound says how far the exact area may lie from the one "
          + "shown.")
    }
    return notes
  }
}
