import OrderedJSON
import TabularData

/// Reads a file of one JSON object a line, plain or gzipped; a key that a line lacks, or null, is a missing cell.
final class JSONLinesReader: PieceReader {
  private static let longestLine = 1 << 26

  private let stream: ByteStream
  private let requests: [ColumnRequest]
  private let indexOf: [String: Int]
  private var builder: PieceBuilder
  private var buffer: [UInt8] = []
  private var position = 0
  private var isLast = false
  private var line = 0
  private var rowsSoFar = 0
  private var keys: [String] = []
  private var seen: [Bool]

  init(_ path: String, requests: [ColumnRequest], missingMarkers: [String]) throws(DataError) {
    stream = try ByteStream(path)
    self.requests = requests
    indexOf = Dictionary(requests.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    builder = PieceBuilder(requests, missingMarkers: missingMarkers)
    seen = requests.map { _ in false }
  }

  func values(of column: Int) -> [String] { builder.values(of: column) }

  func next(limit: Int) throws(DataError) -> TablePiece? {
    var rows = 0
    var runs: [RowOrigins.Run] = []
    while rows < limit, let text = try nextLine() {
      if text.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) { continue }
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
      if rowsSoFar + rows == 0 { keys = members.map(\.key) }
      var present = requests.map { _ in false }
      for member in members {
        guard let column = indexOf[member.key] else { continue }
        present[column] = true
        seen[column] = true
        try append(member.value, column: column, place: place)
      }
      for column in requests.indices where !present[column] { builder.appendMissing(column: column) }
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

  /// The bytes of the next line, without its end; nil at the end of the file.
  private func nextLine() throws(DataError) -> ArraySlice<UInt8>? {
    var searched = position
    while true {
      if let end = buffer[searched...].firstIndex(of: 0x0a) {
        defer { position = end + 1 }
        line += 1
        return buffer[position..<end]
      }
      searched = buffer.count
      if isLast {
        guard position < buffer.count else { return nil }
        defer { position = buffer.count }
        line += 1
        return buffer[position...]
      }
      guard buffer.count - position <= Self.longestLine else {
        throw DataError(
          .badData, at: "\(stream.path):\(line + 1)", "has a line of more than 64 MiB. Is it a JSON Lines file?")
      }
      searched -= position
      buffer.removeSubrange(..<position)
      position = 0
      let old = buffer.count
      buffer.append(contentsOf: repeatElement(0, count: 1 << 18))
      var failure: DataError?
      let got = buffer.withUnsafeMutableBytes { bytes -> Int in
        do throws(DataError) {
          return try stream.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[old...]))
        } catch {
          failure = error
          return 0
        }
      }
      if let failure { throw failure }
      isLast = got < 1 << 18
      buffer.removeLast((1 << 18) - got)
    }
  }
}
