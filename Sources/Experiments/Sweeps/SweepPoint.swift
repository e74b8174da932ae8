import LinearAlgebra
import OrderedJSON

/// A point of a design: a value for each of its keys.
public struct SweepPoint: Sendable, Hashable {
  /// The keys, each with its value.
  public let values: [(key: String, value: JSON)]

  init(_ values: [(key: String, value: JSON)]) { self.values = values }

  public static func == (one: SweepPoint, other: SweepPoint) -> Bool {
    one.values.elementsEqual(other.values) { $0.key == $1.key && $0.value == $1.value }
  }

  public func hash(into hasher: inout Hasher) {
    for (key, value) in values {
      hasher.combine(key)
      hasher.combine(value)
    }
  }

  /// `adversary.lambda=50, training.batchSize=64`.
  public var text: String {
    values.map { "\($0.key)=\($0.value.serialized(.line))" }.joined(separator: ", ")
  }

  /// The points of a sweep's design, each once. The last key of a grid changes the fastest.
  static func points(of sweep: SweepConfiguration) -> [SweepPoint] {
    let keys = sweep.parameters.map(\.name)
    let all: [[JSON]]
    switch sweep.design {
    case .grid:
      all = sweep.parameters.reduce([[]]) { points, parameter in
        guard case .list(let values) = parameter.value else { return points }
        return points.flatMap { point in values.map { point + [$0] } }
      }
    case .random:
      // A stream for each key, so that another key leaves the values of this one as they are.
      let shares = keys.map { key in
        var stream = RandomStream(seed: UInt64(sweep.designSeed)).split("sweep of " + key)
        return (0..<(sweep.points ?? 0)).map { _ in share(of: stream.next()) }
      }
      all = (0..<(sweep.points ?? 0)).map { index in
        zip(sweep.parameters, shares).map { $0.value.value(at: $1[index]) }
      }
    case .sobol:
      let sequence = SobolSequence(dimensions: max(1, keys.count))
      // A shift of the digits keeps how evenly the points lie, and takes the first one out of the corner.
      let shifts = keys.map { key -> UInt32 in
        var stream = RandomStream(seed: UInt64(sweep.designSeed)).split("sweep of " + key)
        return UInt32(truncatingIfNeeded: stream.next() >> 32)
      }
      all = (0..<(sweep.points ?? 0)).map { index in
        zip(zip(sweep.parameters, sequence.point(index)), shifts).map { pair, shift in
          pair.0.value.value(at: Double(pair.1 ^ shift) * 0x1p-32)
        }
      }
    }
    var seen: Set<SweepPoint> = []
    return all.map { SweepPoint(zip(keys, $0).map { ($0, $1) }) }.filter { seen.insert($0).inserted }
  }

  /// A number in 0..<1 of 53 digits.
  private static func share(of bits: UInt64) -> Double { Double(bits >> 11) * 0x1p-53 }
}

extension SweepConfiguration.Values {
  /// The value at a share of the list or range.
  fileprivate func value(at share: Double) -> JSON {
    switch self {
    case .list(let values): values[min(values.count - 1, Int(share * Double(values.count)))]
    case .range(let range): .number(JSONNumber(range.value(at: share)))
    }
  }
}
