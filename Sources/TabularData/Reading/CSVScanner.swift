import CScanning

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Takes the cells of a row as they are found.
protocol CellSink {
  /// Takes the cell of a row in a column, with the key of its bytes, and where these lie.
  mutating func append(
    _ cell: CellReference, key: CellKey, row: Int, column: Int, bytes: CellBytes
  ) throws(DataError)
}

/// Cuts the bytes of a CSV file into cells.
///
/// Where there are no quotation marks, the ends of many cells are found at once (`DelimiterIndex`); elsewhere those of
/// one cell after the other, eight bytes at a time.
struct CSVScanner {
  /// What stands after a cell.
  enum End { case separator, row, file }

  let path: String
  private(set) var file: UnsafeRawPointer
  private(set) var end: Int
  private let separator: UInt8
  private let separators: UInt64
  private let tabIsBlank: Bool
  private let trimsBlanks: Bool

  /// The next byte to look at.
  private(set) var position: Int

  /// The 1-based line that `position` is in.
  private(set) var line = 1

  /// Whether more bytes may follow the last, so that a cell they end in is not whole and is not given out.
  var mayGoOn = false

  /// Whether the bytes ended inside quotation marks, so that more of them may make the cell whole.
  private(set) var endsInQuotes = false

  /// Cells that had a doubled quotation mark, with it made single.
  private(set) var unescaped: UnsafeMutablePointer<UInt8>?
  private var unescapedCount = 0
  private var unescapedCapacity = 0

