import Checksums
import TabularData

/// Reads a TFRecord file of `tf.Example`, plain or gzipped.
///
/// A record is its length (8 bytes), that length's masked CRC-32C (4), the data, and theirs (4), little-endian. Both
/// check sums are checked. A feature of bytes is a text, of floats or integers a number; several bytes values make a
/// multi-valued cell, joined by `|`; a feature that is missing or empty is a missing cell.
final class TFRecordReader: PieceReader {
  private static let longestRecord = 1 << 28

  private let stream: ByteStream
  private let requests: [ColumnRequest]
  private var builder: PieceBuilder
  private var rowsSoFar = 0
  private var seen: [Bool]
  private var names: [String] = []
  private var data: [UInt8] = []

  init(_ path: String, requests: [ColumnRequest], missingMarkers: [String]) throws(DataError) {
    stream = try ByteStream(path)
    self.requests = requests
    builder = PieceBuilder(requests, missingMarkers: missingMarkers)
    seen = requests.map { _ in false }
  }

  func values(of column: Int) -> [String] { builder.values(of: column) }

  func next(limit: Int) throws(DataError) -> TablePiece? {
    var rows = 0
    while rows < limit, try readRecord(rowsSoFar + rows + 1) {
      let place = place(rowsSoFar + rows + 1)
      let features: [String: TFFeature]
      do {
        features = try TFExample(data[...]).features
      } catch {
        throw DataError(.badData, at: place, "is no tf.Example. Write the records as serialised tf.train.Example.")
      }
      if rowsSoFar + rows == 0 { names = features.keys.sorted() }
      for (column, request) in requests.enumerated() {
        if let feature = features[request.name] {
          seen[column] = true
          try append(feature, column: column, place: place)
        } else {
          builder.appendMissing(column: column)
        }
      }
      rows += 1
    }
    rowsSoFar += rows
    guard rows > 0 else {
      if rowsSoFar == 0 { throw DataError(.badData, at: stream.path, "has no records. Name a file with records.") }
      return nil
    }
    if let column = seen.firstIndex(of: false), rows == rowsSoFar {
      throw PieceReading.noColumn(requests[column], among: names, at: stream.path)
    }
    // Counted from the first record of the file: the piece begins after `rowsSoFar − rows` of them.
    let run = RowOrigins.Run(firstRow: rows - rowsSoFar, source: stream.path, firstLine: nil)
    return builder.take(rows: rows, origins: RowOrigins(runs: [run]))
  }

  private func place(_ record: Int) -> String { "\(stream.path), record \(record)" }

  private func append(_ feature: TFFeature, column: Int, place: String) throws(DataError) {
    func single<Value>(_ values: [Value]) throws(DataError) -> Value? {
      guard values.count <= 1 else {
        throw DataError(
          .badData, at: place,
          "the feature '\(requests[column].name)' has \(values.count) numbers, where one is wanted.")
      }
      return values.first
    }
    switch feature {
    case .none: builder.appendMissing(column: column)
    case .bytes(let values):
      if values.isEmpty { return builder.appendMissing(column: column) }
      var texts: [String] = []
      for bytes in values {
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw DataError(
            .badData, at: place, "the feature '\(requests[column].name)' holds bytes that are not UTF-8 text.")
        }
        texts.append(text)
      }
      try builder.append(texts.joined(separator: "|"), column: column, place: place)
    case .floats(let values):
      guard let value = try single(values) else { return builder.appendMissing(column: column) }
      let text = value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
      try builder.append(Double(value), text: text, column: column, place: place)
    case .integers(let values):
      guard let value = try single(values) else { return builder.appendMissing(column: column) }
      try builder.append(Double(value), text: "\(value)", column: column, place: place)
    }
  }

  /// Reads the next record into `data`; false at the end of the file.
  private func readRecord(_ number: Int) throws(DataError) -> Bool {
    var head = [UInt8](repeating: 0, count: 12)
    let got = try read(into: &head, count: 12)
    if got == 0 { return false }
    guard got == 12 else { throw cutOff(number) }
    let length = head.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    let isIntact = head.withUnsafeBytes { bytes in
      CRC32C.masked(UnsafeRawBufferPointer(rebasing: bytes[..<8]))
        == UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
    }
    guard isIntact else {
      throw DataError(
        .badData, at: place(number),
        "the check sum of its length is wrong. The file is damaged, or is no TFRecord file: fetch it again.")
    }
    guard length <= UInt64(Self.longestRecord) else {
      throw DataError(.badData, at: place(number), "has \(length) bytes, more than 256 MiB. Write smaller records.")
    }
    let count = Int(length)
    guard try read(into: &data, count: count + 4) == count + 4 else { throw cutOff(number) }
    let dataIsIntact = data.withUnsafeBytes { bytes in
      CRC32C.masked(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        == UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: count, as: UInt32.self))
    }
    guard dataIsIntact else {
      throw DataError(
        .badData, at: place(number), "the check sum of its data is wrong. The file is damaged: fetch it again.")
    }
    data.removeLast(4)
    return true
  }

  private func cutOff(_ number: Int) -> DataError {
    DataError(.badData, at: place(number), "is cut off: the file ends inside it. Fetch it again.")
  }

  private func read(into bytes: inout [UInt8], count: Int) throws(DataError) -> Int {
    if bytes.count < count { bytes.append(contentsOf: repeatElement(0, count: count - bytes.count)) }
    bytes.removeLast(bytes.count - count)
    var failure: DataError?
    let got = bytes.withUnsafeMutableBytes { bytes -> Int in
      do throws(DataError) {
        return try stream.read(into: bytes)
      } catch {
        failure = error
        return 0
      }
    }
    if let failure { throw failure }
    return got
  }
}
