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
    return try prepare(WholeTable(table), missingMarkers: missingMarkers)
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
    return try prepare(WholeTable(tables), missingMarkers: missingMarkers)
  }

  /// Makes the rows of a source ready, in memory.
  public func prepare(
    _ source: some TableSource, missingMarkers: [String] = ["?"]
  ) throws(DataError) -> PreparedData {
    let sink = MemorySink()
    let preparation = try prepare(source, missingMarkers: missingMarkers, into: sink)
    return preparation.data(splits: sink.datasets(preparation))
  }

  /// Makes the rows of a source ready and gives them to a sink, piece by piece.
  ///
  /// The source is gone through up to four times: to choose rows and find values; for means and shares over the
  /// training rows; for their standard deviations; to encode. One piece or many: the result is the same to the bit.
  ///
  /// - Parameter onProgress: Called after each piece; what it throws ends the preparation.
  func prepare(
    _ source: some TableSource, missingMarkers: [String], into sink: some PreparedSink,
    onProgress: (PreparationProgress) throws(DataError) -> Void = { _ in }
  ) throws(DataError) -> Preparation {
    let head = source.head
    var warnings: [DataWarning] = []
    try checkColumns(of: head)
    let features = try featureColumns(of: head)
    var fitting = try EncoderFitting(features, head: head, missing: missing, options: encoding)
    var selection = try RowSelection(self, features: features, head: head)
    try source.forEachPiece(columns: selection.columns) { piece throws(DataError) in
      let kept = try selection.add(piece)
      try fitting.addKept(piece.table, rows: kept)
      try onProgress(PreparationProgress(.reading, share: piece.share))
    }
    try selection.check(warnings: &warnings)
    let rows = selection.rows.count
    let binaryCoder =
      label.kind == .binary
      ? try LabelCoder.fit(label, to: selection.labels, rows: rows, at: head.source, warnings: &warnings) : nil
    var coders: [SensitiveCoder] = []
    for (attribute, tally) in zip(sensitive, selection.groups) {
      coders.append(try SensitiveCoder.fit(attribute, to: tally, rows: rows, at: head.source))
    }
    let parts = try splitRows(selection, label: binaryCoder, at: head.source, warnings: &warnings)
    guard let training = parts[.train], !training.isEmpty else {
      throw DataError(.badData, at: head.source, "leaves no row for training. Give train a larger share.")
    }
    // Whatever a row number was needed for stands in the parts.
    let columns = selection.columns
    selection = try RowSelection(self, features: features, head: head)

    var cursor = RowCursor(training)
    var numbers: [ContinuousFitting] = []
    for column in continuous { numbers.append(try ContinuousFitting(column, head: head)) }
    var labels = binaryCoder == nil ? try LabelFitting(label, head: head) : nil
    try source.forEachPiece(columns: Set(features + continuous + (labels == nil ? [] : [label.column]))) {
      piece throws(DataError) in
      let rows = cursor.next(in: piece)
      try fitting.addTraining(piece.table, rows: rows)
      for index in numbers.indices { try numbers[index].add(piece.table, rows: rows) }
      try labels?.add(piece.table, rows: rows)
      try onProgress(PreparationProgress(.fitting, share: piece.share / 2))
    }
    let squared = fitting.squaredColumns
    if !squared.isEmpty {
      cursor = RowCursor(training)
      try source.forEachPiece(columns: squared) { piece throws(DataError) in
        try fitting.addSquares(piece.table, rows: cursor.next(in: piece))
        try onProgress(PreparationProgress(.fitting, share: 0.5 + piece.share / 2))
      }
    }
    let labelCoder: LabelCoder
    if let labels {
      labelCoder = try labels.coder()
    } else if let binaryCoder {
      labelCoder = binaryCoder
    } else {
      preconditionFailure("DataRecipe: a label without a coder")
    }
    let encoder = try fitting.encoder()
    var continuousCoders: [ContinuousCoder] = []
    for fitting in numbers { continuousCoders.append(try fitting.coder()) }
    try sink.begin(
      encoder, attributes: coders, continuous: continuousCoders, rows: parts.mapValues(\.count),
      isWeighted: weights != nil)
    var encodings: [SplitName: SplitEncoding] = [:]
    for (name, rows) in parts {
      encodings[name] = try SplitEncoding(
        name, rows, encoder: encoder, label: labelCoder, sensitive: coders, continuous: continuousCoders,
        weights: weights, head: head)
    }
    try source.forEachPiece(columns: columns) { piece throws(DataError) in
      for name in SplitName.allCases { try encodings[name]?.encode(piece, into: sink) }
      try onProgress(PreparationProgress(.encoding, share: piece.share))
    }
    var counts: [SplitName: SplitCounts] = [:]
    for name in SplitName.allCases {
      guard let encoding = encodings[name] else { continue }
      warnings += encoding.warnings
      try encoding.checkWeights(at: head.source)
      try check(encoding.counts, of: name, coders: coders, label: labelCoder, table: head)
      counts[name] = encoding.counts
    }
    for coder in coders {
      let missing = counts.values.reduce(0) { $0 + ($1.missing[coder.column] ?? 0) }
      if missing > 0 {
        warnings.append(
          DataWarning(
            at: head.source,
            "sensitive column \(Excerpt.quoted(coder.column)) is missing in \(missing) of "
              + "\(counts.values.reduce(0) { $0 + $1.rows }) rows; they belong to no group."))
      }
    }
    for coder in continuousCoders {
      let missing = counts.values.reduce(0) { $0 + ($1.missing[coder.column] ?? 0) }
      if missing > 0 {
        warnings.append(
          DataWarning(
            at: head.source,
            "sensitive column \(Excerpt.quoted(coder.column)) is missing in \(missing) of "
              + "\(counts.values.reduce(0) { $0 + $1.rows }) rows; they have no part in its losses and "
              + "correlations."))
      }
    }
    return Preparation(
      encoder: encoder, label: labelCoder, sensitive: coders, continuous: continuousCoders,
      schema: head.schema(missingMarkers: missingMarkers),
      counts: counts, warnings: warnings, sourceRows: parts)
  }
}

