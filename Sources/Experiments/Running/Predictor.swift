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
    /// `σ(logit)`, in 0...1.
    public var scores: [Float]
    /// Whether the score reaches the model's threshold.
    public var decisions: [Bool]
    /// Values that the model does not know, by column.
    public var warnings: [DataWarning]
  }

  /// Scores the rows of a CSV file, plain or gzipped, with the columns of the training data; more columns do no harm,
  /// and neither label nor sensitive columns are needed.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - columnNames: The names of its columns where it has no header line.
  /// - Throws: `DataError` for the file, `ModelFileError` where a damaged model gives no score.
  public func predict(_ path: String, columnNames: [String]? = nil) throws -> Predictions {
    var format = CSVFormat()
    format.columnNames = columnNames
    // Adult's test file begins with a comment of this kind, and no header begins so. Later lines are rows, all of them.
    format.comment = "|"
    let options = model.schema.readingOptions
    let table = try CSVReader(format: format, options: options).read(path)
    let (features, warnings) = try model.encoder.encode(table)
    let scores = model.scores(features)
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
