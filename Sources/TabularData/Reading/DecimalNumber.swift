/// Numbers in text: what is read is the `Double` nearest to the decimal, as `strtod` in the C locale gives it.
package enum DecimalNumber {
  /// What a cell is, read as a number.
  package enum Reading: Equatable {
    case number(Double)
    /// `nan`, `inf`, or beyond the range of `Double`: a number of a kind no data set should have.
    case notFinite
    case notNumber
  }

  /// Powers of ten that a `Double` holds exactly.
  private static let powers: [Double] = (0...22).map { exponent in
    (0..<exponent).reduce(1.0) { product, _ in product * 10 }
  }

  /// Reads a whole cell: `[+-] digits [. digits] [e [+-] digits]`, blanks around it allowed, nothing else.
  ///
  /// Up to 2⁵³ and ten to the ±22 the mantissa and the power are exact, so one rounded operation gives the nearest
  /// number (Clinger 1990); the rest goes to the standard library.
  package static func read(_ cell: UnsafeRawBufferPointer) -> Reading {
    var start = 0
    var end = cell.count
    while start < end && isBlank(cell[start]) { start += 1 }
    while end > start && isBlank(cell[end - 1]) { end -= 1 }
    var index = start
    var isNegative = false
    if index < end && (cell[index] == UInt8(ascii: "-") || cell[index] == UInt8(ascii: "+")) {
      isNegative = cell[index] == UInt8(ascii: "-")
      index += 1
    }
    var mantissa: UInt64 = 0
    var digits = 0
    var scale = 0
    while index < end, let digit = digit(cell[index]) {
      // Beyond 19 digits the word wraps; such numbers take the slow way, so its value is not used.
      mantissa = mantissa &* 10 &+ digit
      digits += 1
      index += 1
    }
    if index < end && cell[index] == UInt8(ascii: ".") {
      index += 1
      while index < end, let digit = digit(cell[index]) {
        mantissa = mantissa &* 10 &+ digit
        digits += 1
        scale -= 1
        index += 1
      }
    }
    guard digits > 0 else { return isNonFiniteWord(cell[index..<end]) ? .notFinite : .notNumber }
    var exponent = 0
    if index < end && (cell[index] | 0x20) == UInt8(ascii: "e") {
      index += 1
      var exponentIsNegative = false
      if index < end && (cell[index] == UInt8(ascii: "-") || cell[index] == UInt8(ascii: "+")) {
        exponentIsNegative = cell[index] == UInt8(ascii: "-")
        index += 1
      }
      guard index < end, digit(cell[index]) != nil else { return .notNumber }
      while index < end, let digit = digit(cell[index]) {
        exponent = min(exponent * 10 + Int(digit), 1 << 20)
        index += 1
      }
      if exponentIsNegative { exponent = -exponent }
    }
    guard index == end else { return .notNumber }
    let power = exponent + scale
    if digits <= 19 && mantissa <= 1 << 53 && abs(power) <= 22 {
      let magnitude = power < 0 ? Double(mantissa) / powers[-power] : Double(mantissa) * powers[power]
      return .number(isNegative ? -magnitude : magnitude)
    }
    guard let value = Double(String(decoding: cell[start..<end], as: UTF8.self)) else { return .notNumber }
    return value.isFinite ? .number(value) : .notFinite
  }

  private static func isNonFiniteWord(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
    guard (3...8).contains(bytes.count) else { return false }
    return ["nan", "inf", "infinity"].contains(String(decoding: bytes, as: UTF8.self).lowercased())
  }

  @inline(__always)
  private static func digit(_ byte: UInt8) -> UInt64? {
    let value = byte &- UInt8(ascii: "0")
    return value < 10 ? UInt64(value) : nil
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
