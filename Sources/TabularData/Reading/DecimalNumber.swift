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

  /// The same as whole numbers, as far as a word holds them.
  private static let wholePowers: [UInt64] = (0...19).map { exponent in
    (0..<exponent).reduce(1) { product, _ in product * 10 }
  }

  /// Reads a whole cell: `[+-] digits [. digits] [e [+-] digits]`, blanks around it allowed, nothing else.
  ///
  /// Up to 2⁵³ and ten to the ±22 the mantissa and the power are exact, so one rounded operation gives the nearest
  /// number (Clinger 1990); up to 19 digits with a fraction one division of whole numbers does; the rest goes to the
  /// standard library.
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
    var hasDigits = false
    var digits = 0
    var scale = 0
    while index < end, let digit = digit(cell[index]) {
      // Beyond 19 digits, leading zeros not counted, the word wraps; such numbers take the slow way, so its value is
      // not used.
      mantissa = mantissa &* 10 &+ digit
      digits += mantissa != 0 || digits > 0 ? 1 : 0
      hasDigits = true
      index += 1
    }
    if index < end && cell[index] == UInt8(ascii: ".") {
      index += 1
      while index < end, let digit = digit(cell[index]) {
        mantissa = mantissa &* 10 &+ digit
        digits += mantissa != 0 || digits > 0 ? 1 : 0
        hasDigits = true
        scale -= 1
        index += 1
      }
    }
    guard hasDigits else { return isNonFiniteWord(cell[index..<end]) ? .notFinite : .notNumber }
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
    if digits <= 19 && mantissa > 0 && -19...(-1) ~= power {
      let magnitude = quotient(mantissa, by: wholePowers[-power])
      return .number(isNegative ? -magnitude : magnitude)
    }
    guard let value = Double(String(decoding: cell[start..<end], as: UTF8.self)) else { return .notNumber }
    return value.isFinite ? .number(value) : .notFinite
  }

  /// The `Double` nearest to `a / b`, ties to even: a quotient of 64 bits and a remainder tell all that rounding asks.
  ///
  /// - Precondition: Both are greater than 0.
  private static func quotient(_ a: UInt64, by b: UInt64) -> Double {
    // With the top bits of both set, a/b lies between ½ and 2, and a/2 below b.
    let shiftA = a.leadingZeroBitCount
    let shiftB = b.leadingZeroBitCount
    let high = a << UInt64(shiftA)
    let divisor = b << UInt64(shiftB)
    let (quotient, remainder) = divisor.dividingFullWidth((high >> 1, high << 63))
    // quotient / 2⁶³ = high / divisor, so that its top bit or the next is set: at least 63 bits for a mantissa of 53.
    // Whatever the remainder is, it lies below the bits that are kept, and counts as one that is not 0.
    let sticky = quotient | (remainder == 0 ? 0 : 1)
    return Double(sticky) * Double(sign: .plus, exponent: shiftB - shiftA - 63, significand: 1)
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
