/// One sort of all rows by score, and one sweep through them that serves every slice.
///
/// The rows are dealt into buckets of neighbouring scores, which are sorted and swept on their own, side by side; a
/// sweep that begins in the middle knows from the counts below it how many rows of each slice it has passed.
/// Neither the buckets nor the segments of them that make a piece of work depend on the number of cores.
struct RankSweep<Value: Score> {
  private let scores: [Value]
  private let labels: [Bool]
  private let cells: CrossedCells

  /// The slices of cell c are `sliceList[starts[c]..<starts[c + 1]]`.
  private let sliceList: [Int32]
  private let starts: [Int]
  private let slices: [[Int]]

  private typealias Row = Value.Ranked

  private static var mostBuckets: Int { 2048 }
  private static var mostSegments: Int { 64 }

  /// Below this many rows there is one bucket.
  private static var fewRows: Int { 1 << 15 }

  private init(scores: [Value], labels: [Bool], cells: CrossedCells, slices: [[Int]]) {
    precondition(
      scores.count == labels.count && scores.count == cells.cells.count,
      "RankSweep: \(scores.count) scores, but \(labels.count) labels and \(cells.cells.count) cells")
    precondition(scores.count < 1 << 31, "RankSweep: \(scores.count) rows, but there may be at most 2³¹ − 1")
    self.scores = scores
    self.labels = labels
    self.cells = cells
    self.slices = slices
    var slicesOfCell = [[Int32]](repeating: [], count: cells.codes.count)
    for (slice, cells) in slices.enumerated() {
      for cell in cells { slicesOfCell[cell].append(Int32(slice)) }
    }
    sliceList = slicesOfCell.flatMap { $0 }
    var starts = [0]
    for slices in slicesOfCell { starts.append(starts[starts.count - 1] + slices.count) }
    self.starts = starts
  }

  /// The sums of every slice; nil where a score is NaN and so has no rank.
  ///
  /// - Parameters:
  ///   - slices: The cells of each slice; a cell may be in several.
  ///   - moments: Whether squares and precision are wanted, and not the area alone.
  /// - Precondition: Scores, labels and cells are equally many, and fewer than 2³¹.
  static func sums(
    scores: [Value], labels: [Bool], cells: CrossedCells, slices: [[Int]], moments: Bool
  ) -> [RankSums]? {
    RankSweep(scores: scores, labels: labels, cells: cells, slices: slices).sums(moments: moments)
  }

  private func sums(moments: Bool) -> [RankSums]? {
    let count = scores.count
    guard count > 0 else { return slices.map { _ in RankSums() } }
    guard let buckets = ScoreBuckets(scores, count: count < Self.fewRows ? 1 : Self.mostBuckets) else { return nil }
    let rows = UnsafeMutableBufferPointer<Row>.allocate(capacity: count)
    defer { rows.deallocate() }
    deal(buckets, into: rows)

    let segments = segments(of: buckets.ends)
    // By segment, cell and label: first the segment's own rows, then those of all segments below it.
    let width = 2 * cells.codes.count
    var below = [Int32](repeating: 0, count: (segments.count + 1) * width)
    below.withUnsafeMutableBufferPointer { below in
      Parallel.perform(segments.count) { segment in
        let range = segments[segment]
        let largest = range.map { buckets.rows($0).count }.max() ?? 0
        withUnsafeTemporaryAllocation(of: Row.self, capacity: largest) { scratch in
          for bucket in range {
            sortByScore(UnsafeMutableBufferPointer(rebasing: rows[buckets.rows(bucket)]), scratch: scratch)
          }
        }
        for bucket in range {
          for row in buckets.rows(bucket) { below[(segment &+ 1) &* width &+ Int(rows[row].payload)] &+= 1 }
        }
      }
      for index in width..<below.count { below[index] &+= below[index - width] }
    }

    let totals = sums(of: below[(segments.count * width)...])
    var found = [RankSums](repeating: RankSums(), count: segments.count * slices.count)
    found.withUnsafeMutableBufferPointer { found in
      Parallel.perform(segments.count) { segment in
        let start = segments[segment].lowerBound
        let range = buckets.rows(start).lowerBound..<buckets.rows(segments[segment].upperBound - 1).upperBound
        let target = UnsafeMutableBufferPointer(
          rebasing: found[(segment * slices.count)..<((segment + 1) * slices.count)])
        for (slice, counts) in sums(of: below[(segment * width)..<((segment + 1) * width)]).enumerated() {
          target[slice].positives = counts.positives
          target[slice].negatives = counts.negatives
        }
        sweep(UnsafeMutableBufferPointer(rebasing: rows[range]), totals: totals, moments: moments, into: target)
      }
    }
    return slices.indices.map { slice in
      var sums = RankSums()
      for segment in segments.indices { sums.append(found[segment * slices.count + slice]) }
      return sums
    }
  }

