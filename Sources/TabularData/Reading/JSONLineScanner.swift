#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reads lines of a JSON object each that have the keys of an earlier line in the same order, and plain values: what
/// programs write.
///
/// What it takes it takes as a JSON reader would, to the bit; any other line it leaves to one, and may learn from it.
package final class JSONLineScanner {
  /// A key of the lines.
  private struct Member {
    /// Where it stands among the bytes of all keys, quotation marks included.
    var start: Int
    var length: Int
    /// The column of the request; −1 where nobody wants it.
    var column: Int
    var isNumber: Bool
  }

  /// The bytes behind a line that have to be readable, whatever they are.
  package static let padding = 16

  private let requests: [ColumnRequest]
  private let dictionaries: [CategoryDictionary]
  private var keys: [String] = []
  private var keyBytes: [UInt8] = []
  private var members: [Member] = []
  // At fixed places, as the loop over cells would otherwise see to it that nobody else is at them, cell by cell.
  /// The cells of the line under way, by column.
  private let numbers: UnsafeMutablePointer<Double>
  private let codes: UnsafeMutablePointer<Int32>
  /// The tables of the dictionaries.
  private let tables: UnsafeMutablePointer<UnsafeMutablePointer<CodeTable>>
  private let beginsMarker: UnsafeMutablePointer<Bool>

  /// - Parameter builder: Whoever will get the cells.
  package init(for builder: PieceBuilder) {
    requests = builder.requests
    dictionaries = builder.dictionaries
    let count = max(1, requests.count)
    numbers = .allocate(capacity: count)
    numbers.initialize(repeating: .nan, count: count)
    codes = .allocate(capacity: count)
    codes.initialize(repeating: -1, count: count)
    tables = .allocate(capacity: count)
    for (column, dictionary) in dictionaries.enumerated() { (tables + column).initialize(to: dictionary.table) }
    beginsMarker = PieceReading.firstBytes(of: builder.missingMarkers.map { Array($0.utf8) })
  }

  deinit {
    numbers.deallocate()
    codes.deallocate()
    tables.deallocate()
    beginsMarker.deallocate()
  }

  /// Takes the keys of a line that was read otherwise as those that the next lines have.
  package func learn(_ keys: [String]) {
    guard keys != self.keys else { return }
    self.keys = keys
    keyBytes = []
    members = []
    for column in requests.indices { (numbers[column], codes[column]) = (.nan, -1) }
    // In others the bytes between the quotation marks are not those of the key.
    guard keys.allSatisfy({ $0.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5c } }) else { return }
    for key in keys {
      let column = requests.firstIndex { $0.name == key } ?? -1
      members.append(
        Member(
          start: keyBytes.count, length: key.utf8.count + 2, column: column,
          isNumber: column >= 0 && requests[column].kind == .number))
      keyBytes += [0x22] + Array(key.utf8) + [0x22]
    }
  }

  /// Adds the row of a line to a piece.
  ///
  /// - Parameters:
  ///   - line: Its bytes without their end; `padding` more are readable.
  ///   - builder: Gets the cells; unchanged where the line is left to others, but for values of categories.
  ///   - place: Where the line stands, for messages.
  /// - Returns: Whether the line was one of those that can be read here.
  package func append(
    _ line: UnsafeRawBufferPointer, to builder: inout PieceBuilder, place: @autoclosure () -> String
  ) throws(DataError) -> Bool {
    let members = members
    guard !members.isEmpty, let start = line.baseAddress else { return false }
    let end = start + line.count
    var at = Self.skipBlanks(start)
    guard Self.byte(at) == UInt8(ascii: "{") else { return false }
    at += 1
    let last = members.count - 1
    for index in 0...last {
      let member = members[index]
      at = Self.skipBlanks(at)
      guard end - at >= member.length, isKey(member, at) else { return false }
      at = Self.skipBlanks(at + member.length)
      guard Self.byte(at) == UInt8(ascii: ":") else { return false }
      at = Self.skipBlanks(at + 1)
      switch Self.byte(at) {
      case UInt8(ascii: "\""):
        guard let close = Self.endOfText(at + 1, end) else { return false }
        guard try take(at + 1, close, isText: true, member, place()) else { return false }
        at = close + 1
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        guard let behind = Self.endOfNumber(at) else { return false }
        guard try take(at, behind, isText: false, member, place()) else { return false }
        at = behind
      case UInt8(ascii: "n"):
        guard end - at >= 4, memcmp(at, "null", 4) == 0 else { return false }
        if member.column >= 0 { (numbers[member.column], codes[member.column]) = (.nan, -1) }
        at += 4
      default: return false
      }
      at = Self.skipBlanks(at)
      guard Self.byte(at) == (index == last ? UInt8(ascii: "}") : UInt8(ascii: ",")) else { return false }
      at += 1
    }
    guard Self.skipBlanks(at) == end else { return false }
    builder.append(numbers: numbers, codes: codes)
    return true
  }

  @inline(__always)
  private func isKey(_ member: Member, _ at: UnsafeRawPointer) -> Bool {
    keyBytes.withUnsafeBytes { bytes in
      bytes.baseAddress.map { memcmp($0 + member.start, at, member.length) == 0 } ?? false
    }
  }

  /// Keeps a cell until the line is at its end; false where it is rare or wrong.
  @inline(__always)
  private func take(
    _ start: UnsafeRawPointer, _ end: UnsafeRawPointer, isText: Bool, _ member: Member,
    _ place: @autoclosure () -> String
  ) throws(DataError) -> Bool {
    guard member.column >= 0 else { return true }
    let cell = UnsafeRawBufferPointer(start: start, count: end - start)
    guard member.isNumber else {
      codes[member.column] = try code(of: cell, member.column, place())
      return true
    }
    if isText {
      guard let first = cell.first else {
        numbers[member.column] = .nan
        return true
      }
      // A marker of missing cells may be a number, such as -1.
      if beginsMarker[Int(first)] { return false }
    }
    guard case .number(let value) = DecimalNumber.read(cell) else { return false }
    numbers[member.column] = value
    return true
  }

  /// The code of a cell in a categorical column; −1 where it is missing.
  @inline(__always)
  private func code(
    of cell: UnsafeRawBufferPointer, _ column: Int, _ place: @autoclosure () -> String
  ) throws(DataError) -> Int32 {
    guard let start = cell.baseAddress, cell.count <= CellKey.wholeLength else {
      return try dictionaries[column].code(key: CSVScanner.key(of: cell), cell: cell, place: place())
    }
    let key = CellKey(of: start, length: cell.count)
    let code = tables[column].pointee.code(key, length: cell.count)
    return code == CodeTable.unknown ? try dictionaries[column].code(key: key, cell: cell, place: place()) : code
  }

  // MARK: - Bytes

  @inline(__always)
  private static func byte(_ at: UnsafeRawPointer) -> UInt8 { at.load(as: UInt8.self) }

  /// The first byte that is no blank. A line's end is none, nor are zeros behind the last line.
  @inline(__always)
  private static func skipBlanks(_ start: UnsafeRawPointer) -> UnsafeRawPointer {
    var at = start
    while byte(at) == 0x20 || byte(at) == 0x09 || byte(at) == 0x0d { at += 1 }
    return at
  }

  /// The quotation mark that ends a text of ASCII without escapes; nil for other texts.
  @inline(__always)
  private static func endOfText(_ start: UnsafeRawPointer, _ end: UnsafeRawPointer) -> UnsafeRawPointer? {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let tops: UInt64 = 0x8080_8080_8080_8080
    var at = start
    while at < end {
      let word = UInt64(littleEndian: at.loadUnaligned(as: UInt64.self))
      let quote = word ^ (0x22 &* ones)
      let escape = word ^ (0x5c &* ones)
      // The top bit of each byte that is a quotation mark, a backslash, below 0x20 or beyond ASCII; bits above the lowest
      // may be false (a borrow), the lowest never is.
      let hits =
        ((quote &- ones) & ~quote | (escape &- ones) & ~escape | (word &- 0x20 &* ones) & ~word | word) & tops
      if hits != 0 {
        let stop = at + (hits.trailingZeroBitCount >> 3)
        return stop < end && byte(stop) == UInt8(ascii: "\"") ? stop : nil
      }
      at += 8
    }
    return nil
  }

  /// Behind a number as JSON's grammar has it; nil where it is none.
  @inline(__always)
  private static func endOfNumber(_ start: UnsafeRawPointer) -> UnsafeRawPointer? {
    func isDigit(_ at: UnsafeRawPointer) -> Bool { byte(at) >= UInt8(ascii: "0") && byte(at) <= UInt8(ascii: "9") }
    func digits(_ start: UnsafeRawPointer) -> UnsafeRawPointer? {
      guard isDigit(start) else { return nil }
      var at = start + 1
      while isDigit(at) { at += 1 }
      return at
    }
    var at = byte(start) == UInt8(ascii: "-") ? start + 1 : start
    if byte(at) == UInt8(ascii: "0") {
      at += 1
      if isDigit(at) { return nil }
    } else {
      guard let behind = digits(at) else { return nil }
      at = behind
    }
    if byte(at) == UInt8(ascii: ".") {
      guard let behind = digits(at + 1) else { return nil }
      at = behind
    }
    if byte(at) == UInt8(ascii: "e") || byte(at) == UInt8(ascii: "E") {
      at += 1
      if byte(at) == UInt8(ascii: "+") || byte(at) == UInt8(ascii: "-") { at += 1 }
      guard let behind = digits(at) else { return nil }
      at = behind
    }
    return at
  }
}

extension PieceBuilder {
  /// Adds a row whose cells are known: of numeric columns the numbers, of others the codes.
  fileprivate mutating func append(
    numbers values: UnsafeMutablePointer<Double>, codes newCodes: UnsafeMutablePointer<Int32>
  ) {
    for column in requests.indices {
      if requests[column].kind == .number {
        numbers[column].append(values[column])
      } else {
        codes[column].append(newCodes[column])
      }
    }
  }
}
