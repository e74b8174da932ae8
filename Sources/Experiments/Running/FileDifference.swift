/// How two files that are not equal differ.
struct FileDifference {
  let outcome: RunVerifier.File.Outcome

  /// - Parameter isText: Whether the files hold text, in which lines are counted and numbers compared; otherwise they
  ///   hold single-precision numbers behind a header of the length that their first eight bytes give.
  init(_ one: [UInt8], _ other: [UInt8], isText: Bool) {
    let place = zip(one, other).enumerated().first { $1.0 != $1.1 }?.offset ?? min(one.count, other.count)
    if isText {
      let line = one[..<place].count { $0 == 0x0a } + 1
      outcome = .different(
        "from line \(line) on: \(Self.excerpt(one, place)) then, \(Self.excerpt(other, place)) now",
        largestDifference: Self.distance(Self.numbers(one), Self.numbers(other)))
    } else {
      let count = zip(one, other).count { $0 != $1 } + abs(one.count - other.count)
      outcome = .different(
        "from byte \(place) on, \(count) of \(one.count) bytes",
        largestDifference: Self.distance(Self.weights(one), Self.weights(other)))
    }
  }

  /// Some characters around the place where two texts part.
  private static func excerpt(_ bytes: [UInt8], _ place: Int) -> String {
    let lineStart = (bytes[..<place].lastIndex(of: 0x0a) ?? -1) + 1
    let start = max(lineStart, place - 24)
    let end = bytes[min(start, bytes.count)...].prefix(48).firstIndex(of: 0x0a) ?? min(bytes.count, start + 48)
    return "'\(String(decoding: bytes[min(start, bytes.count)..<max(end, min(start, bytes.count))], as: UTF8.self))'"
  }

  /// The largest difference of numbers at the same places; nil where there are not as many.
  private static func distance(_ one: [Double], _ other: [Double]) -> Double? {
    guard one.count == other.count, !one.isEmpty else { return nil }
    let largest = zip(one, other).reduce(0.0) { max($0, abs($1.0 - $1.1)) }
    return largest.isFinite ? largest : nil
  }

  /// The numbers of a text, whatever stands between them.
  private static func numbers(_ bytes: [UInt8]) -> [Double] {
    let parts = bytes.split { byte in
      !(0x30...0x39 ~= byte || [0x2e, 0x2d, 0x2b, 0x65, 0x45].contains(byte))
    }
    return parts.compactMap { part in
      guard let first = part.first, 0x30...0x39 ~= first || first == 0x2d else { return nil }
      return Double(String(decoding: part, as: UTF8.self))
    }
  }

  /// The numbers of a file of weights.
  private static func weights(_ bytes: [UInt8]) -> [Double] {
    guard bytes.count >= 8 else { return [] }
    let header = bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    guard header <= UInt64(bytes.count - 8) else { return [] }
    return bytes.withUnsafeBytes { bytes in
      stride(from: 8 + Int(header), through: bytes.count - 4, by: 4).map { offset in
        Double(
          Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))))
      }
    }
  }
}
