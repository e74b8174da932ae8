/// A message of protocol buffers that is being written, field by field. Single fields with their default value are left
/// out, as the third version of the format does.
///
/// - Source: Protocol Buffers, "Encoding".
package struct ProtobufMessage: Sendable, Hashable {
  /// What was written so far.
  package private(set) var bytes: [UInt8] = []

  package init() {}

  /// A field of 64 bits.
  package mutating func add(_ field: Int, double: Double) {
    guard double.bitPattern != 0 else { return }
    tag(field, 1)
    bytes += littleEndianBytes(double.bitPattern)
  }

  /// A field of 32 bits; written where it is 0 too, for it is one of several of which one is chosen.
  package mutating func add(_ field: Int, float: Float) {
    tag(field, 5)
    bytes += littleEndianBytes(float.bitPattern)
  }

  /// A number of variable length; negative ones take ten bytes.
  package mutating func add(_ field: Int, integer: Int) {
    guard integer != 0 else { return }
    tag(field, 0)
    variable(UInt64(bitPattern: Int64(integer)))
  }

  /// A text, written where it is empty too, for it may be one of a list.
  package mutating func add(_ field: Int, text: String) {
    add(field, data: Array(text.utf8))
  }

  /// A message within this one.
  package mutating func add(_ field: Int, message: ProtobufMessage) {
    add(field, data: message.bytes)
  }

  /// Bytes as they are.
  package mutating func add(_ field: Int, data: [UInt8]) {
    tag(field, 2)
    variable(UInt64(data.count))
    bytes += data
  }

  /// A list of numbers, packed.
  package mutating func add(_ field: Int, doubles: [Double]) {
    add(field, data: doubles.flatMap { littleEndianBytes($0.bitPattern) })
  }

  /// A list of numbers of variable length, packed.
  package mutating func add(_ field: Int, integers: [Int]) {
    var list = ProtobufMessage()
    for number in integers { list.variable(UInt64(bitPattern: Int64(number))) }
    add(field, data: list.bytes)
  }

  private mutating func tag(_ field: Int, _ type: UInt64) {
    variable(UInt64(field) << 3 | type)
  }

  /// Seven bits a byte, the lowest first.
  private mutating func variable(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

/// The bytes of a number, the lowest first.
package func littleEndianBytes(_ number: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: number.littleEndian) { Array($0) }
}
