import LinearAlgebra
import TabularData
import Testing

@Suite struct BatchScheduleTests {
  @Test(arguments: [
    (15_470, 32, true, 483), (15_470, 32, false, 484), (32, 32, true, 1), (5, 32, false, 1), (64, 32, false, 2),
  ])
  func countsBatches(rows: Int, size: Int, dropLast: Bool, expected: Int) throws {
    let schedule = try BatchSchedule(rows: rows, batchSize: size, dropLast: dropLast)
    #expect(schedule.batchCount == expected)
    let visited = (0..<expected).flatMap { schedule.rows(ofBatch: $0) }
    #expect(visited.count == (dropLast ? expected * size : rows))
    #expect(Set(visited).count == visited.count)
  }

  @Test func shufflesAsTheStreamDoes() throws {
    var schedule = try BatchSchedule(rows: 1000, batchSize: 32, dropLast: true)
    var stream = RandomStream(seed: 9)
    var twin = stream
    var rows = [Int32](0..<1000)
    for _ in 0..<3 {
      schedule.shuffle(using: &stream)
      twin.shuffle(&rows)
      #expect(schedule.order == rows)
      #expect(schedule.order.sorted() == Array(0..<1000))
    }
    #expect(stream == twin)
  }

  @Test func doesNotMoveItsBuffer() throws {
    var schedule = try BatchSchedule(rows: 1000, batchSize: 32, dropLast: true)
    var stream = RandomStream(seed: 9)
    let before = schedule.order.withUnsafeBufferPointer { $0.baseAddress }
    for _ in 0..<10 { schedule.shuffle(using: &stream) }
    #expect(schedule.order.withUnsafeBufferPointer { $0.baseAddress } == before)
  }

  @Test func refusesAPassWithoutSteps() throws {
    #expect(
      try message { _ in _ = try BatchSchedule(rows: 31, batchSize: 32, dropLast: true) }
        == "train split: has 31 rows, fewer than a batch of 32, and incomplete batches are dropped. "
        + "Choose a smaller batch size.")
    #expect(throws: DataError.self) { try BatchSchedule(rows: 0, batchSize: 32, dropLast: false) }
  }
}
