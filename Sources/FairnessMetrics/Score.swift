/// A number that a model gives a row: `Float` or `Double`.
///
/// Ranking works on the score's bits instead of its value: `orderedBits` maps scores to unsigned integers of the same
/// order, which a radix sort puts in order in linear time.
public protocol Score: BinaryFloatingPoint, BitwiseCopyable, Sendable {
  /// A score and a payload of 32 bits, in a form that sorts by the score.
  associatedtype Ranked: RankedRow

  /// The score's row, ready to be sorted.
  ///
  /// - Parameter payload: What is to travel with the score, such as its label or the number of its row.
  func ranked(payload: UInt32) -> Ranked
}

extension Float: Score {
  /// The bits of the score, changed so that they compare as unsigned integers the way scores compare as numbers.
  ///
  /// Negative numbers have all bits flipped, others the sign bit only. Adding +0 first makes −0 equal to +0.
  @inline(__always) package var orderedBits: UInt32 {
    let bits = (self + 0).bitPattern
    return bits ^ (UInt32(bitPattern: Int32(bitPattern: bits) >> 31) | 0x8000_0000)
  }

  @inline(__always) public func ranked(payload: UInt32) -> PackedRankedRow {
    PackedRankedRow(bits: UInt64(orderedBits) << 32 | UInt64(payload))
  }
}

extension Double: Score {
  /// The bits of the score, changed so that they compare as unsigned integers the way scores compare as numbers.
  @inline(__always) package var orderedBits: UInt64 {
    let bits = (self + 0).bitPattern
    return bits ^ (UInt64(bitPattern: Int64(bitPattern: bits) >> 63) | 0x8000_0000_0000_0000)
  }

  @inline(__always) public func ranked(payload: UInt32) -> WideRankedRow {
    WideRankedRow(key: orderedBits, payload: payload)
  }
}

/// A row that sorts by its score and carries 32 bits along.
public protocol RankedRow: BitwiseCopyable, Sendable {
  /// An unsigned integer that orders rows as their scores do; equal for equal scores.
  var key: UInt64 { get }

  /// What travels with the score.
  var payload: UInt32 { get }
}

/// Score and payload of a `Float` in one word.
public struct PackedRankedRow: RankedRow {
  /// The ordered bits of the score above, the payload below.
  var bits: UInt64

  @inline(__always) public var key: UInt64 { bits >> 32 }
  @inline(__always) public var payload: UInt32 { UInt32(truncatingIfNeeded: bits) }
}

/// Score and payload of a `Double` in two words.
public struct WideRankedRow: RankedRow {
  public var key: UInt64
  public var payload: UInt32
}

/// Score and label of a `Float` in half a word, where the scores span fewer than 2³¹ steps.
struct CompactRankedRow: RankedRow {
  /// The steps of the score above the smallest one, and in the lowest bit the label.
  var bits: UInt32

  @inline(__always) var key: UInt64 { UInt64(bits >> 1) }
  @inline(__always) var payload: UInt32 { bits & 1 }
}