  private var index = DelimiterIndex()

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
    position = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    skipLeadingComments(Array((format.comment ?? "").utf8))
  }

  /// Goes back to the start of a row that has to be read again.
  mutating func rewind(to position: Int, line: Int) {
    self.position = position
    self.line = line
    index.forget()
  }

  /// Goes on with other bytes, which begin with a row; cells given so far are no longer valid.
  mutating func resume(_ bytes: UnsafeRawBufferPointer) {
    if let base = bytes.baseAddress { file = base }
    end = bytes.count
    position = 0
    endsInQuotes = false
    unescapedCount = 0
    index.forget()
  }

  /// Whether the last byte is a line feed, so that a row which ends there is whole.
  var endsWithLineFeed: Bool { end > 0 && byte(end - 1) == UInt8(ascii: "\n") }

  var bytes: CellBytes { CellBytes(file: file, unescaped: UnsafeRawPointer(unescaped)) }

  /// Moves behind the comments that stand before the first row.
  private mutating func skipLeadingComments(_ comment: [UInt8]) {
    guard !comment.isEmpty else { return }
    while nextRow(), position + comment.count <= end, comment.indices.allSatisfy({ byte(position + $0) == comment[$0] })
    {
      guard let newline = find(UInt8(ascii: "\n"), from: position) else {
        position = end
        return
      }
      position = newline + 1
      line += 1
    }
  }

  /// Moves to the first byte of the next row, over lines without a cell; false at the end of the file.
  @inline(__always)
  mutating func nextRow() -> Bool {
    guard position < end else { return false }
    // Only blanks and line breaks can begin a line that is no row.
    if byte(position) > UInt8(ascii: " ") { return true }
    return skipToRow()
  }

  @inline(never)
  private mutating func skipToRow() -> Bool {
    while position < end {
      var probe = position
      while probe < end && (isBlank(byte(probe)) || byte(probe) == UInt8(ascii: "\r")) { probe += 1 }
      if probe == end { return finish() }
      guard byte(probe) == UInt8(ascii: "\n") else { return true }
      position = probe + 1
      line += 1
    }
    return false
  }

  private mutating func finish() -> Bool {
    position = end
    return false
  }

  /// Gives the cells of a row to a sink, and moves behind the row.
  ///
  /// - Parameters:
  ///   - width: The number of columns that the sink takes; cells beyond are counted only.
  /// - Returns: The number of cells of the row.
  @inline(__always)
  mutating func readRow(_ row: Int, into sink: inout some CellSink, width: Int) throws(DataError) -> Int {
    // Everything the loop needs is a local of its own, so that it stays in registers.
    let file = file
    let separator = separator
    let separators = separators
    // Where blanks are not trimmed, no byte is one.
    let space: UInt16 = trimsBlanks ? 0x20 : 0x100
    let tab: UInt16 = trimsBlanks && tabIsBlank ? 0x09 : space
    // Up to here a load of sixteen bytes, and the blank before it, stay inside the file.
    let lastFast = end - 24
    var bytes = bytes
    var position = position
    var count = 0
    // Lines without a cell, and what the slow way read, are behind; their delimiters are not for us.
    index.skip(to: position)
    while true {
      fast: if position <= lastFast {
        let stop: Int
        if let indexed = index.next() {
          stop = indexed
        } else if index.refill(file, from: position, to: lastFast, separator: separator), let indexed = index.next() {
          stop = indexed
        } else {
          guard let found = Self.findStop(file, &position, space, tab, lastFast, end, separators) else { break fast }
          stop = found
        }
        var low = Self.load(file, position)
        var first = UInt16(truncatingIfNeeded: low & 0xff)
        while (first == space || first == tab) && position < stop {
          position &+= 1
          low = Self.load(file, position)
          first = UInt16(truncatingIfNeeded: low & 0xff)
        }
        var length = stop &- position
        let isRowEnd = file.load(fromByteOffset: stop, as: UInt8.self) != separator
        if isRowEnd && length > 0 && file.load(fromByteOffset: stop &- 1, as: UInt8.self) == 0x0d { length &-= 1 }
        while length > 0 {
          let last = UInt16(file.load(fromByteOffset: position &+ length &- 1, as: UInt8.self))
          guard last == space || last == tab else { break }
          length &-= 1
        }
        let key: CellKey
        if length <= CellKey.wholeLength {
          key = CellKey(of: file + position, length: length)
        } else {
          guard length <= CellReference.maximumLength else { throw tooLong(line: line) }
          key = Self.longKey(file + position, length)
        }
        if count < width {
          let cell = CellReference(offset: position, length: length, isUnescaped: false)
          try sink.append(cell, key: key, row: row, column: count, bytes: bytes)
        }
        count &+= 1
        position = stop &+ 1
        guard isRowEnd else { continue }
        self.position = position
        line += 1
        return count
      }
      self.position = position
      let (cell, key, ending) = try nextCell()
      position = self.position
      index.skip(to: position)
      bytes = self.bytes
      if count < width && !(ending == .file && mayGoOn) {
        try sink.append(cell, key: key, row: row, column: count, bytes: bytes)
      }
      count += 1
      if ending != .separator { return count }
    }
  }

  /// Reads a cell of any kind anywhere in the file, byte by byte, and moves behind what ends it.
  @inline(never)
  mutating func nextCell() throws(DataError) -> (cell: CellReference, key: CellKey, end: End) {
    if trimsBlanks {
      while position < end && isBlank(byte(position)) { position += 1 }
    }
    if position < end && byte(position) == UInt8(ascii: "\"") { return try quotedCell() }
    let start = position
    var stop = start
    while stop < end && byte(stop) != separator && byte(stop) != UInt8(ascii: "\n") { stop += 1 }
    let ending: End = stop == end ? .file : byte(stop) == separator ? .separator : .row
    position = min(stop + 1, end)
    let cellLine = line
    if ending != .separator { line += 1 }
    var length = stop - start
    if ending != .separator && length > 0 && byte(stop - 1) == UInt8(ascii: "\r") { length -= 1 }
    if trimsBlanks {
      while length > 0 && isBlank(byte(start + length - 1)) { length -= 1 }
    }
    guard length <= CellReference.maximumLength else { throw tooLong(line: cellLine) }
    let cell = CellReference(offset: start, length: length, isUnescaped: false)
    return (cell, Self.key(of: bytes.buffer(cell)), ending)
  }

  /// The end of the cell at a position, which moves behind blanks; nil for a cell that has to be read the slow way,
  /// because it is quoted or too near the end of the file.
  @inline(never)
  private static func findStop(
    _ file: UnsafeRawPointer, _ position: inout Int, _ space: UInt16, _ tab: UInt16, _ lastFast: Int, _ end: Int,
    _ separators: UInt64
  ) -> Int? {
    var low = load(file, position)
    var first = UInt16(truncatingIfNeeded: low & 0xff)
    while first == space || first == tab {
      position &+= 1
      guard position <= lastFast else { return nil }
      low = load(file, position)
      first = UInt16(truncatingIfNeeded: low & 0xff)
    }
    if first == 0x22 { return nil }
    let hits = delimiters(in: low, separators)
    if hits != 0 { return position &+ (hits.trailingZeroBitCount &>> 3) }
    let stop = findEnd(file, from: position &+ 8, end: end, separators)
    // Loads of sixteen bytes begin up to a cell's end.
    return stop <= lastFast ? stop : nil
  }

  /// The next separator or line feed at or after a position, or the end of the file where none comes in whole words.
  @inline(never)
  private static func findEnd(_ file: UnsafeRawPointer, from start: Int, end: Int, _ separators: UInt64) -> Int {
    var stop = start
    while stop + 8 <= end {
      let hits = delimiters(in: load(file, stop), separators)
      if hits != 0 { return stop + (hits.trailingZeroBitCount >> 3) }
      stop += 8
    }
    // The last bytes of the file are left to the slow way.
    return end
  }

  /// Reads a cell that begins with a quotation mark (RFC 4180, section 2.5–2.7).
  @inline(never)
  private mutating func quotedCell() throws(DataError) -> (cell: CellReference, key: CellKey, end: End) {
    let openingLine = line
    let start = position + 1
    var pieces = start
    var unescapedStart: Int?
    var close = start
    while true {
      guard let quote = find(UInt8(ascii: "\""), from: close) else {
        endsInQuotes = true
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
    let key = Self.key(of: bytes.buffer(cell))
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

  func deallocate() {
    unescaped?.deallocate()
    index.deallocate()
  }

  // MARK: - Bytes

  @inline(__always)
  private func byte(_ index: Int) -> UInt8 { file.load(fromByteOffset: index, as: UInt8.self) }

  @inline(__always)
  private func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (byte == UInt8(ascii: "\t") && tabIsBlank)
  }

  /// Eight bytes as a little-endian word.
  @inline(__always)
  private static func load(_ file: UnsafeRawPointer, _ index: Int) -> UInt64 {
    UInt64(littleEndian: file.loadUnaligned(fromByteOffset: index, as: UInt64.self))
  }

  /// A bit at the top of each byte that is the separator or a line feed. Bits above the lowest may be false (a
  /// borrow), the lowest never is.
  @inline(__always)
  private static func delimiters(in word: UInt64, _ separators: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let tops: UInt64 = 0x8080_8080_8080_8080
    let x = word ^ separators
    let y = word ^ (0x0a &* ones)
    return ((x &- ones) & ~x | (y &- ones) & ~y) & tops
  }

  @inline(never)
  private static func longKey(_ start: UnsafeRawPointer, _ length: Int) -> CellKey {
    key(of: UnsafeRawBufferPointer(start: start, count: length))
  }

  /// The key of a cell.
  static func key(of cell: UnsafeRawBufferPointer) -> CellKey {
    func word(_ index: Int) -> UInt64 {
      if index + 8 <= cell.count {
        return UInt64(littleEndian: cell.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      }
      var word: UInt64 = 0
      for offset in 0..<max(0, cell.count - index) { word |= UInt64(cell[index + offset]) &<< UInt64(8 * offset) }
      return word
    }
    if cell.count <= CellKey.wholeLength { return CellKey(low: word(0), high: word(8)) }
    var hash = UInt64(truncatingIfNeeded: cell.count)
    for index in stride(from: 0, to: cell.count, by: 8) {
      hash = (hash ^ word(index)) &* 0xff51_afd7_ed55_8ccd
      hash ^= hash &>> 32
    }
    return CellKey(low: hash, high: hash &* 0xc4ce_b9fe_1a85_ec53)
  }

  private func find(_ byte: UInt8, from start: Int) -> Int? {
    guard start < end, let found = memchr(file + start, Int32(byte), end - start) else { return nil }
    return UnsafeRawPointer(found) - file
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
