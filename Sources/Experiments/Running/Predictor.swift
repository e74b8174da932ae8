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

  /// The score and decision of every row.
  public struct Predictions: Sendable {
    /// `σ(logit)`, in 0...1; where chances are asked for, the chance that the row is selected.
    public var scores: [Float]
    /// Whether the score reaches the model's threshold; nil where chances are asked for.
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

  /// Scores the rows of a CSV file, plain or gzipped, with the columns of the training data; more columns do no harm,
  /// and neither label nor sensitive columns are needed, but for those that the model's decision reads.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - columnNames: The names of its columns where it has no header line.
  ///   - draw: How a mixture decides.
  /// - Throws: `DataError` for the file, `ModelFileError` where a damaged model gives no score, or one that is no mixture
  ///   is to draw.
  public func predict(
    _ path: String, columnNames: [String]? = nil, draw: Draw = .asTrained
  ) throws -> Predictions {
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
    var format = CSVFormat()
    format.columnNames = columnNames
    // Adult's test file begins with a comment of this kind, and no header begins so. Later lines are rows, all of them.
    format.comment = "|"
    let options = model.schema.readingOptions
    let table = try CSVReader(format: format, options: options).read(path)
    let (features, found) = try model.encoder.encode(table)
    var warnings = found
    let sensitive = try model.readSensitive(of: table)
    for column in sensitive {
      let unknown = column.codes.count { $0 < 0 }
      if unknown > 0 {
        warnings.append(
          DataWarning(
            at: table.source,
            "\(unknown) rows have no known group in '\(column.name)', which the decision reads; they are decided by their "
              + "other columns alone."))
      }
    }
    if draw == .chances, let chances = model.selectionChances(features, sensitive: sensitive) {
      return Predictions(scores: chances.map { Float($0) }, decisions: nil, warnings: warnings)
    }
    let scores = model.scores(features, sensitive: sensitive)
    if let row = scores.firstIndex(where: { !$0.isFinite }) {
      // Its numbers are all finite, but no training leads to such ones.
      throw ModelFileError(
        .badData, at: folder,
        "gives row \(row) of \(path) a score that is not a number. The model is damaged. Use another copy.")
    }
    let rule = DecisionRule<Float>(threshold: model.threshold)
    return Predictions(scores: scores, decisions: scores.map { rule.selects($0) }, warnings: warnings)
  }
}
