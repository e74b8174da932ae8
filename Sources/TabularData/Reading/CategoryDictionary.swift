import Wording

/// The codes of short cells in an open-addressed hash table: what the loop over cells looks into, with no object to hold.
struct CodeTable {
  /// A value with a code, one that is missing (−1), or a free place (−2).
  struct Slot {
    var key = CellKey(low: 0, high: 0)
    var length: UInt32 = 0
    var code: Int32 = CodeTable.unknown
    /// The index of the value among the long ones, which their key does not hold whole; −1 for others.
    var value: Int32 = -1
  }

  /// The code of a free place.
  static let unknown: Int32 = -2

  private(set) var slots: UnsafeMutablePointer<Slot>
  private var mask = 127
  private var used = 0

  init() { slots = Self.emptySlots(128) }

  func deallocate() { slots.deallocate() }

  /// The code of a cell that its key holds whole; `unknown` for one that has none yet, or is longer.
  @inline(__always)
  func code(_ key: CellKey, length: Int) -> Int32 {
    guard length <= CellKey.wholeLength else { return Self.unknown }
    let length = UInt32(truncatingIfNeeded: length)
    var index = firstSlot(key, length)
    while true {
      let slot = slots[index]
      if slot.code == Self.unknown || (slot.key == key && slot.length == length) { return slot.code }
      index = (index + 1) & mask
    }
  }

  /// The place of a cell, or the free one where it belongs.
  func index(_ key: CellKey, length: Int, isEqual: (_ value: Int32) -> Bool) -> Int {
    let length = UInt32(truncatingIfNeeded: length)
    var index = firstSlot(key, length)
    while slots[index].code != Self.unknown {
      let slot = slots[index]
      if slot.key == key && slot.length == length && (slot.value < 0 || isEqual(slot.value)) { break }
      index = (index + 1) & mask
    }
    return index
  }

  /// Fills a free place.
  mutating func insert(_ slot: Slot, at index: Int) {
    slots[index] = slot
    used += 1
    guard used * 2 > mask else { return }
    let old = slots
    let oldCount = mask + 1
    slots = Self.emptySlots(oldCount * 2)
    mask = oldCount * 2 - 1
    for slot in UnsafeBufferPointer(start: old, count: oldCount) where slot.code != Self.unknown {
      var index = firstSlot(slot.key, slot.length)
      while slots[index].code != Self.unknown { index = (index + 1) & mask }
      slots[index] = slot
    }
    old.deallocate()
  }

  @inline(__always)
  private func firstSlot(_ key: CellKey, _ length: UInt32) -> Int {
    let mixed = (key.low ^ UInt64(length)) &+ key.high &* 0xff51_afd7_ed55_8ccd
    return Int(truncatingIfNeeded: (mixed &* 0x9e37_79b9_7f4a_7c15) >> 32) & mask
  }

  private static func emptySlots(_ count: Int) -> UnsafeMutablePointer<Slot> {
    let slots = UnsafeMutablePointer<Slot>.allocate(capacity: count)
    slots.initialize(repeating: Slot(), count: count)
    return slots
  }
}

/// The distinct values of a column whose cells pass by and do not stay: a code for each, in order of appearance.
final class CategoryDictionary {
  /// The values, by code; spellings that Unicode counts as equal are one.
  private(set) var names: [String] = []

  /// The codes of the cells seen; lives as long as this object.
  let table: UnsafeMutablePointer<CodeTable>

  private let column: String
  private let missingMarkers: [[UInt8]]
  private let limit: Int
  private let remedy: String
  private var codeOf: [String: Int32] = [:]
  private var longValues: [[UInt8]] = []

  /// - Parameters:
  ///   - limit: The largest number of values; more of them are an error.
  ///   - remedy: What its message says of them, and what to do.
  init(
    column: String, missingMarkers: [[UInt8]], limit: Int,
    remedy: String = "too many to be groups. Cut numbers into bins, or name another column."
  ) {
    self.remedy = remedy
    self.column = column
    self.missingMarkers = missingMarkers
    self.limit = limit
    table = .allocate(capacity: 1)
    table.initialize(to: CodeTable())
  }

  deinit {
    table.pointee.deallocate()
    table.deallocate()
  }

  /// The code of a cell, −1 where it is missing; for those that the table does not know by itself.
  ///
  /// - Parameter place: Where the cell stands, for messages.
  func code(
    key: CellKey, cell: UnsafeRawBufferPointer, place: @autoclosure () -> String
  ) throws(DataError) -> Int32 {
    let index = table.pointee.index(key, length: cell.count) { longValues[Int($0)].elementsEqual(cell) }
    var slot = table.pointee.slots[index]
    if slot.code != CodeTable.unknown { return slot.code }
    slot = CodeTable.Slot(key: key, length: UInt32(cell.count), code: -1)
    if !cell.isEmpty && !missingMarkers.contains(where: { $0.elementsEqual(cell) }) {
      guard let text = String(validating: cell, as: UTF8.self), !text.utf8.contains(0) else {
        throw DataError(
          .badData, at: place(),
          "column '\(column)' holds bytes that are not UTF-8 text: \(Excerpt.quoted(cell)). Save it as UTF-8.")
      }
      slot.code = try code(of: text, place: place())
    }
    if cell.count > CellKey.wholeLength {
      slot.value = Int32(longValues.count)
      longValues.append(Array(cell))
    }
    table.pointee.insert(slot, at: index)
    return slot.code
  }

  /// The code of a text that is not missing.
  func code(of text: String, place: @autoclosure () -> String) throws(DataError) -> Int32 {
    if let code = codeOf[text] { return code }
    guard names.count < limit else {
      throw DataError(
        .badData, at: place(),
        "column '\(column)' has more than \(limit) different values, \(remedy)")
    }
    let code = Int32(names.count)
    codeOf[text] = code
    names.append(text)
    return code
  }
}
