import LinearAlgebra
import Mitigation
import Testing

@Suite struct TradeOffTests {
  @Test func paretoSetByHand() {
    let points: [TradeOff.Point?] = [
      (0.84, 0.5), (0.83, 0.8), (0.82, 0.7), nil, (0.83, 0.8), (0.80, 0.95), (0.84, 0.4),
    ]
    #expect(TradeOff.paretoSet(points) == [0, 1, 5])
    #expect(TradeOff.paretoSet([]) == [] && TradeOff.paretoSet([nil]) == [])
  }

  /// Against the definition, on random points with ties: kept is whom no other surpasses, one of each place.
  @Test func paretoSetByDefinition() {
    var stream = RandomStream(seed: 5)
    for _ in 0..<50 {
      let points = (0..<12).map { _ -> TradeOff.Point? in
        (Double(stream.below(6)), Double(stream.below(6)))
      }
      let known = points.compactMap { $0 }
      let kept = TradeOff.paretoSet(points)
      for (index, point) in known.enumerated() {
        let isSurpassed = known.contains {
          ($0.accuracy > point.accuracy && $0.parity >= point.parity)
            || ($0.accuracy >= point.accuracy && $0.parity > point.parity)
        }
        let isRepeated = known[..<index].contains { $0 == point }
        #expect(kept.contains(index) == (!isSurpassed && !isRepeated))
      }
      #expect(kept.map { known[$0].parity } == kept.map { known[$0].parity }.sorted())
    }
  }

  @Test func knee() throws {
    let points: [TradeOff.Point?] = [(0.84, 0.0), (0.838, 0.6), (0.82, 0.8), (0.79, 1.0)]
    let knee = try #require(TradeOff.knee(points))
    #expect(knee.index == 1)
    // By hand: parity 0.6 of the way, accuracy 0.96 of it.
    #expect(abs(knee.distance - 0.56 / 2.0.squareRoot()) < 1e-12)
    // On a line, below it, or with two points there is none.
    #expect(TradeOff.knee([(1, 0), (0.5, 0.5), (0, 1)]) == nil)
    #expect(TradeOff.knee([(1, 0), (0.25, 0.5), (0, 1)]) == nil)
    #expect(TradeOff.knee([(1, 0), (0, 1)]) == nil)
  }
}
