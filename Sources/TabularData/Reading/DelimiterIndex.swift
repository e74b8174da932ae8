import CScanning

/// Where the next separators and line feeds are, found many at once in text without quotation marks.
///
/// A list ends before the first block with a quotation mark, so that whatever it names ends a cell.
struct DelimiterIndex {
  private static let room = 4096

  private let scan = eq_delimiter_scanner_best()
  private var places: UnsafeMutablePointer<UInt32>?
  private var nextPlace = 0
  private var count = 0

  /// What the places count from.
  private var base = 0

  /// Up to here there is nothing to be gained from looking again: a quotation mark is near.
  private var resume = 0

  func deallocate() { places?.deallocate() }

  /// Forgets everything, as for other bytes or to read some again.
  mutating func forget() {
    nextPlace = 0
    count = 0
    resume = 0
  }

  /// Moves over the delimiters before a position.
  @inline(__always)
  mutating func skip(to position: Int) {
    guard let places else { return }
    while nextPlace < count && base &+ Int(places[nextPlace]) < position { nextPlace &+= 1 }
  }

  /// The position of the next delimiter; nil where the list is at its end.
  @inline(__always)
  mutating func next() -> Int? {
    guard nextPlace < count, let places else { return nil }
    defer { nextPlace &+= 1 }
    return base &+ Int(places[nextPlace])
  }

  /// Looks for delimiters from a position outside quotation marks up to another.
  ///
  /// - Returns: Whether there are some; if not, the caller has to find the end of the next cell.
  @inline(__always)
  mutating func refill(_ file: UnsafeRawPointer, from start: Int, to end: Int, separator: UInt8) -> Bool {
    start >= resume && look(file, from: start, to: end, separator: separator)
  }

  @inline(never)
  private mutating func look(_ file: UnsafeRawPointer, from start: Int, to end: Int, separator: UInt8) -> Bool {
    let places = places ?? UnsafeMutablePointer<UInt32>.allocate(capacity: Self.room)
    self.places = places
    var covered = 0
    // Places have 32 bits.
    let length = min(end - start, 1 << 31)
    count = scan(
      (file + start).assumingMemoryBound(to: UInt8.self), length, separator, places, Self.room, &covered)
    base = start
    nextPlace = 0
    // In a block with a quotation mark, one cell after the other is cheaper than looking for every one in vain.
    resume = start + covered + Int(EQ_SCAN_BLOCK)
    if count > 0 { resume = start + Int(places[count - 1]) + 1 }
    return count > 0
  }
}
