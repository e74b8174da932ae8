import Checksums
import ProtocolBuffers

/// An event file of TensorBoard, written record by record.
///
/// A record is its length (8 bytes), that length's masked CRC-32C (4), the data, and theirs (4), little-endian; the data
/// is a message `Event` of protocol buffers. A record that was cut off ends the file for every reader.
///
/// - Source: `tensorboard/compat/proto/event.proto`, `summary.proto`, `histogram.proto`.
package struct TensorBoardEvents {
  /// How scores are counted: in this many bins of equal width over 0...1.
  private static let bins = 50

  /// The record with which every file begins.
  package static func start(time: Double) -> [UInt8] {
    var event = ProtobufMessage()
    event.add(1, double: time)
    event.add(3, text: "brain.Event:2")
    return record(event.bytes)
  }

  /// A record with numbers of one step.
  package static func scalars(_ values: [(tag: String, value: Double)], step: Int, time: Double) -> [UInt8] {
    summary(step: step, time: time) { summary in
      for (tag, value) in values {
        var message = ProtobufMessage()
        message.add(1, text: tag)
        message.add(2, float: Float(value))
        summary.add(1, message: message)
      }
    }
  }

  /// A record with the distribution of scores at a step; empty where there are no scores.
  package static func histogram(_ tag: String, _ scores: [Float], step: Int, time: Double) -> [UInt8] {
    guard let least = scores.min(), let most = scores.max() else { return [] }
    var counts = [Double](repeating: 0, count: bins)
    var sum = 0.0
    var squares = 0.0
    for score in scores {
      let score = Double(score)
      counts[min(bins - 1, max(0, Int(score * Double(bins))))] += 1
      sum += score
      squares += score * score
    }
    var histogram = ProtobufMessage()
    histogram.add(1, double: Double(least))
    histogram.add(2, double: Double(most))
    histogram.add(3, double: Double(scores.count))
    histogram.add(4, double: sum)
    histogram.add(5, double: squares)
    histogram.add(6, doubles: (1...bins).map { Double($0) / Double(bins) })
    histogram.add(7, doubles: counts)
    return summary(step: step, time: time) { summary in
      var message = ProtobufMessage()
      message.add(1, text: tag)
      message.add(5, message: histogram)
      summary.add(1, message: message)
    }
  }

  private static func summary(step: Int, time: Double, _ fill: (inout ProtobufMessage) -> Void) -> [UInt8] {
    var summary = ProtobufMessage()
    fill(&summary)
    var event = ProtobufMessage()
    event.add(1, double: time)
    event.add(2, integer: step)
    event.add(5, message: summary)
    return record(event.bytes)
  }

  private static func record(_ data: [UInt8]) -> [UInt8] {
    let length = littleEndianBytes(UInt64(data.count))
    return length + checkSum(length) + data + checkSum(data)
  }

  private static func checkSum(_ bytes: [UInt8]) -> [UInt8] {
    littleEndianBytes(bytes.withUnsafeBytes { CRC32C.masked($0) })
  }
}
