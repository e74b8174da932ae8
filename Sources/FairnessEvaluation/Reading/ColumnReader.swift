import OrderedJSON
import TabularData
import Wording

/// A column of rows in memory, in the place of one in a file.
public struct EvaluationColumn: Sendable {
  /// The cells, top to bottom.
  public enum Cells: Sendable {
    /// Numbers; a missing cell is NaN.
    case numbers([Double])
    /// Codes into a list of values; a missing cell is −1.
    case categories(codes: [Int32], values: [String])

    /// The number of cells.
    public var count: Int {
      switch self {
      case .numbers(let values): values.count
      case .categories(let codes, _): codes.count
      }
    }
  }

  /// The name under which the evaluation asks for it.
  public var name: String

  /// The cells.
  public var cells: Cells

  public init(_ name: String, _ cells: Cells) {
    self.name = name
    self.cells = cells
  }

  /// A column of yes and no, written as 1 and 0, such as a label.
  public init(_ name: String, flags: [Bool]) {
    self.init(name, .categories(codes: flags.map { $0 ? 1 : 0 }, values: ["0", "1"]))
  }
}

/// Gives columns in memory in pieces, as readers give the rows of a file.
final class ColumnReader: PieceReader {
  private let columns: [EvaluationColumn]
  private let count: Int
  private let source: String
  private var row = 0

  /// - Parameters:
  ///   - columns: Columns of equal length; those that are not asked for are passed over.
  ///   - source: What messages name as the place.
  /// - Throws: `DataError` where a column is missing, or holds texts where numbers are wanted.
  init(_ columns: [EvaluationColumn], requests: [ColumnRequest], source: String) throws(DataError) {
    let count = columns.first?.cells.count ?? 0
    precondition(
      columns.allSatisfy { $0.cells.count == count }, "ColumnReader: columns of different length in \(source)")
    self.count = count
    self.source = source
    var wanted: [EvaluationColumn] = []
    for request in requests {
      guard let column = columns.first(where: { $0.name == request.name }) else {
        throw PieceReading.noColumn(request, among: columns.map(\.name), at: source)
      }
      wanted.append(try Self.column(column, as: request.kind, source))
    }
    self.columns = wanted
  }

  func next(limit: Int) throws(DataError) -> TablePiece? {
    guard row < count else { return nil }
    let rows = row..<min(count, row + limit)
    let origins = RowOrigins(runs: [.init(firstRow: -row, source: source, firstLine: nil)])
    row = rows.upperBound
    return TablePiece(
      rows: rows.count,
      columns: columns.map { column in
        switch column.cells {
        case .numbers(let values): .numbers(Array(values[rows]))
        case .categories(let codes, _): .codes(Array(codes[rows]))
        }
      }, origins: origins)
  }

  func values(of column: Int) -> [String] {
    if case .categories(_, let values) = columns[column].cells { values } else { [] }
  }

  /// A column with cells of the kind that is wanted.
  private static func column(
    _ column: EvaluationColumn, as kind: ColumnRequest.Kind, _ source: String
  ) throws(DataError) -> EvaluationColumn {
    switch (column.cells, kind) {
    case (.numbers, .number), (.categories, .category): return column
    case (.numbers(let numbers), .category):
      var codeOf: [Double: Int32] = [:]
      for number in Set(numbers).sorted() where !number.isNaN { codeOf[number] = Int32(codeOf.count) }
      guard codeOf.count <= PieceReading.largestGroupCount else {
        throw DataError(
          .badData, at: source,
          "column '\(column.name)' has \(codeOf.count) different numbers, too many for groups. Cut it into bins.")
      }
      let values = codeOf.sorted { $0.value < $1.value }.map { JSONNumber($0.key).text }
      return EvaluationColumn(
        column.name, .categories(codes: numbers.map { codeOf[$0] ?? -1 }, values: values))
    case (.categories(let codes, let values), .number):
      var numbers: [Double] = []
      for value in values {
        guard let number = number(value) else {
          throw PieceReading.notNumber(Excerpt.quoted(value), column: column.name, at: source)
        }
        numbers.append(number)
      }
      return EvaluationColumn(column.name, .numbers(codes.map { $0 < 0 ? .nan : numbers[Int($0)] }))
    }
  }

  private static func number(_ text: String) -> Double? {
    var text = text
    guard case .number(let value) = text.withUTF8({ DecimalNumber.read(UnsafeRawBufferPointer($0)) }) else {
      return nil
    }
    return value
  }
}
