#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Cuts the bytes of a CSV file into cells, eight bytes at a time.
struct CSVScanner {
  /// What stands after a cell.
  enum End { case separator, row, file }

  let path: String
  let file: UnsafeRawPointer
  let end: Int
  private let separator: UInt8
  private let separators: UInt64
  private let tabIsBlank: Bool
  private let trimsBlanks: Bool
  private let comment: [UInt8]

  /// The next byte to look at.
  private(set) var position: Int

  /// The 1-based line that `position` is in.
  private(set) var line = 1

  /// Cells that had a doubled quotation mark, with it made single.
  private(set) var unescaped: UnsafeMutablePointer<UInt8>?
  private var unescapedCount = 0
  private var unescapedCapacity = 0

  init(_ bytes: UnsafeRawBufferPointer, format: CSVFormat, path: String) throws(DataError) {
    guard let separator = format.separator.utf8.first, format.separator.utf8.count == 1, separator < 0x80,
      separator != UInt8(ascii: "\""), separator != UInt8(ascii: "\n"), separator != UInt8(ascii: "\r")
    else {
      throw DataError(
        .badData, at: path, "cannot be cut at the separator '\(format.separator)'. Use one ASCII character.")
    }
    guard let base = bytes.baseAddress, !bytes.isEmpty else {
      throw DataError(.badData, at: path, "is empty. Name a file with a header line and rows.")
    }
    if bytes.starts(with: [0x50, 0x4b, 0x03, 0x04]) {
      throw DataError(.badData, at: path, "is a zip archive. Unpack it first.")
    }
    if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) {
      throw DataError(.badData, at: path, "is in UTF-16. Save it as UTF-8.")
    }
    self.path = path
    file = base
    end = bytes.count
    self.separator = separator
    separators = UInt64(separator) &* 0x0101_0101_0101_0101
    tabIsBlank = separator != UInt8(ascii: "\t")
    trimsBlanks = format.trimsBlanks && separator != UInt8(ascii: " ")
    comment = Array((format.comment ?? "").utf8)
    position = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
  }

  var bytes: CellBytes { CellBytes(file: file, unescaped: UnsafeRawPointer(unescaped)) }

  /// Moves to the first byte of the next row, over comments and lines without a cell; false at the end of the file.
  @inline(__always)
  mutating func nextRow() -> Bool {
    guard position < end else { return false }
    let first = byte(position)
    // Only these can begin a line that is no row.
    if first > UInt8(ascii: " ") && first != comment.first { return true }
    return skipToRow()
  }

  @inline(never)
  private mutating func skipToRow() -> Bool {
    while position < end {
      if !comment.isEmpty && hasComment(at: position) {
        guard let newline = find(UInt8(ascii: "\n"), from: position) else { return finish() }
        position = newline + 1
      } else {
        var probe = position
        while probe < end && (isBlank(byte(probe)) || byte(probe) == UInt8(ascii: "\r")) { probe += 1 }
        if probe == end { return finish() }
        guard byte(probe) == UInt8(ascii: "\n") else { return true }
        position = probe + 1
      }
      line += 1
    }
    return false
  }

  private mutating func finish() -> Bool {
    position = end
    return false
  }

  /// Reads a cell, and moves behind what ends it.
  ///
  /// `key` is the cell as a little-endian word where it has at most eight bytes, otherwise a hash of its bytes.
  @inline(__always)
  mutating func nextCell() throws(DataError) -> (cell: CellReference, key: UInt64, end: End) {
    if trimsBlanks {
      while position < end && isBlank(byte(position)) { position += 1 }
    }
    if position < end && byte(position) == UInt8(ascii: "\"") { return try quotedCell() }
    let start = position
    let first = word(at: start)
    var hits = delimiters(in: first)
    var stop = start
    if hits != 0 {
      stop += hits.trailingZeroBitCount >> 3
    } else {
      stop += 8
      while stop < end {
        hits = delimiters(in: word(at: stop))
        if hits != 0 {
          stop += hits.trailingZeroBitCount >> 3
          break
        }
        stop += 8
      }
    }
    let ending: End
    var length = stop - start
    if stop >= end {
      length = end - start
      position = end
      ending = .file
      line += 1
    } else if byte(stop) == separator {
      position = stop + 1
      ending = .separator
    } else {
      position = stop + 1
      ending = .row
      line += 1
    }
    if ending != .separator && length > 0 && byte(start + length - 1) == UInt8(ascii: "\r") { length -= 1 }
    if trimsBlanks {
      while length > 0 && isBlank(byte(start + length - 1)) { length -= 1 }
    }
    guard length <= CellReference.maximumLength else { throw tooLong(line: ending == .separator ? line : line - 1) }
    let key = length <= 8 ? first & mask(length) : hash(start, length)
    return (CellReference(offset: start, length: length, isUnescaped: false), key, ending)
  }

  /// Reads a cell that begins with a quotation mark (RFC 4180, section 2.5–2.7).
  @inline(never)
  private mutating func quotedCell() throws(DataError) -> (cell: CellReference, key: UInt64, end: End) {
    let openingLine = line
    let start = position + 1
    var pieces = start
    var unescapedStart: Int?
    var close = start
    while true {
      guard let quote = find(UInt8(ascii: "\""), from: close) else {
        throw DataError(
          .badData, at: "\(path):\(openingLine)", "has a quotation mark that is never closed. Close it, or double it.")
      }
      guard quote + 1 < end && byte(quote + 1) == UInt8(ascii: "\"") else {
        close = quote
        break
      }
      if unescapedStart == nil { unescapedStart = unescapedCount }
      keep(from: pieces, to: quote + 1)
      close = quote + 2
      pieces = close
    }
    for index in start..<close where byte(index) == UInt8(ascii: "\n") { line += 1 }
    var offset = start
    var length = close - start
    if let unescapedStart {
      keep(from: pieces, to: close)
      offset = unescapedStart
      length = unescapedCount - unescapedStart
    }
    guard length <= CellReference.maximumLength else { throw tooLong(line: openingLine) }
    let cell = CellReference(offset: offset, length: length, isUnescaped: unescapedStart != nil)
    let key = key(of: UnsafeRawBufferPointer(start: bytes.pointer(cell), count: length))
    position = close + 1
    while position < end && isBlank(byte(position)) { position += 1 }
    if position < end && byte(position) == UInt8(ascii: "\r") { position += 1 }
    guard position < end else {
      line += 1
      return (cell, key, .file)
    }
    let next = byte(position)
    position += 1
    if next == separator { return (cell, key, .separator) }
    guard next == UInt8(ascii: "\n") else {
      throw DataError(
        .badData, at: "\(path):\(line)",
        "has text after a closing quotation mark. Double quotation marks that belong to a quoted cell.")
    }
    line += 1
    return (cell, key, .row)
  }

  func deallocate() { unescaped?.deallocate() }

  // MARK: - Bytes

  @inline(__always)
  private func byte(_ index: Int) -> UInt8 { file.load(fromByteOffset: index, as: UInt8.self) }

  @inline(__always)
  private func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (byte == UInt8(ascii: "\t") && tabIsBlank)
  }

  /// Eight bytes as a little-endian word; those behind the end of the file count as zero.
  @inline(__always)
  private func word(at index: Int) -> UInt64 {
    if index + 8 <= end {
      return UInt64(littleEndian: file.loadUnaligned(fromByteOffset: index, as: UInt64.self))
    }
    var word: UInt64 = 0
    for offset in 0..<max(0, end - index) { word |= UInt64(byte(index + offset)) << UInt64(8 * offset) }
    return word
  }

  /// A bit at the top of each byte that is the separator or a line feed. Bits above the lowest may be false (a
  /// borrow), the lowest never is.
  @inline(__always)
  private func delimiters(in word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let tops: UInt64 = 0x8080_8080_8080_8080
    let x = word ^ separators
    let y = word ^ (0x0a &* ones)
    return ((x &- ones) & ~x | (y &- ones) & ~y) & tops
  }

  @inline(__always)
  private func mask(_ length: Int) -> UInt64 {
    length == 8 ? .max : (1 << UInt64(truncatingIfNeeded: 8 &* length)) &- 1
  }

  @inline(__always)
  private func hash(_ start: Int, _ length: Int) -> UInt64 {
    var hash = UInt64(truncatingIfNeeded: length)
    var index = 0
    while index < length {
      let chunk = word(at: start + index) & mask(min(8, length - index))
      hash = (hash ^ chunk) &* 0xff51_afd7_ed55_8ccd
      hash ^= hash >> 32
      index += 8
    }
    return hash
  }

  /// The key of a cell that may lie in either buffer; equal to what `nextCell` gives for an unquoted one.
  private func key(of cell: UnsafeRawBufferPointer) -> UInt64 {
    var hash = UInt64(truncatingIfNeeded: cell.count)
    var index = 0
    while index < cell.count {
      var chunk: UInt64 = 0
      for offset in 0..<min(8, cell.count - index) { chunk |= UInt64(cell[index + offset]) << UInt64(8 * offset) }
      if cell.count <= 8 { return chunk }
      hash = (hash ^ chunk) &* 0xff51_afd7_ed55_8ccd
      hash ^= hash >> 32
      index += 8
    }
    return cell.isEmpty ? 0 : hash
  }

  private func find(_ byte: UInt8, from start: Int) -> Int? {
    guard start < end, let found = memchr(file + start, Int32(byte), end - start) else { return nil }
    return UnsafeRawPointer(found) - file
  }

  private func hasComment(at index: Int) -> Bool {
    index + comment.count <= end && comment.indices.allSatisfy { byte(index + $0) == comment[$0] }
  }

  private mutating func keep(from start: Int, to stop: Int) {
    let count = stop - start
    if unescapedCount + count > unescapedCapacity {
      unescapedCapacity = max(1 << 12, (unescapedCount + count) * 2)
      let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: unescapedCapacity)
      if let unescaped {
        larger.update(from: unescaped, count: unescapedCount)
        unescaped.deallocate()
      }
      unescaped = larger
    }
    if let unescaped { memcpy(unescaped + unescapedCount, file + start, count) }
    unescapedCount += count
  }

  private func tooLong(line: Int) -> DataError {
    DataError(
      .badData, at: "\(path):\(line)",
      "has a cell of more than \(CellReference.maximumLength) bytes. Check the separator and the quotation marks.")
  }
}
