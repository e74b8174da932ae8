import FairnessMetrics
import TabularData
import Wording

/// Rows of predictions, ready to be counted.
struct EvaluationRows {
  /// The number of rows.
  var count = 0

  /// The labels: one list for all models, or one for each class.
  var labels: [[Bool]] = []

  /// The true numbers of a regression; otherwise empty.
  var targets: [Double] = []

  /// The scores of each model, in 0...1; of a regression the predicted numbers.
  var scores: [[Double]] = []

  /// The weights; nil for 1 each.
  var weights: [Double]?

  /// The codes of each column to slice by.
  var codes: [[Int32]] = []

  /// Appends rows of the same columns.
  mutating func append(_ other: EvaluationRows) {
    guard count > 0 else {
      self = other
      return
    }
    count += other.count
    for index in labels.indices { labels[index] += other.labels[index] }
    targets += other.targets
    for index in scores.indices { scores[index] += other.scores[index] }
    if let more = other.weights { weights?.append(contentsOf: more) }
    for index in codes.indices { codes[index] += other.codes[index] }
  }
}

/// Where the rows of an evaluation come from.
enum RowSource {
  /// A file; scores of its rows that are not in it may take the place of a column.
  case file(path: String, format: PredictionsFormat, csv: CSVFormat, supplied: SuppliedColumn?)
  /// Columns in memory.
  case columns([EvaluationColumn], name: String)

  /// What messages and reports name.
  var name: String {
    switch self {
    case .file(let path, _, _, _): path
    case .columns(_, let name): name
    }
  }

  /// A reader of the columns that are asked for.
  func reader(_ requests: [ColumnRequest], missingMarkers: [String]) throws(DataError) -> any PieceReader {
    switch self {
    case .columns(let columns, let name): return try ColumnReader(columns, requests: requests, source: name)
    case .file(let path, let format, let csv, let supplied):
      let place = supplied.flatMap { column in requests.firstIndex { $0.name == column.name } }
      var fromFile = requests
      if let place { fromFile.remove(at: place) }
      let file = try format.reader(path, requests: fromFile, missingMarkers: missingMarkers, csv: csv)
      return if let supplied, let place { SupplyingReader(file, supplied, place: place) } else { file }
    }
  }
}

/// Reads predictions into rows, a piece at a time.
struct EvaluationRowReader {
  /// The largest weight: the square of a sum of 10¹² such ones can still be told from another.
  private static let largestWeight = 1e15

  private let specification: EvaluationSpecification
  private let reader: any PieceReader
  private let path: String
  private let requests: [ColumnRequest]
  private var labelCells: [BinaryCells]
  private var decisionCells: [BinaryCells]

  /// How each column to slice by is made.
  private(set) var coders: [GroupCoder]

  init(_ source: RowSource, _ specification: EvaluationSpecification) throws(DataError) {
    self.specification = specification
    path = source.name
    var requests: [ColumnRequest] = []
    let labelKind: ColumnRequest.Kind = specification.isRegression ? .number : .category
    requests.append(ColumnRequest(specification.label, labelKind))
    let predictionKind: ColumnRequest.Kind =
      specification.hasScores || specification.isRegression ? .number : .category
    requests += specification.predictionColumns.map { ColumnRequest($0, predictionKind) }
    if let weights = specification.weights { requests.append(ColumnRequest(weights, .number)) }
    coders = specification.groups.map { source in
      let kind: ColumnRequest.Kind =
        switch source.making {
        case .values, .multiValued: .category
        case .bins, .soft: .number
        }
      let first = requests.count
      requests += source.dataColumns.map { ColumnRequest($0, kind) }
      return GroupCoder(source, columns: Array(first..<requests.count))
    }
    let remedy = "Name the positive label with --positive."
    switch specification.predictions {
    case .classScores(let classes):
      labelCells = classes.map { BinaryCells(column: specification.label, positive: [$0.name], remedy: "") }
      decisionCells = []
    case .classNames(let column, let classes):
      labelCells = classes.map { BinaryCells(column: specification.label, positive: [$0], remedy: "") }
      decisionCells = classes.map { BinaryCells(column: column, positive: [$0], remedy: "") }
    case .decisions(let columns):
      labelCells = [BinaryCells(column: specification.label, positive: specification.positive, remedy: remedy)]
      decisionCells = columns.map {
        BinaryCells(column: $0, positive: specification.positive, remedy: "Write decisions as 0 and 1.")
      }
    case .scores, .numbers:
      labelCells = [BinaryCells(column: specification.label, positive: specification.positive, remedy: remedy)]
      decisionCells = []
    }
    self.requests = requests
    reader = try source.reader(requests, missingMarkers: specification.missingMarkers)
  }

