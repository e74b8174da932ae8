import LinearAlgebra
import TabularData
import Testing

@Suite struct ShuffleWindowTests {
  @Test(arguments: [
    (1000, 32, 64, 3, true), (1000, 32, 64, 3, false), (4097, 512, 4096, 1, false), (50, 7, 8, 100, false),
    (5, 5, 8, 1, true),
  ])
  func everyRowOnce(rows: Int, batch: Int, blockRows: Int, blocks: Int, dropLast: Bool) throws {
    let window = ShuffleWindow(blockRows: blockRows, blocks: blocks)
    var schedule = try BatchSchedule(rows: rows, batchSize: batch, dropLast: dropLast, window: window)
    var stream = RandomStream(seed: 4)
    for _ in 0..<5 {
      #expect(schedule.order.sorted() == (0..<Int32(rows)).map { $0 })
      // The windows take all blocks, one after the other, and each batch lies in the windows it is said to.
      let visited = (0..<schedule.windowCount).map { schedule.blocks(ofWindow: $0) }
      #expect(visited.joined().joined().sorted() == Array(0..<rows))
      var start = 0
      for (index, window) in visited.enumerated() {
        let end = start + window.reduce(0) { $0 + $1.count }
        #expect(Set(schedule.order[start..<end].map(Int.init)) == Set(window.joined()))
        #expect(window.count == blocks || index == visited.count - 1)
        for batch in 0..<schedule.batchCount {
          let overlaps = schedule.range(ofBatch: batch).overlaps(start..<end)
          #expect(schedule.windows(ofBatch: batch).contains(index) == overlaps)
          if overlaps { #expect(schedule.lastBatch(ofWindow: index) >= batch) }
        }
        start = end
      }
      schedule.shuffle(using: &stream)
    }
  }

  @Test func aStreamDeterminesThePass() throws {
    let window = ShuffleWindow(blockRows: 16, blocks: 5)
    var fresh = try BatchSchedule(rows: 999, batchSize: 10, dropLast: false, window: window)
    var used = fresh
    var other = RandomStream(seed: 1)
    used.shuffle(using: &other)
    var (first, second) = (RandomStream(seed: 2), RandomStream(seed: 2))
    fresh.shuffle(using: &first)
    used.shuffle(using: &second)
    #expect(fresh.order == used.order && first == second)
    let before = fresh.order
    fresh.shuffle(using: &first)
    #expect(fresh.order != before)
  }

  @Test func rowsOfABlockStayTogether() throws {
    let window = ShuffleWindow(blockRows: 16, blocks: 4)
    var schedule = try BatchSchedule(rows: 1600, batchSize: 10, dropLast: false, window: window)
    var stream = RandomStream(seed: 3)
    for _ in 0..<20 {
      schedule.shuffle(using: &stream)
      var places = [Int](repeating: 0, count: 1600)
      for (place, row) in schedule.order.enumerated() { places[Int(row)] = place }
      for block in stride(from: 0, to: 1600, by: 16) {
        let ends = places[block..<block + 16]
        #expect((ends.max() ?? 0) - (ends.min() ?? 0) < 64)
      }
    }
  }

  /// The place of a row is uniform: χ² with 239 degrees of freedom has mean 239 and variance 478.
  @Test(arguments: [0, 7, 119, 239])
  func placesAreUniform(row: Int) throws {
    var schedule = try BatchSchedule(
      rows: 240, batchSize: 10, dropLast: false, window: ShuffleWindow(blockRows: 10, blocks: 4))
    var stream = RandomStream(seed: UInt64(100 + row))
    let draws = 12_000
    var counts = [Int](repeating: 0, count: 240)
    for _ in 0..<draws {
      schedule.shuffle(using: &stream)
      counts[schedule.order.firstIndex(of: Int32(row)) ?? 0] += 1
    }
    let expected = Double(draws) / 240
    let chiSquare = counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
    #expect(abs(chiSquare - 239) < 5 * 478.0.squareRoot(), "χ² = \(chiSquare)")
  }

  /// Within a window all orders are equally likely: the six of three rows, χ² with 5 degrees of freedom.
  @Test func ordersWithinAWindowAreUniform() throws {
    var schedule = try BatchSchedule(
      rows: 3, batchSize: 1, dropLast: false, window: ShuffleWindow(blockRows: 2, blocks: 2))
    var stream = RandomStream(seed: 8)
    var counts: [[Int32]: Int] = [:]
    for _ in 0..<6000 {
      schedule.shuffle(using: &stream)
      counts[schedule.order, default: 0] += 1
    }
    let chiSquare = counts.values.reduce(0) { $0 + (Double($1) - 1000) * (Double($1) - 1000) / 1000 }
    #expect(counts.count == 6 && chiSquare < 5 + 5 * 10.0.squareRoot(), "χ² = \(chiSquare)")
  }

  /// The worst case, a file sorted by the label: the share of positives in a window varies as `ShuffleWindow` says, and
  /// neighbours in the pass are hardly alike.
  @Test func aFileSortedByLabel() throws {
    let (blockRows, blockCount, blocks) = (16, 1000, 100)
    let rows = blockRows * blockCount
    var schedule = try BatchSchedule(
      rows: rows, batchSize: 32, dropLast: false, window: ShuffleWindow(blockRows: blockRows, blocks: blocks))
    var stream = RandomStream(seed: 6)
    var squares = 0.0
    var windows = 0
    var products = 0.0
    let passes = 40
    for _ in 0..<passes {
      schedule.shuffle(using: &stream)
      let labels = schedule.order.map { Int($0) < rows / 2 ? 0.5 : -0.5 }
      for start in stride(from: 0, to: rows, by: blocks * blockRows) {
        let share = labels[start..<start + blocks * blockRows].reduce(0, +) / Double(blocks * blockRows)
        squares += share * share
        windows += 1
      }
      products += zip(labels, labels.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let expected = 0.25 / Double(blocks) * Double(blockCount - blocks) / Double(blockCount - 1)
    let found = squares / Double(windows)
    // 400 windows: the variance of a variance is about 2σ⁴ / 400, somewhat less for windows that share one pass.
    #expect(abs(found - expected) < 5 * expected * (2.0 / Double(windows)).squareRoot(), "\(found) for \(expected)")
    // The autocorrelation at lag 1 is the windows' share of the variance, less 1 / n for drawing without replacement.
    let correlation = products / Double(passes * (rows - 1)) / 0.25
    let noise = 5 / Double(passes * rows).squareRoot() + expected / 0.25 * 0.4
    #expect(abs(correlation - expected / 0.25) < noise, "\(correlation)")
  }

  @Test func aWindowOfAllBlocksIsAFullShuffle() throws {
    var schedule = try BatchSchedule(
      rows: 1000, batchSize: 10, dropLast: false, window: ShuffleWindow(blockRows: 16, blocks: 63))
    #expect(schedule.windowCount == 1)
    var stream = RandomStream(seed: 5)
    schedule.shuffle(using: &stream)
    #expect(schedule.blocks(ofWindow: 0).joined().sorted() == Array(0..<1000))
  }
}
