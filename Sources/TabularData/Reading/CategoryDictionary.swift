/// The distinct values of a column whose cells pass by and do not stay: a code for each, in order of appearance.
final class CategoryDictionary {
  /// A value with a code, one that is missing (−1), or a free place (−2).
  private struct Slot {
    var key = CellKey(low: 0, high: 0)
    var length: UInt32 = 0
    var code: Int32 = free
    /// The index into `longValues`, for values that their key does not hold whole.
    var value: Int32 = -1
  }

  private static let free: Int32 = -2

  /// The values, by code; spellings that Unicode counts as equal are one.
  private(set) var names: [String] = []

  private let column: String
  private let missingMarkers: [[UInt8]]
  private let limit: Int
  private var codeOf: [String: Int32] = [:]
  private var longValues: [[UInt8]] = []
  private var slots: UnsafeMutablePointer<Slot>
  private var slotMask = 127
  private var used = 0

  /// - Parameter limit: The largest number of values; more of them are no groups.
  init(column: String, missingMarkers: [[UInt8]], limit: Int) {
    self.column = column
    self.missingMarkers = missingMarkers
    self.limit = limit
    slots = Self.emptySlots(128)
  }

  deinit { slots.deallocate() }

  private static func emptySlots(_ count: Int) -> UnsafeMutablePointer<Slot> {
    let slots = UnsafeMutablePointer<Slot>.allocate(capacity: count)
    slots.initialize(repeating: Slot(), count: count)
    return slots
  }

  /// The code of a cell; −1 where it is missing.
  ///
  /// - Parameter place: Where the cell stands, for messages.
  @inline(__always)
  func code(
    key: CellKey, cell: UnsafeRawBufferPointer, place: @autoclosure () -> String
  ) throws(DataError) -> Int32 {
    let length = UInt32(truncatingIfNeeded: cell.count)
    var index = firstSlot(key, length)
    // Out of the class once: each access to its fields would be checked.
    let slots = slots
    let slotMask = slotMask
    while true {
      let slot = slots[index]
      if slot.code == Self.free { return try insert(key, cell, at: index, place: place()) }
      if slot.key == key && slot.length == length && (slot.value < 0 || isEqual(slot.value, cell)) {
        return slot.code
      }
      index = (index + 1) & slotMask
    }
  }

  @inline(__always)
  private func firstSlot(_ key: CellKey, _ length: UInt32) -> Int {
    let mixed = (key.low ^ UInt64(length)) &+ key.high &* 0xff51_afd7_ed55_8ccd
    return Int(truncatingIfNeeded: (mixed &* 0x9e37_79b9_7f4a_7c15) >> 32) & slotMask
  }

  @inline(never)
  private func isEqual(_ value: Int32, _ cell: UnsafeRawBufferPointer) -> Bool {
    longValues[Int(value)].withUnsafeBytes { $0.elementsEqual(cell) }
  }

  @inline(never)
  private func insert(
    _ key: CellKey, _ cell: UnsafeRawBufferPointer, at index: Int, place: String
  ) throws(DataError) -> Int32 {
    var slot = Slot(key: key, length: UInt32(cell.count), code: -1)
    if !cell.isEmpty && !missingMarkers.contains(where: { $0.elementsEqual(cell) }) {
      guard let text = String(validating: cell, as: UTF8.self), !text.utf8.contains(0) else {
        throw DataError(
          .badData, at: place,
          "column '\(column)' holds bytes that are not UTF-8 text: \(Excerpt.quoted(cell)). Save it as UTF-8.")
      }
      slot.code = try code(of: text, place: place)
    }
    if cell.count > CellKey.wholeLength {
      slot.value = Int32(longValues.count)
      longValues.append(Array(cell))
    }
    slots[index] = slot
    used += 1
    if used * 2 > slotMask { rehash() }
    return slot.code
  }

  /// The code of a text that is not missing.
  func code(of text: String, place: @autoclosure () -> String) throws(DataError) -> Int32 {
    if let code = codeOf[text] { return code }
    guard names.count < limit else {
      throw DataError(
        .badData, at: place(),
        "column '\(column)' has more than \(limit) different values, too many to be groups. "
          + "Cut numbers into bins, or name another column.")
    }
    let code = Int32(names.count)
    codeOf[text] = code
    names.append(text)
    return code
  }

  private func rehash() {
    let old = slots
    let oldCount = slotMask + 1
    slots = Self.emptySlots(oldCount * 2)
    slotMask = oldCount * 2 - 1
    defer { old.deallocate() }
    for slot in UnsafeBufferPointer(start: old, count: oldCount) where slot.code != Self.free {
      var index = firstSlot(slot.key, slot.length)
      while slots[index].code != Self.free { index = (index + 1) & slotMask }
      slots[index] = slot
    }
  }
}
