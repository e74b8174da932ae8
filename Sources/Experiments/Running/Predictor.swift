import FairnessMetrics
import LinearAlgebra
import ModelFiles
import RunRecords
import TabularData

/// Scores a file of new rows with a saved model.
public struct Predictor: Sendable {
  public let model: SavedModel

  /// Reads the model of a run.
  public init(run: String) throws {
    model = try SavedModel(folder: RunFolder(existing: run).file("model"))
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
  public func predict(_ path: String, columnNames: [String]? = nil) throws -> Predictions {
    var format = CSVFormat()
    format.columnNames = columnNames
    // Adult's test file begins with a comment of this kind, and no header begins so.
    format.comment = "|"
    let options = model.schema.readingOptions
    let table = try CSVReader(format: format, options: options).read(path)
    let (features, warnings) = try model.encoder.encode(table)
    let scores = model.classifier.probabilities(features, base: model.encoder.baseRow)
    return Predictions(
      scores: scores, decisions: scores.map { $0 >= Float(model.threshold) }, warnings: warnings)
  }
}
