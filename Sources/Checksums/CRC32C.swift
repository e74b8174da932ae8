/// The check sum of TFRecord files: CRC-32C (Castagnoli), eight bytes at a time, with the mask that the format adds.
///
/// - Source: Sarwate (1988), Kounavis and Berry (2005) for the eight tables; RFC 3720 for the polynomial; for the mask
///   TensorFlow's record format.
package enum CRC32C {
  /// The polynomial 1EDC6F41, bits reversed.
  private static let polynomial: UInt32 = 0x82f6_3b78

  /// `tables[k][b]`: the check sum of byte b followed by k bytes of 0.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var sum = UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ polynomial : sum >> 1 }
      tables[byte] = sum
    }
    for table in 1..<8 {
      for byte in 0..<256 {
        let previous = tables[(table - 1) * 256 + byte]
        tables[table * 256 + byte] = tables[Int(previous & 0xff)] ^ previous >> 8
      }
    }
    return tables
  }()

  /// The check sum of some bytes.
  package static func checkSum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var sum = ~UInt32(0)
    var index = 0
    tables.withUnsafeBufferPointer { tables in
      while index + 8 <= bytes.count {
        let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)) ^ UInt64(sum)
        sum = 0
        for byte in 0..<8 {
          sum ^= tables[(7 - byte) * 256 + Int(word >> UInt64(8 * byte) & 0xff)]
        }
        index += 8
      }
      while index < bytes.count {
        sum = tables[Int((sum ^ UInt32(bytes[index])) & 0xff)] ^ sum >> 8
        index += 1
      }
    }
    return ~sum
  }

  /// The check sum as a TFRecord file holds it: rotated by 15 bits, plus a constant, so that records may hold check sums.
  package static func masked(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    let sum = checkSum(bytes)
    return (sum >> 15 | sum << 17) &+ 0xa282_ead8
  }
}
