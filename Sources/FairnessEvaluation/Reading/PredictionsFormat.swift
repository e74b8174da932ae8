import TabularData

/// The format of a file of predictions.
public enum PredictionsFormat: String, Sendable, Hashable, CaseIterable {
  /// Comma-separated values with a header line.
  case csv
  /// A JSON object a line.
  case jsonLines = "jsonl"
  /// TensorFlow's records of serialised `tf.Example`.
  case tfRecord = "tfrecord"

  /// The format that a file's name tells; CSV where it tells none.
  public init(path: String) {
    let name = path.lowercased()
    let plain = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
    if plain.hasSuffix(".jsonl") || plain.hasSuffix(".ndjson") {
      self = .jsonLines
    } else if plain.hasSuffix(".tfrecord") || plain.hasSuffix(".tfrecords") || name.contains(".tfrecord-") {
      self = .tfRecord
    } else {
      self = .csv
    }
  }

  /// Opens a file.
  package func reader(
    _ path: String, requests: [ColumnRequest], missingMarkers: [String], csv: CSVFormat
  ) throws(DataError) -> any PieceReader {
    switch self {
    case .csv:
      try CSVPieceReader(path, format: csv, requests: requests, missingMarkers: missingMarkers)
    case .jsonLines: try JSONLinesReader(path, requests: requests, missingMarkers: missingMarkers)
    case .tfRecord: try TFRecordReader(path, requests: requests, missingMarkers: missingMarkers)
    }
  }
}
