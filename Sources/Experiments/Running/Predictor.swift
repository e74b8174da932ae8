import FairnessEvaluation
import FairnessMetrics
import LinearAlgebra
import ModelFiles
import RunRecords
import TabularData

/// Scores a file of new rows with a saved model.
public struct Predictor: Sendable {
  public let model: SavedModel

  private let folder: String

  /// Reads the model of a run.
  public init(run: String) throws {
    folder = try RunFolder(existing: run).file("model")
    model = try SavedModel(folder: folder)
  }

  /// What the model predicts where its label is not 0 or 1; nil where it is.
  public var form: LabelPredictions? { LabelPredictions(model.label.kind) }

  /// Refuses a model of another label than 0 and 1.
  public func requireBinaryLabel(because purpose: String, remedy: String) throws {
    try model.requireBinaryLabel(because: purpose, remedy: remedy, at: folder)
  }

  /// The score and decision of every row.
  public struct Predictions: Sendable {
    /// `σ(logit)`, in 0...1; where chances are asked for, the chance that the row is selected. Of a label that is not
    /// binary, the predictions of a row one after the other: a probability for each class, or a number.
    public var scores: [Float]
    /// Whether the score reaches the model's threshold; nil where chances are asked for, and of other labels.
    public var decisions: [Bool]?
    /// Values that the model does not know, by column.
    public var warnings: [DataWarning]
  }

  /// How a mixture of classifiers decides.
  public enum Draw: Sendable, Equatable {
    /// By the seed of its training.
    case asTrained
    /// By another seed.
    case seed(UInt64)
    /// Not at all: the chance that a row is selected is what is wanted.
    case chances
  }

  /// Scores the rows of a file all at once; see `predict(_:as:csv:missing:draw:onPiece:)`.
  public func predict(
    _ path: String, as kind: PredictionsFormat? = nil, csv format: CSVFormat = CSVFormat(), missing: [String] = [],
    draw: Draw = .asTrained
  ) throws -> Predictions {
    var all = Predictions(
      scores: [], decisions: draw == .chances || form != nil ? nil : [], warnings: [])
    all.warnings = try predict(path, as: kind, csv: format, missing: missing, draw: draw) { piece in
      all.scores += piece.scores
      all.decisions? += piece.decisions ?? []
    }
    return all
  }

  /// The rows that are scored at once.
  private static let pieceRows = 1 << 14

  /// Scores the rows of a file in pieces, in memory that does not grow with the file: while rows are read, those before
  /// them are scored, and those before these handed out.
  ///
  /// The file is CSV, JSON Lines or TFRecord, plain or gzipped, with the columns of the training data; more
  /// columns do no harm, and neither label nor sensitive columns are needed, but for those that the model's decision
  /// reads.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - kind: What the file is; nil for what its name tells.
  ///   - format: How a CSV file is written. Lines that begin with '|' before its header are comments.
  ///   - missing: Cells that count as missing besides those that do for the model.
  ///   - draw: How a mixture decides.
  ///   - onPiece: Called with the predictions of consecutive rows, without warnings, for one piece at a time and in order,
  ///     on whatever thread is free.
  /// - Returns: The warnings about all rows.
  /// - Throws: `DataError` for the file, `ModelFileError` where a damaged model gives no score, or one that is no mixture
  ///   is to draw; what `onPiece` throws. Rows before the fault have been handed out.
  public func predict(
    _ path: String, as kind: PredictionsFormat? = nil, csv format: CSVFormat = CSVFormat(), missing: [String] = [],
    draw: Draw = .asTrained, onPiece: (Predictions) throws -> Void
  ) throws -> [DataWarning] {
    let model = try drawing(draw)
    var format = format
    // Adult's test file begins with a comment of this kind, and no header begins so. Later lines are rows, all of them.
    format.comment = "|"
    let requests = model.columnRequests
    let reader = try (kind ?? PredictionsFormat(path: path)).reader(
      path, requests: requests, missingMarkers: model.schema.missingMarkers + missing, csv: format)
    var scoring = try PieceScoring(model, folder: folder, source: path, requests: requests, draw: draw)
    return try withoutActuallyEscaping(onPiece) { onPiece in
      // Safe although the compiler cannot see it: each is used by one task at a time.
      nonisolated(unsafe) let source = reader
      nonisolated(unsafe) let handOut = onPiece
      var read = try table(source, requests, path)
      var scored: Predictions?
      while read != nil || scored != nil {
        let (toScore, toHandOut) = (read, scored)
        nonisolated(unsafe) var scorer = scoring
        // What takes longest stands first, so that two threads are done with all at about the same time.
        let results = Parallel.map(3, threads: 3) { task -> PieceResult in
          switch task {
          case 0: .read(Result { toScore == nil ? nil : try table(source, requests, path) })
          case 1: .scored(Result { try toScore.map { try scorer.predictions($0) } })
          default: .handedOut(Result { if let toHandOut { try handOut(toHandOut) } })
          }
        }
        scoring = scorer
        for case .handedOut(let result) in results { try result.get() }
        for case .scored(let result) in results { scored = try result.get() }
        for case .read(let result) in results {
          do {
            read = try result.get()
          } catch {
            // The rows before the fault are scored by now.
            if let scored { try handOut(scored) }
            throw error
          }
        }
      }
      return scoring.warnings
    }
  }