  /// The rows of each label in each slice, from those in each cell.
  private func sums(of counts: ArraySlice<Int32>) -> [(positives: Int, negatives: Int)] {
    slices.map { cells in
      cells.reduce(into: (0, 0)) { sum, cell in
        sum.0 += Int(counts[counts.startIndex + 2 * cell + 1])
        sum.1 += Int(counts[counts.startIndex + 2 * cell])
      }
    }
  }

  // MARK: - Order

  /// Puts every row into its bucket; rows of a bucket keep their order.
  private func deal(_ buckets: ScoreBuckets<Value>, into rows: UnsafeMutableBufferPointer<Row>) {
    var places = buckets.places
    scores.withUnsafeBufferPointer { scores in
      labels.withUnsafeBufferPointer { labels in
        cells.cells.withUnsafeBufferPointer { cells in
          places.withUnsafeMutableBufferPointer { places in
            Parallel.perform(buckets.pieces) { piece in
              let places = UnsafeMutableBufferPointer(
                rebasing: places[(piece * buckets.count)..<((piece + 1) * buckets.count)])
              for row in Parallel.rows(piece, of: buckets.pieces, count: scores.count) {
                let bucket = buckets.bucket(scores[row])
                let place = places[bucket]
                places[bucket] = place &+ 1
                rows[Int(place)] = scores[row].ranked(
                  payload: UInt32(truncatingIfNeeded: cells[row]) &<< 1 | (labels[row] ? 1 : 0))
              }
            }
          }
        }
      }
    }
  }

  /// Neighbouring buckets that make one piece of work, of about equally many rows.
  private func segments(of ends: [Int]) -> [Range<Int>] {
    // What is kept for each segment grows with the cells and slices; there is no gain where that outweighs the rows.
    let kept = max(2 * cells.codes.count, 8 * slices.count, 1)
    let wanted = min(Self.mostSegments, max(1, (1 << 20) / kept))
    let size = max(1, (scores.count + wanted - 1) / wanted)
    var segments: [Range<Int>] = []
    var (start, first) = (0, 0)
    for (bucket, end) in ends.enumerated() where end - start >= size || bucket == ends.count - 1 {
      segments.append(first..<(bucket + 1))
      (start, first) = (end, bucket + 1)
    }
    return segments
  }

  // MARK: - Sweep

  private func sweep(
    _ rows: UnsafeMutableBufferPointer<Row>, totals: [(positives: Int, negatives: Int)], moments: Bool,
    into sums: UnsafeMutableBufferPointer<RankSums>
  ) {
    totals.withUnsafeBufferPointer { totals in
      sliceList.withUnsafeBufferPointer { sliceList in
        starts.withUnsafeBufferPointer { starts in
          var key = rows.first?.key ?? 0
          var block: UInt32 = 0
          for row in rows {
            block &+= row.key == key ? 0 : 1
            key = row.key
            let cell = Int(row.payload >> 1)
            let label = Int(row.payload & 1)
            for place in starts[cell]..<starts[cell &+ 1] {
              let slice = Int(sliceList[place])
              if moments {
                let total = totals[slice]
                sums[slice].add(
                  label: label, block: block, totalPositives: total.positives,
                  totalRows: total.positives &+ total.negatives)
              } else {
                sums[slice].add(label: label, block: block)
              }
            }
          }
          guard moments else { return }
          for (slice, total) in totals.enumerated() {
            sums[slice].endBlock(totalPositives: total.positives, totalRows: total.positives + total.negatives)
          }
        }
      }
    }
  }
}
