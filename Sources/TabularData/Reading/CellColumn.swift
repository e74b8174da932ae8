#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Where the bytes of a cell lie, in one word: bit 63 tells whether in the side buffer of unescaped cells or in the
/// file, bits 24–62 the offset, bits 0–23 the length.
struct CellReference: Equatable {
  static let maximumLength = (1 << 24) - 1

  private let bits: UInt64

  @inline(__always)
  init(offset: Int, length: Int, isUnescaped: Bool) {
    bits = (isUnescaped ? 1 << 63 : 0) | UInt64(offset) << 24 | UInt64(length)
  }

  @inline(__always) var offset: Int { Int((bits & ~(1 << 63)) >> 24) }
  @inline(__always) var length: Int { Int(bits & 0xff_ffff) }
  @inline(__always) var isUnescaped: Bool { bits >> 63 == 1 }
}

/// The two buffers that cells lie in.
struct CellBytes {
  var file: UnsafeRawPointer
  var unescaped: UnsafeRawPointer?

  @inline(__always)
  func pointer(_ cell: CellReference) -> UnsafeRawPointer {
    if cell.isUnescaped, let unescaped { return unescaped + cell.offset }
    return file + cell.offset
  }

  func buffer(_ cell: CellReference) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: pointer(cell), count: cell.length)
  }
}

/// The bytes of a cell as two little-endian words where it has at most sixteen of them, otherwise two hashes of them.
struct CellKey: Equatable {
  /// The longest cell that its key holds whole.
  static let wholeLength = 16

  var low: UInt64
  var high: UInt64
}

extension CellKey {
  /// The key of a cell that it holds whole.
  ///
  /// - Parameter start: Where the cell begins; sixteen bytes are readable there.
  @inline(__always)
  init(of start: UnsafeRawPointer, length: Int) {
    let lowLength = min(length, 8)
    self.init(
      low: UInt64(littleEndian: start.loadUnaligned(as: UInt64.self)) & Self.mask(lowLength),
      high: UInt64(littleEndian: start.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        & Self.mask(length &- lowLength))
  }

  /// The lowest 0...8 bytes of a word.
  @inline(__always)
  private static func mask(_ length: Int) -> UInt64 {
    // In two shifts, because one by 64 would be one by 0.
    let half = UInt64(truncatingIfNeeded: length &* 4)
    return ~((UInt64.max &<< half) &<< half)
  }
}

/// The cells of one column while the file is scanned: a code per row into a dictionary of the distinct cells.
///
/// A column whose cells hardly repeat gives up the dictionary (`isPlain`) and keeps a reference per row. Memory is
/// managed by hand, because the loop over cells is the hot one: `ColumnStore` frees it.
struct CellColumn {
  /// An entry of the open-addressed hash table; `code` is −1 where it is free.
  private struct Slot {
    var key: CellKey
    var length: UInt32
    var code: Int32
  }

  private enum Mode { case dictionary, plain, skipped }

  /// The distinct cells in order of appearance; in a plain column, the cell of every row.
  private(set) var cells: UnsafeMutablePointer<CellReference>
  private(set) var cellCount = 0
  private var cellCapacity = 64

  /// The code of every row; unused in a plain column.
  private(set) var codes: UnsafeMutablePointer<Int32>
  private var rowCapacity = 1024

  private var mode: Mode
  private var slots: UnsafeMutablePointer<Slot>
  private var slotMask = 127
  private var shift: UInt64 = 57

  /// - Parameter isSkipped: Whether nothing is to be kept of the column.
  init(isSkipped: Bool) {
    mode = isSkipped ? .skipped : .dictionary
    cells = .allocate(capacity: cellCapacity)
    codes = .allocate(capacity: rowCapacity)
    slots = Self.emptySlots(128)
  }

  var isPlain: Bool { mode == .plain }

  func deallocate() {
    cells.deallocate()
    codes.deallocate()
    slots.deallocate()
  }