  /// What one of the three tasks found that work at the same time.
  private enum PieceResult: Sendable {
    case handedOut(Result<Void, any Error>)
    case scored(Result<Predictions?, any Error>)
    case read(Result<Table?, any Error>)
  }

  /// The model with its mixture's seed.
  private func drawing(_ draw: Draw) throws -> SavedModel {
    var model = model
    switch (draw, model.scorer) {
    case (.asTrained, _), (.chances, .mixture): break
    case (_, let scorer) where scorer.isDrawn:
      if case .seed(let seed) = draw { model.scorer = scorer.drawing(seed) }
    case _:
      throw ModelFileError(
        .badData, at: folder,
        "holds a model that decides without chance, so that there is nothing to draw. Leave out --seed and --chances.")
    }
    return model
  }

  /// The next rows as a table; nil at the end.
  private func table(_ reader: any PieceReader, _ requests: [ColumnRequest], _ path: String) throws -> Table? {
    guard let piece = try reader.next(limit: Self.pieceRows) else { return nil }
    let columns = requests.indices.map { index in
      let cells: Table.Cells =
        switch piece.columns[index] {
        case .numbers(let values): .numeric(values)
        case .codes(let codes): .categorical(codes: codes, categories: reader.values(of: index))
        }
      return Table.Column(name: requests[index].name, cells: cells)
    }
    return Table(columns: columns, source: path, origins: piece.origins)
  }
}

/// Scores rows that come in pieces, and counts what the model does not know.
private struct PieceScoring {
  private let model: SavedModel
  private let folder: String
  private let draw: Predictor.Draw
  private let source: String
  private var encoding: PieceEncoding
  /// Where rows are scored as deviations from it; nil where their features are needed.
  private let base: [Float]?
  private var rows = 0
  /// By column that the decision reads: the rows of no known group.
  private var unknown: [(column: String, rows: Int)] = []

  init(
    _ model: SavedModel, folder: String, source: String, requests: [ColumnRequest], draw: Predictor.Draw
  ) throws(DataError) {
    self.model = model
    self.folder = folder
    self.draw = draw
    self.source = source
    base = model.scorer.scoresRows ? model.encoder.baseRow : nil
    let head = Table(
      columns: requests.map { request in
        Table.Column(
          name: request.name, cells: request.kind == .number ? .numeric([]) : .categorical(codes: [], categories: []))
      }, source: source)
    encoding = try PieceEncoding(model.encoder, head: head)
  }

  /// What the model does not know of all rows so far.
  var warnings: [DataWarning] {
    encoding.warnings
      + unknown.filter { $0.rows > 0 }.map {
        SavedModel.unknownGroupWarning(column: $0.column, rows: $0.rows, at: source)
      }
  }

  mutating func predictions(_ piece: Table) throws -> Predictor.Predictions {
    let sensitive = try model.readSensitive(of: piece)
    for (index, column) in sensitive.enumerated() {
      if unknown.count <= index { unknown.append((column.name, 0)) }
      unknown[index].rows += column.codes.count { $0 < 0 }
    }
    defer { rows += piece.rowCount }
    let scores: [Float]
    if let base, let found = model.scorer.scores(try encoding.featureRows(piece, base: base), sensitive: sensitive) {
      scores = found
    } else {
      let features = Matrix(
        rows: piece.rowCount, columns: model.encoder.featureCount,
        values: try encoding.dense(piece, rows: Array(0..<piece.rowCount)))
      if draw == .chances, let chances = model.selectionChances(features, sensitive: sensitive) {
        return Predictor.Predictions(scores: chances.map { Float($0) }, decisions: nil, warnings: [])
      }
      scores = model.scores(features, sensitive: sensitive)
    }
    if let place = scores.firstIndex(where: { !$0.isFinite }) {
      let row = place / model.label.kind.outputs
      // Its numbers are all finite, but no training leads to such ones.
      throw ModelFileError(
        .badData, at: folder,
        "gives row \(rows + row) of \(source) a score that is not a number. The model is damaged. Use another copy.")
    }
    guard model.label.kind == .binary else {
      return Predictor.Predictions(scores: scores, decisions: nil, warnings: [])
    }
    let rule = DecisionRule<Float>(threshold: model.threshold)
    return Predictor.Predictions(scores: scores, decisions: scores.map { rule.selects($0) }, warnings: [])
  }
}