  /// The next rows; nil at the end.
  mutating func next(limit: Int) throws -> EvaluationRows? {
    guard let piece = try reader.next(limit: limit) else { return nil }
    var rows = EvaluationRows(count: piece.rows)
    if specification.isRegression {
      rows.targets = try numbers(piece, 0, "the true number")
    } else {
      for index in labelCells.indices {
        rows.labels.append(
          try labelCells[index].read(codes(piece, 0), values: reader.values(of: 0), piece.origins))
      }
    }
    switch specification.predictions {
    case .scores(let columns):
      for index in columns.indices { rows.scores.append(try scores(piece, 1 + index)) }
    case .classScores(let classes):
      for index in classes.indices { rows.scores.append(try scores(piece, 1 + index)) }
    case .numbers(let columns):
      for index in columns.indices { rows.scores.append(try numbers(piece, 1 + index, "the predicted number")) }
    case .decisions, .classNames:
      for index in decisionCells.indices {
        let column: Int = if case .classNames = specification.predictions { 1 } else { 1 + index }
        let decisions = try decisionCells[index].read(
          codes(piece, column), values: reader.values(of: column), piece.origins)
        rows.scores.append(decisions.map { $0 ? 1 : 0 })
      }
    }
    if let weights = specification.weights, let column = requests.firstIndex(where: { $0.name == weights }) {
      let values = try numbers(piece, column, "the weight")
      if let row = values.firstIndex(where: { $0 < 0 }) {
        throw DataError(
          .badData, at: piece.origins.place(ofRow: row),
          "the weight \(values[row]) is negative. Weights are at least 0.")
      }
      if let row = values.firstIndex(where: { $0 > Self.largestWeight }) {
        throw DataError(
          .badData, at: piece.origins.place(ofRow: row),
          "the weight \(values[row]) is larger than \(Self.largestWeight), more than sums of weights can hold. Divide all "
            + "weights by the same number.")
      }
      rows.weights = values
    }
    for index in coders.indices { rows.codes.append(coders[index].codes(piece, reader)) }
    return rows
  }

  /// What can be said only after the last row: columns of groups without a value, positive labels that never came.
  func finish() throws {
    if let empty = coders.first(where: { !$0.hasValues }) {
      throw DataError(
        .badData, at: path,
        "column '\(empty.name)' is missing in every row, so that it makes no groups. Leave it out, or mend the data.")
    }
    let values = reader.values(of: 0)
    for cells in labelCells {
      for wanted in cells.positive ?? [] where !cells.found.contains(wanted) {
        let remedy =
          NearestName.find(wanted, among: values).map { "Did you mean \(Excerpt.quoted($0))?" }
          ?? "Its values are \(Excerpt.list(values))."
        throw DataError(
          .badData, at: path, "the label '\(cells.column)' is never \(Excerpt.quoted(wanted)). \(remedy)")
      }
    }
  }

  private func codes(_ piece: TablePiece, _ column: Int) -> [Int32] {
    if case .codes(let codes) = piece.columns[column] { codes } else { [] }
  }

  private func numbers(_ piece: TablePiece, _ column: Int, _ what: String) throws(DataError) -> [Double] {
    guard case .numbers(let values) = piece.columns[column] else { return [] }
    if let row = values.firstIndex(where: \.isNaN) {
      throw DataError(
        .badData, at: piece.origins.place(ofRow: row),
        "column '\(requests[column].name)', \(what), is missing. Leave out the rows without it.")
    }
    return values
  }

  /// Scores, brought to 0...1.
  private func scores(_ piece: TablePiece, _ column: Int) throws(DataError) -> [Double] {
    let values = try numbers(piece, column, "the score")
    let (low, high): (Double, Double)
    switch specification.scale {
    case .probabilities: (low, high) = (0, 1)
    case .range(let from, let to): (low, high) = (from, to)
    case .logits: return values.map(ScoreMapping.probability)
    }
    if let row = values.firstIndex(where: { !($0 >= low && $0 <= high) }) {
      let place = piece.origins.place(ofRow: row)
      let found = "column '\(requests[column].name)' holds the score \(values[row])"
      if specification.scale == .probabilities {
        throw DataError(
          .badData, at: place,
          "\(found), outside 0...1. Say --logits where scores are log odds, or give their --score-range.")
      }
      throw DataError(.badData, at: place, "\(found), outside the --score-range \(low)...\(high). Widen the range.")
    }
    guard specification.scale != .probabilities else { return values }
    return values.map { ScoreMapping.position($0, in: low, high) }
  }
}
