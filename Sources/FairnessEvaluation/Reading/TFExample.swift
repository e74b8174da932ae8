/// The values of one feature of a `tf.Example`.
enum TFFeature {
  case bytes([ArraySlice<UInt8>])
  case floats([Float])
  case integers([Int64])
  /// The feature is there, and has no list.
  case none
}

/// Reads the wire format of `tf.Example`: `Example{1: Features{1: {1: name, 2: Feature{1 | 2 | 3: list{1: …}}}*}}`.
///
/// Fields that the messages do not have are skipped, as protocol buffers ask; of a field that comes twice, the later
/// wins; numbers may be packed or not.
///
/// - Source: tensorflow/core/example/example.proto and feature.proto; protobuf's encoding guide.
struct TFExample {
  /// Why bytes are no message.
  struct Malformed: Error {}

  /// The features by name.
  private(set) var features: [String: TFFeature] = [:]

  init(_ bytes: ArraySlice<UInt8>) throws(Malformed) {
    var example = WireReader(bytes)
    while let field = try example.next() {
      guard field.number == 1, let message = field.message else { continue }
      var list = WireReader(message)
      while let entry = try list.next() {
        guard entry.number == 1, let message = entry.message else { continue }
        try addEntry(message)
      }
    }
  }

  private mutating func addEntry(_ message: ArraySlice<UInt8>) throws(Malformed) {
    var entry = WireReader(message)
    var name = ""
    var feature = TFFeature.none
    while let field = try entry.next() {
      guard let bytes = field.message else { continue }
      if field.number == 1 {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed() }
        name = text
      } else if field.number == 2 {
        feature = try Self.feature(bytes)
      }
    }
    features[name] = feature
  }

  private static func feature(_ message: ArraySlice<UInt8>) throws(Malformed) -> TFFeature {
    var reader = WireReader(message)
    var feature = TFFeature.none
    while let field = try reader.next() {
      guard let bytes = field.message else { continue }
      switch field.number {
      case 1:
        var list = WireReader(bytes)
        var values: [ArraySlice<UInt8>] = []
        while let element = try list.next() {
          if element.number == 1, let bytes = element.message { values.append(bytes) }
        }
        feature = .bytes(values)
      case 2:
        let words = try numbers(bytes) { reader throws(Malformed) in UInt64(try reader.word32()) }
        feature = .floats(words.map { Float(bitPattern: UInt32(truncatingIfNeeded: $0)) })
      case 3:
        let words = try numbers(bytes) { reader throws(Malformed) in try reader.varint() }
        feature = .integers(words.map { Int64(bitPattern: $0) })
      default: break
      }
    }
    return feature
  }

  /// The numbers of a list, one a field or packed.
  private static func numbers(
    _ message: ArraySlice<UInt8>, _ read: (inout WireReader) throws(Malformed) -> UInt64
  ) throws(Malformed) -> [UInt64] {
    var list = WireReader(message)
    var values: [UInt64] = []
    while let field = try list.next() {
      guard field.number == 1 else { continue }
      if let bytes = field.message {
        var packed = WireReader(bytes)
        while !packed.isAtEnd { values.append(try read(&packed)) }
      } else {
        values.append(field.word)
      }
    }
    return values
  }
}

/// Reads the fields of one message.
private struct WireReader {
  /// A field: its number, and its bytes where it has a length, else its word.
  struct Field {
    var number: UInt64
    var word: UInt64 = 0
    var message: ArraySlice<UInt8>?
  }

  private var bytes: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  var isAtEnd: Bool { bytes.isEmpty }

  mutating func next() throws(TFExample.Malformed) -> Field? {
    guard !bytes.isEmpty else { return nil }
    let tag = try varint()
    var field = Field(number: tag >> 3)
    switch tag & 7 {
    case 0: field.word = try varint()
    case 1: field.word = UInt64(try word32()) | UInt64(try word32()) << 32
    case 2:
      let length = try varint()
      guard length <= UInt64(bytes.count) else { throw TFExample.Malformed() }
      field.message = bytes.prefix(Int(length))
      bytes = bytes.dropFirst(Int(length))
    case 5: field.word = UInt64(try word32())
    default: throw TFExample.Malformed()
    }
    guard field.number > 0 else { throw TFExample.Malformed() }
    return field
  }

  mutating func varint() throws(TFExample.Malformed) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = bytes.popFirst() else { break }
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
    }
    throw TFExample.Malformed()
  }

  mutating func word32() throws(TFExample.Malformed) -> UInt32 {
    guard bytes.count >= 4 else { throw TFExample.Malformed() }
    var word: UInt32 = 0
    for (place, byte) in bytes.prefix(4).enumerated() { word |= UInt32(byte) << UInt32(8 * place) }
    bytes = bytes.dropFirst(4)
    return word
  }
}
