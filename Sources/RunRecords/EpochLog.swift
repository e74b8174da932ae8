import OrderedJSON

/// `epochs.jsonl`, which grows by a line an epoch.
public final class EpochLog {
  private let file: AppendingFile

  init(path: String) throws(RecordError) {
    file = try AppendingFile(path: path, truncating: false)
  }

  /// Appends the line of an epoch, in one write.
  public func append(_ record: EpochRecord) throws(RecordError) {
    try file.append(Array((record.json.serialized(.compact) + "\n").utf8))
  }

  /// The bytes of the file.
  package var length: Int { file.length }

  /// Brings the lines to the disk.
  package func synchronize() throws(RecordError) {
    try file.synchronize()
  }

  /// Closes the file, its lines safe on the disk.
  public func close() throws(RecordError) {
    try file.close(synchronizing: true)
  }

  /// Reads the whole lines of a file.
  static func read(_ path: String) throws(RecordError) -> [EpochRecord] {
    var records: [EpochRecord] = []
    for (place, json) in try lines(path) { records.append(try EpochRecord(json, at: place)) }
    return records
  }

  /// The whole lines of a file of JSON Lines, each with its place.
  static func lines(_ path: String) throws(RecordError) -> [(place: String, json: JSON)] {
    let bytes = try FileAccess.read(path)
    var lines: [(place: String, json: JSON)] = []
    var start = bytes.startIndex
    while let end = bytes[start...].firstIndex(of: 0x0a) {
      let place = "\(path):\(lines.count + 1)"
      do {
        lines.append((place, try JSONReader.read(Array(bytes[start..<end]), source: place).value))
      } catch {
        throw RecordError(.badData, at: place, "\(error.message) The record is damaged.")
      }
      start = end + 1
    }
    return lines
  }
}
