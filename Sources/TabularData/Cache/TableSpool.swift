#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A source that is gone through once, and after that read from a temporary file of its typed cells: reading and
/// simulating cost more than that file does.
final class TableSpool: TableSource {
  /// How the cells of a column stand in the file.
  private enum Width {
    /// Categories: code + 1 in one byte, or the code in four.
    case byte, code
    /// Numbers: whole ones in four bytes (the smallest stands for a missing one), or any in eight.
    case whole, number

    var bytes: Int {
      switch self {
      case .byte: 1
      case .code, .whole: 4
      case .number: 8
      }
    }
  }

  private struct Column {
    var name: String
    var width: Width
    var offset: Int
    /// The number of categories that the piece knows.
    var categoryCount: Int
  }

  private struct Piece {
    var firstRow: Int
    var rowCount: Int
    var parts: [(split: SplitName, rows: Range<Int>)]
    var share: Double
    var origins: RowOrigins
    var columns: [Column]
  }

  let head: Table
  private let source: any TableSource
  private let columns: Set<String>
  private let path: String
  private let place: String
  private var pieces: [Piece] = []
  private var categories: [String: [String]] = [:]
  private var size = 0
  private var isComplete = false

  /// - Parameters:
  ///   - columns: The columns that are wanted of the source.
  ///   - path: Where the temporary file is made; it is gone when this object is.
  ///   - place: The folder of the cache, as messages name it.
  init(_ source: any TableSource, columns: Set<String>, path: String, place: String) {
    self.source = source
    self.columns = columns
    self.path = path
    self.place = place
    head = source.head
  }

  deinit { unlink(path) }

  func forEachPiece(
    columns wanted: Set<String>?, _ body: (SourcePiece) throws(DataError) -> Void
  ) throws(DataError) {
    guard isComplete else { return try fill(body) }
    guard let file = MappedFile(path, size: size) else {
      throw DataError(.inputOutput, at: place, "has lost a temporary file while it was being used. Run it again.")
    }
    for piece in pieces {
      let used = piece.columns.filter { wanted?.contains($0.name) ?? true }
      let columns = used.map { Table.Column(name: $0.name, cells: cells($0, piece.rowCount, file)) }
      try body(
        SourcePiece(
          Table(columns: columns, source: head.source, origins: piece.origins), firstRow: piece.firstRow,
          parts: piece.parts, share: piece.share))
      for column in used {
        file.release(column.offset..<column.offset + piece.rowCount * column.width.bytes)
      }
    }
  }

  private func fill(_ body: (SourcePiece) throws(DataError) -> Void) throws(DataError) {
    let writer = try SectionWriter(path, place: place)
    pieces = []
    size = 0
    try source.forEachPiece(columns: columns) { piece throws(DataError) in
      var spooled: [Column] = []
      for column in piece.table.columns where columns.contains(column.name) {
        let (width, count) = try write(column, to: writer)
        spooled.append(Column(name: column.name, width: width, offset: size, categoryCount: count))
        size += piece.table.rowCount * width.bytes
      }
      pieces.append(
        Piece(
          firstRow: piece.firstRow, rowCount: piece.table.rowCount, parts: piece.parts, share: piece.share,
          origins: piece.table.origins, columns: spooled))
      try body(piece)
    }
    _ = try writer.finish()
    isComplete = true
  }

  /// Writes a column in the fewest bytes a cell that hold all of it.
  private func write(
    _ column: Table.Column, to writer: SectionWriter
  ) throws(DataError) -> (width: Width, categoryCount: Int) {
    switch column.cells {
    case .categorical(let codes, let names):
      if names.count > categories[column.name]?.count ?? -1 { categories[column.name] = names }
      if names.count < 255 {
        try writer.append(codes.map { UInt8(truncatingIfNeeded: $0 + 1) })
        return (.byte, names.count)
      }
      try writer.append(codes)
      return (.code, names.count)
    case .numeric(let values):
      if values.allSatisfy(Self.isWhole) {
        try writer.append(values.map { $0.isNaN ? Int32.min : Int32($0) })
        return (.whole, 0)
      }
      try writer.append(values)
      return (.number, 0)
    }
  }

  /// Whether a number comes back from four bytes with all its bits; −0 does not.
  private static func isWhole(_ value: Double) -> Bool {
    value.isNaN || (abs(value) < 0x1p31 && value == value.rounded(.towardZero) && !(value == 0 && value.sign == .minus))
  }

  private func cells(_ column: Column, _ rows: Int, _ file: MappedFile) -> Table.Cells {
    let bytes = UnsafeRawBufferPointer(start: file.address.map { $0 + column.offset }, count: rows * column.width.bytes)
    func numbers<Number: BitwiseCopyable, Cell>(_: Number.Type, _ cell: (Number) -> Cell) -> [Cell] {
      (0..<rows).map { row in
        cell(bytes.loadUnaligned(fromByteOffset: row * MemoryLayout<Number>.size, as: Number.self))
      }
    }
    func names() -> [String] {
      let all = categories[column.name] ?? []
      return all.count == column.categoryCount ? all : Array(all.prefix(column.categoryCount))
    }
    switch column.width {
    case .byte: return .categorical(codes: numbers(UInt8.self) { Int32($0) - 1 }, categories: names())
    case .code: return .categorical(codes: numbers(Int32.self) { $0 }, categories: names())
    case .whole: return .numeric(numbers(Int32.self) { $0 == .min ? .nan : Double($0) })
    case .number: return .numeric(numbers(Double.self) { $0 })
    }
  }
}
