import OrderedJSON
import TabularData

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reads a file of one JSON object a line, plain or gzipped; a key that a line lacks, or null, is a missing cell.
///
/// Lines that look like the one before are cut into cells as they lie (`JSONLineScanner`).
final class JSONLinesReader: PieceReader {
  private static let longestLine = 1 << 26
  private static let portion = 1 << 18

  private let stream: ByteStream
  private let requests: [ColumnRequest]
  private let indexOf: [String: Int]
  private var builder: PieceBuilder
  private let scanner: JSONLineScanner
  /// The bytes that were read, and zeros as the scanner's padding.
  private var buffer: UnsafeMutableRawBufferPointer
  private var filled = 0
  private var position = 0
  private var isLast = false
  private var line = 0
  private var rowsSoFar = 0
  private var keys: [String] = []
  private var seen: [Bool]

  init(_ path: String, requests: [ColumnRequest], missingMarkers: [String]) throws(DataError) {
    stream = try ByteStream(path)
    buffer = .allocate(byteCount: Self.portion + JSONLineScanner.padding, alignment: 16)
    buffer.initializeMemory(as: UInt8.self, repeating: 0)
    self.requests = requests
    indexOf = Dictionary(requests.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    builder = PieceBuilder(requests, missingMarkers: missingMarkers)
    scanner = JSONLineScanner(for: builder)
    seen = requests.map { _ in false }
  }

  deinit { buffer.deallocate() }

  func values(of column: Int) -> [String] { builder.values(of: column) }

  func next(limit: Int) throws(DataError) -> TablePiece? {
    var rows = 0
    var runs: [RowOrigins.Run] = []
    while rows < limit, let text = try nextLine() {
      if !(try scanner.append(text, to: &builder, place: "\(stream.path):\(line)")) {
        if text.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) { continue }
        let lineKeys = try append(text)
        if rowsSoFar + rows == 0 { keys = lineKeys }
        scanner.learn(lineKeys)
      }
      if let last = runs.last, let first = last.firstLine, line - first == rows - last.firstRow {
      } else {
        runs.append(RowOrigins.Run(firstRow: rows, source: stream.path, firstLine: line))
      }
      rows += 1
    }
    rowsSoFar += rows
    guard rows > 0 else {
      if rowsSoFar == 0 { throw DataError(.badData, at: stream.path, "has no rows. Name a file with rows.") }
      return nil
    }
    // A key that the first piece never shows is misspelt rather than missing in every row.
    if let column = seen.firstIndex(of: false), rows == rowsSoFar {
      throw PieceReading.noColumn(requests[column], among: keys, at: stream.path)
    }
    return builder.take(rows: rows, origins: RowOrigins(runs: runs))
  }

  /// Adds the row of a line of any kind; returns its keys.
  private func append(_ text: UnsafeRawBufferPointer) throws(DataError) -> [String] {
    let place = "\(stream.path):\(line)"
    let value: JSON
    do {
      value = try JSONReader.read(Array(text), source: stream.path).value
    } catch {
      throw DataError(.badData, at: place, error.message)
    }
    guard let members = value.members else {
      throw DataError(.badData, at: place, "should hold one JSON object, such as {\"label\": 1, \"score\": 0.7}.")
    }
    var present = requests.map { _ in false }
    for member in members {
      guard let column = indexOf[member.key] else { continue }
      present[column] = true
      seen[column] = true
      try append(member.value, column: column, place: place)
    }
    for column in requests.indices where !present[column] { builder.appendMissing(column: column) }
    return members.map(\.key)
  }

  private func append(_ value: JSON, column: Int, place: String) throws(DataError) {
    switch value {
    case .null: builder.appendMissing(column: column)
    case .string(let text): try builder.append(text, column: column, place: place)
    case .number(let number):
      try builder.append(number.double, text: number.text, column: column, place: place)
    case .bool(let bool):
      try builder.append(bool ? 1 : 0, text: bool ? "true" : "false", column: column, place: place)
    case .array, .object:
      throw DataError(
        .badData, at: place,
        "the key '\(requests[column].name)' should hold a number or a text. Join the values of a list with '|'.")
    }
  }

  /// The bytes of the next line, without its end, up to the next call; nil at the end of the file.
  private func nextLine() throws(DataError) -> UnsafeRawBufferPointer? {
    var searched = position
    while true {
      if let base = buffer.baseAddress, let end = memchr(base + searched, 0x0a, filled - searched) {
        let start = position
        position = UnsafeRawPointer(end) - UnsafeRawPointer(base) + 1
        line += 1
        return UnsafeRawBufferPointer(rebasing: buffer[start..<position - 1])
      }
      if isLast {
        guard position < filled else { return nil }
        defer { position = filled }
        line += 1
        return UnsafeRawBufferPointer(rebasing: buffer[position..<filled])
      }
      guard filled - position <= Self.longestLine else {
        throw DataError(
          .badData, at: "\(stream.path):\(line + 1)", "has a line of more than 64 MiB. Is it a JSON Lines file?")
      }
      searched = filled - position
      try refill()
    }
  }

  /// Moves the unread bytes to the front and reads more behind them.
  private func refill() throws(DataError) {
    let rest = filled - position
    let needed = rest + Self.portion + JSONLineScanner.padding
    let unread = UnsafeRawBufferPointer(rebasing: buffer[position..<filled])
    if needed > buffer.count {
      let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * needed, alignment: 16)
      larger.copyMemory(from: unread)
      buffer.deallocate()
      buffer = larger
    } else {
      buffer.copyMemory(from: unread)
    }
    position = 0
    let got = try stream.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[rest..<rest + Self.portion]))
    isLast = got < Self.portion
    filled = rest + got
    for place in filled..<filled + JSONLineScanner.padding { buffer[place] = 0 }
  }
}
