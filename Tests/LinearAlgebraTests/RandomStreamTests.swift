import Foundation
import LinearAlgebra
import Testing

@Suite struct RandomStreamTests {
  /// A stream with a state of our choice, which only a stored one has.
  private func stream(state: [UInt64]) throws -> RandomStream {
    try JSONDecoder().decode(RandomStream.self, from: JSONEncoder().encode(["state": state]))
  }

  private func state(of stream: RandomStream) throws -> [UInt64] {
    let stored = try JSONDecoder().decode([String: [UInt64]].self, from: JSONEncoder().encode(stream))
    return try #require(stored["state"])
  }

  /// The first numbers from the state 1, 2, 3, 4, as the tests of Rust's `rand_xoshiro` give them, computed there with
  /// the reference implementation at prng.di.unimi.it.
  @Test func xoshiroOfThePublishedReference() throws {
    var stream = try stream(state: [1, 2, 3, 4])
    let expected: [UInt64] = [
      11520, 0, 1_509_978_240, 1_215_971_899_390_074_240, 1_216_172_134_540_287_360, 607_988_272_756_665_600,
      16_172_922_978_634_559_625, 8_476_171_486_693_032_832, 10_595_114_339_597_558_777, 2_904_607_092_377_533_576,
    ]
    #expect((0..<10).map { _ in stream.next() } == expected)
  }

  /// The state of seed 1234567: the first numbers of SplitMix64 as published with its reference implementation.
  @Test func splitMixOfThePublishedReference() throws {
    #expect(
      try state(of: RandomStream(seed: 1_234_567)) == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
      ])
  }

  @Test func aStoredStreamContinues() throws {
    var stream = RandomStream(seed: 5)
    _ = stream.next()
    var stored = try JSONDecoder().decode(RandomStream.self, from: JSONEncoder().encode(stream))
    #expect(stored == stream)
    #expect((0..<5).map { _ in stored.next() } == (0..<5).map { _ in stream.next() })
  }

  @Test(arguments: [[], [1, 2, 3], [1, 2, 3, 4, 5], [0, 0, 0, 0]])
  func aSpoiltStateIsRefused(_ state: [UInt64]) {
    #expect(throws: DecodingError.self) { _ = try stream(state: state) }
  }

  @Test func uniformNumbersFillTheirRange() {
    var stream = RandomStream(seed: 9)
    let values = (0..<10_000).map { _ in stream.uniform() }
    #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
    // Five standard errors of the mean, √(1/12/n), and of the mean square, √(4/45/n).
    let mean = values.reduce(0, +) / 10_000
    let square: Double = values.reduce(0) { $0 + $1 * $1 } / 10_000
    #expect(abs(mean - 0.5) < 5 * (1 / 120_000.0).squareRoot())
    #expect(abs(square - 1 / 3.0) < 5 * (4 / 450_000.0).squareRoot())
  }

  @Test func normalNumbersHaveTheirMoments() {
    var stream = RandomStream(seed: 10)
    let values = (0..<20_000).map { _ in stream.normal() }
    func moment(_ power: Int) -> Double {
      values.reduce(0) { $0 + pow($1, Double(power)) } / Double(values.count)
    }
    // Five standard errors: the variances of x, x², x³, x⁴ are 1, 2, 15 and 96.
    for (power, expected, variance) in [(1, 0.0, 1.0), (2, 1, 2), (3, 0, 15), (4, 3, 96)] {
      #expect(abs(moment(power) - expected) < 5 * (variance / 20_000).squareRoot(), "moment \(power)")
    }
  }

  @Test(arguments: [1, 2, 3, 5, 7, 10, 64] as [UInt64])
  func belowIsUniform(bound: UInt64) {
    var stream = RandomStream(seed: 11 + bound)
    let draws = 20_000
    var counts = [Int](repeating: 0, count: Int(bound))
    for _ in 0..<draws { counts[Int(stream.below(bound))] += 1 }
    let share = 1 / Double(bound)
    let error = (Double(draws) * share * (1 - share)).squareRoot()
    for count in counts { #expect(abs(Double(count) - Double(draws) * share) <= 5 * error) }
  }

  /// For a bound of 3·2⁶² a plain multiplication would hit every third number twice as often as the others.
  @Test func belowHasNoBiasForHugeBounds() {
    var stream = RandomStream(seed: 12)
    let bound = 3 << 62 as UInt64
    var counts = [0, 0, 0]
    for _ in 0..<30_000 {
      let value = stream.below(bound)
      #expect(value < bound)
      counts[Int(value % 3)] += 1
    }
    // Five standard errors of a third of 30,000.
    for count in counts { #expect(abs(count - 10_000) < 409, "\(counts)") }
  }

  @Test func belowZeroTraps() async {
    await #expect(processExitsWith: .failure) {
      var stream = RandomStream(seed: 1)
      _ = stream.below(0)
    }
  }

  @Test func shuffleIsAFixedPermutation() {
    var stream = RandomStream(seed: 4)
    var order = Array(0..<1000)
    stream.shuffle(&order)
    #expect(order != Array(0..<1000) && order.sorted() == Array(0..<1000))
    var again = RandomStream(seed: 4)
    var other = (0..<1000).map { "\($0)" }
    again.shuffle(&other)
    #expect(other == order.map { "\($0)" }, "the order does not depend on the elements")
    // Fisher and Yates from the end, written out.
    var draws = RandomStream(seed: 4)
    var expected = Array(0..<1000)
    for last in (1..<1000).reversed() { expected.swapAt(last, Int(draws.below(UInt64(last + 1)))) }
    #expect(order == expected)
    var single = ["a"]
    stream.shuffle(&single)
    var none: [Int] = []
    stream.shuffle(&none)
    #expect(single == ["a"] && none.isEmpty)
  }

  @Test func everyOrderIsAsLikely() {
    var stream = RandomStream(seed: 13)
    var counts: [[Int]: Int] = [:]
    for _ in 0..<12_000 {
      var order = [0, 1, 2, 3]
      stream.shuffle(&order)
      counts[order, default: 0] += 1
    }
    // Five standard errors of a share of 1/24 among 12,000.
    #expect(counts.count == 24 && counts.values.allSatisfy { abs($0 - 500) < 110 }, "\(counts)")
  }

  @Test func splitStreamsStandApart() {
    let root = RandomStream(seed: 6)
    var parent = root
    let children = [
      root.split("shuffling"), root.split("dropout"), root.split(""), root.split(0), root.split(1), root.split("0"),
      RandomStream(seed: 7).split("shuffling"), root,
    ]
    #expect(root.split("shuffling") == children[0] && parent == root, "splitting draws nothing")
    var seen: Set<UInt64> = []
    for var child in children { for _ in 0..<100 { seen.insert(child.next()) } }
    #expect(seen.count == 800, "no number twice")
    // Drawing from one child does not move another.
    var first = root.split("dropout")
    for _ in 0..<10 { _ = first.next() }
    #expect(root.split("shuffling") == children[0])
    _ = parent.next()
    // Bits of two streams agree half of the time: five standard errors among 64,000.
    var (a, b) = (root.split("a"), root.split("b"))
    let agreeing = (0..<1000).reduce(0) { sum, _ in sum + (~(a.next() ^ b.next())).nonzeroBitCount }
    #expect(abs(agreeing - 32_000) < 633)
  }
}
