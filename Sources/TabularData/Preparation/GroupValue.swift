/// Values of columns as names of groups and classes.
package enum GroupValue {
  /// A number as a name: `1` for 1.0, otherwise the shortest text that gives it back.
  static func name(_ number: Double) -> String {
    if number == number.rounded() && abs(number) < 1e15 { return String(Int(number)) }
    return String(number)
  }

  /// The number a name stands for.
  package static func number(_ name: String) -> Double? {
    var copy = name
    return copy.withUTF8 { bytes in
      guard case .number(let value) = DecimalNumber.read(UnsafeRawBufferPointer(bytes)) else { return nil }
      return value
    }
  }

  /// Names in the order of their UTF-8 bytes, which is Python's and so pandas' order of strings.
  static func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
}