/// How far a preparation is.
public struct PreparationProgress: Sendable, Equatable {
  /// What is being done.
  public enum Stage: String, Sendable, Equatable, CaseIterable {
    /// The cells of files are looked at for the types of their columns.
    case inspecting
    /// Rows are read and chosen.
    case reading
    /// Means and standard deviations are computed.
    case fitting
    /// Rows are encoded.
    case encoding
  }

  public var stage: Stage

  /// The share of the stage that is done, in 0...1.
  public var share: Double

  public init(_ stage: Stage, share: Double) {
    self.stage = stage
    self.share = share
  }
}

/// Everything of prepared data but the encoded rows themselves.
struct Preparation: Sendable {
  var encoder: FeatureEncoder
  var label: LabelCoder
  var sensitive: [SensitiveCoder]
  var continuous: [ContinuousCoder]
  var schema: Schema
  var counts: [SplitName: SplitCounts]
  var warnings: [DataWarning]
  /// The rows of each split, rising, by their position in the source.
  var sourceRows: [SplitName: [Int]]

  func data(splits: [SplitName: Dataset]) -> PreparedData {
    PreparedData(
      splits: splits, encoder: encoder, label: label, sensitive: sensitive, continuous: continuous, schema: schema,
      counts: counts, warnings: warnings)
  }
}

/// Rising positions of rows in a source, given out piece by piece.
struct RowCursor {
  private let rows: [Int]
  private var position = 0

  init(_ rows: [Int]) { self.rows = rows }

  /// The rows that lie in the next piece, by their position in it.
  mutating func next(in piece: SourcePiece) -> [Int] {
    let start = position
    let end = piece.firstRow + piece.table.rowCount
    // A source of one piece has them all.
    if piece.firstRow == 0, start == 0, let last = rows.last, last < end {
      position = rows.count
      return rows
    }
    while position < rows.count && rows[position] < end { position += 1 }
    return rows[start..<position].map { $0 - piece.firstRow }
  }
}

