/// Sorts rows by score, ascending; rows of equal score keep their order. Takes O(n) time but for contrived scores,
/// and n rows of extra memory.
func sortByScore<Row: RankedRow>(_ rows: inout [Row]) {
  withUnsafeTemporaryAllocation(of: Row.self, capacity: rows.count) { scratch in
    rows.withUnsafeMutableBufferPointer { sortByScore($0, scratch: scratch) }
  }
}

/// Sorts rows by score, ascending; rows of equal score keep their order.
///
/// A least-significant-digit radix sort of the highest bits only: of key − smallest key, just as many bits as tell
/// nearly all of n spread-out rows apart, two digits of 11 for the rows of a training set. What they leave in disorder,
/// an insertion sort finishes in one sweep. Should that sweep move too many rows, because the scores crowd together
/// within a far wider range, all remaining bits are sorted by radix too.
///
/// - Parameter scratch: Memory for as many rows; what it holds afterwards means nothing.
func sortByScore<Row: RankedRow>(_ rows: UnsafeMutableBufferPointer<Row>, scratch: UnsafeMutableBufferPointer<Row>) {
  let count = rows.count
  guard count > 1 else { return }
  var smallest = rows[0].key
  var largest = smallest
  for row in rows {
    smallest = min(smallest, row.key)
    largest = max(largest, row.key)
  }
  guard smallest < largest else { return }
  let usedBits = UInt64.bitWidth - (largest - smallest).leadingZeroBitCount
  // With 64 bins a row, about one row in 64 shares its bin with another, if they are spread evenly.
  let wantedBits = Int.bitWidth - count.leadingZeroBitCount + 6
  let digits = (min(usedBits, wantedBits) + digitBits - 1) / digitBits
  let lowestBit = max(0, usedBits - digits * digitBits)
  if count > 64 {
    sortByDigits(rows, scratch, above: smallest, lowestBit: lowestBit, usedBits: usedBits)
    if lowestBit == 0 { return }
  }
  if !finishByInsertion(rows, maximumMoves: 64 + 8 * count) {
    sortByDigits(rows, scratch, above: smallest, lowestBit: 0, usedBits: usedBits)
  }
}

private let digitBits = 11

/// Sorts rows by the bits `lowestBit..<usedBits` of their keys, counted from the smallest.
private func sortByDigits<Row: RankedRow>(
  _ rows: UnsafeMutableBufferPointer<Row>, _ scratch: UnsafeMutableBufferPointer<Row>, above smallest: UInt64,
  lowestBit: Int, usedBits: Int
) {
  let count = rows.count
  let buckets = 1 << digitBits
  withUnsafeTemporaryAllocation(of: UInt32.self, capacity: buckets) { places in
    var source = rows
    var target = scratch
    for lowBit in stride(from: lowestBit, to: usedBits, by: digitBits) {
      let shift = UInt64(lowBit)
      let mask = UInt64(buckets - 1)
      places.initialize(repeating: 0)
      for index in 0..<count {
        places[Int((source[index].key &- smallest) &>> shift & mask)] &+= 1
      }
      // A digit that all rows share sorts nothing.
      if Int(places[Int((source[0].key &- smallest) &>> shift & mask)]) == count { continue }
      var next: UInt32 = 0
      for bucket in 0..<buckets {
        let size = places[bucket]
        places[bucket] = next
        next &+= size
      }
      for index in 0..<count {
        let row = source[index]
        let bucket = Int((row.key &- smallest) &>> shift & mask)
        let place = places[bucket]
        places[bucket] = place &+ 1
        target[Int(place)] = row
      }
      swap(&source, &target)
    }
    if source.baseAddress != rows.baseAddress, let from = source.baseAddress {
      rows.baseAddress?.update(from: from, count: count)
    }
  }
}

/// Sorts rows that are nearly in order, by insertion; gives up, with the rows partly sorted, when that moves too many.
private func finishByInsertion<Row: RankedRow>(_ rows: UnsafeMutableBufferPointer<Row>, maximumMoves: Int) -> Bool {
  var moves = 0
  var previous = rows[0].key
  for end in 1..<rows.count {
    let row = rows[end]
    if row.key >= previous {
      previous = row.key
      continue
    }
    var place = end
    while place > 0 && rows[place - 1].key > row.key {
      rows[place] = rows[place - 1]
      place -= 1
    }
    rows[place] = row
    moves += end - place
    if moves > maximumMoves { return false }
  }
  return true
}