  /// Appends the cell of row `row`.
  ///
  /// - Parameters:
  ///   - key: The key of its bytes.
  ///   - bytes: Where this and all earlier cells lie.
  @inline(__always)
  mutating func append(row: Int, key: CellKey, cell: CellReference, bytes: CellBytes) {
    if mode != .dictionary {
      if mode == .plain { appendPlain(cell) }
      return
    }
    if row == rowCapacity { growRows() }
    let length = UInt32(truncatingIfNeeded: cell.length)
    var index = firstSlot(key, length)
    while true {
      let slot = slots[index]
      if slot.code < 0 {
        insert(row: row, key: key, length: length, cell: cell, at: index, bytes: bytes)
        return
      }
      if slot.key == key && slot.length == length
        && (length <= UInt32(CellKey.wholeLength)
          || memcmp(bytes.pointer(cells[Int(slot.code)]), bytes.pointer(cell), Int(length)) == 0)
      {
        codes[row] = slot.code
        return
      }
      index = (index + 1) & slotMask
    }
  }

  @inline(never)
  private mutating func insert(
    row: Int, key: CellKey, length: UInt32, cell: CellReference, at index: Int, bytes: CellBytes
  ) {
    slots[index] = Slot(key: key, length: length, code: Int32(cellCount))
    codes[row] = Int32(cellCount)
    appendCell(cell)
    guard cellCount * 2 > slotMask else { return }
    // A dictionary pays while cells repeat. Two thousand different ones, more than one in two rows: they do not.
    if cellCount >= 2048 && cellCount * 2 > row {
      becomePlain(rows: row + 1)
    } else {
      rehash()
    }
  }

  private mutating func becomePlain(rows: Int) {
    let perRow = UnsafeMutablePointer<CellReference>.allocate(capacity: rows * 2)
    for row in 0..<rows { perRow[row] = cells[Int(codes[row])] }
    cells.deallocate()
    cells = perRow
    cellCount = rows
    cellCapacity = rows * 2
    mode = .plain
  }

  @inline(never)
  private mutating func appendPlain(_ cell: CellReference) { appendCell(cell) }

  private mutating func appendCell(_ cell: CellReference) {
    if cellCount == cellCapacity {
      cells = Self.grown(cells, count: cellCount, capacity: cellCapacity * 2)
      cellCapacity *= 2
    }
    cells[cellCount] = cell
    cellCount += 1
  }

  @inline(never)
  private mutating func growRows() {
    codes = Self.grown(codes, count: rowCapacity, capacity: rowCapacity * 2)
    rowCapacity *= 2
  }

  private mutating func rehash() {
    let old = slots
    let oldCount = slotMask + 1
    slots = Self.emptySlots(oldCount * 2)
    slotMask = oldCount * 2 - 1
    shift -= 1
    for position in 0..<oldCount where old[position].code >= 0 {
      let slot = old[position]
      var index = firstSlot(slot.key, slot.length)
      while slots[index].code >= 0 { index = (index + 1) & slotMask }
      slots[index] = slot
    }
    old.deallocate()
  }

  /// Where the search for a cell begins (Fibonacci hashing: the top bits of a product).
  @inline(__always)
  private func firstSlot(_ key: CellKey, _ length: UInt32) -> Int {
    let mixed = (key.low ^ UInt64(length)) &+ key.high &* 0xff51_afd7_ed55_8ccd
    return Int(truncatingIfNeeded: (mixed &* 0x9e37_79b9_7f4a_7c15) &>> shift)
  }

  private static func emptySlots(_ count: Int) -> UnsafeMutablePointer<Slot> {
    let slots = UnsafeMutablePointer<Slot>.allocate(capacity: count)
    slots.initialize(repeating: Slot(key: CellKey(low: 0, high: 0), length: 0, code: -1), count: count)
    return slots
  }

  private static func grown<Element: BitwiseCopyable>(
    _ old: UnsafeMutablePointer<Element>, count: Int, capacity: Int
  ) -> UnsafeMutablePointer<Element> {
    let new = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
    new.update(from: old, count: count)
    old.deallocate()
    return new
  }
}