/// Encodes the rows of one split, piece by piece.
private struct SplitEncoding {
  private let name: SplitName
  private var cursor: RowCursor
  private var features: PieceEncoding
  private let isDense: Bool
  /// The table's columns: most rows have a deviation in each.
  private let columnCount: Int
  private var deviations = DeviationBuffer()
  private let label: LabelCoder
  private let sensitive: [SensitiveCoder]
  private let continuous: [ContinuousCoder]
  private let weights: String?
  private var hasWeight = false
  private(set) var counts: SplitCounts

  init(
    _ name: SplitName, _ rows: [Int], encoder: FeatureEncoder, label: LabelCoder, sensitive: [SensitiveCoder],
    continuous: [ContinuousCoder], weights: String?, head: Table
  ) throws(DataError) {
    self.name = name
    cursor = RowCursor(rows)
    features = try PieceEncoding(encoder, head: head)
    isDense = encoder.baseRow == nil
    columnCount = encoder.columns.count
    self.label = label
    self.sensitive = sensitive
    self.continuous = continuous
    self.weights = weights
    counts = SplitCounts(sensitive)
    if let weights, try head.column(named: weights).cells.type != .numeric {
      throw DataError(
        .badData, at: head.source,
        "column \(Excerpt.quoted(weights)) of row weights is not numeric. Name another column.")
    }
  }

  var warnings: [DataWarning] {
    features.warnings.map { DataWarning(at: $0.place, "\(name.rawValue) split, \($0.message)") }
  }

  mutating func encode(_ piece: SourcePiece, into sink: some PreparedSink) throws(DataError) {
    let rows = cursor.next(in: piece)
    guard !rows.isEmpty else { return }
    let table = piece.table
    let encoded: EncodedRows.Features
    if isDense {
      encoded = .dense(try features.dense(table, rows: rows))
    } else {
      deviations.removeAll()
      deviations.reserve(rows: rows.count, deviations: rows.count * columnCount)
      try features.appendDeviations(of: table, rows: rows, to: &deviations)
      guard deviations.total <= Int(Int32.max) else {
        throw DataError(
          .badData, at: table.source,
          "has more than \(Int32.max) encoded numbers in the \(name.rawValue) split. Use fewer rows.")
      }
      encoded = .deviations(deviations)
    }
    var attributes: [SensitiveColumn] = []
    for coder in sensitive { attributes.append(try coder.attribute(of: table, rows: rows)) }
    let labels = try label.labels(of: table, rows: rows).map { $0 ?? 0 }
    var numbers: [ContinuousColumn] = []
    for coder in continuous { numbers.append(try coder.attribute(of: table, rows: rows)) }
    counts.add(labels: labels, kind: label.kind, sensitive: attributes, continuous: numbers)
    try sink.append(
      EncodedRows(
        features: encoded, labels: labels, codes: attributes.map(\.codes), numbers: numbers.map(\.values),
        weights: try weights(of: table, rows: rows)),
      to: name)
  }

  private mutating func weights(of table: Table, rows: [Int]) throws(DataError) -> [Float]? {
    guard let weights, case .numeric(let values) = try table.column(named: weights).cells else { return nil }
    if let row = rows.first(where: { !(values[$0] >= 0) || !Float(values[$0]).isFinite }) {
      let found = values[row].isNaN ? "missing" : GroupValue.name(values[row])
      throw DataError(
        .badData, at: table.origins.place(ofRow: row),
        "the row weight in column \(Excerpt.quoted(weights)) is \(found). Weights are numbers from 0 to 3e38.")
    }
    hasWeight = hasWeight || rows.contains { values[$0] > 0 }
    return rows.map { Float(values[$0]) }
  }

  /// Refuses weights that are all 0; to be called after the last piece.
  func checkWeights(at source: String) throws(DataError) {
    guard weights == nil || hasWeight else {
      throw DataError(
        .badData, at: source,
        "every row weight of the \(name.rawValue) split is 0. Name another column of weights.")
    }
  }
}
