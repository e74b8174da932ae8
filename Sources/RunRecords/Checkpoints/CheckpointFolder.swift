import Checksums

/// The checkpoints of a run: `checkpoint/<epochs, 8 digits>.state` in its folder, the last five of them.
///
/// A file is written under another name, brought to the disk, and renamed; then the folder is brought to the disk, and
/// only then the oldest one goes. So whatever happens in between, the newest whole file stays. In bytes a file is
///
///     "EQPSTATE"  version (4)  CRC-32C of the rest (4)  length of the state (8)  state
///
/// numbers little-endian. The state begins with what it is a state of, so that one that was put there from another run
/// is found out.
public struct CheckpointFolder: Sendable {
  /// The version of the files that are written; older ones are read as long as they can be.
  static let version: UInt32 = 1

  /// How many checkpoints are kept.
  public static let kept = 5

  private static let mark = Array("EQPSTATE".utf8)
  private static let headerLength = 24
  private static let suffix = ".state"

  /// The folder's path.
  public let path: String

  /// A state with the text by which its run is known.
  private struct Contents<State: Codable>: Codable {
    var run: String
    var state: State
  }

  init(path: String) { self.path = path }

  /// The checkpoints, the newest first.
  public var files: [String] {
    let names = (try? FileAccess.names(in: path)) ?? []
    return names.filter { $0.hasSuffix(Self.suffix) }.reversed().map { "\(path)/\($0)" }
  }

  /// Writes a checkpoint, and removes those that are too old.
  ///
  /// - Parameters:
  ///   - epochs: The epochs done, over all stages.
  ///   - run: By what the run is known.
  /// - Throws: `RecordError`; the checkpoints before are left as they are.
  package func write(_ state: some Codable, epochs: Int, of run: String) throws(RecordError) {
    let digits = String(epochs)
    let name = String(repeating: "0", count: max(0, 8 - digits.count)) + digits + Self.suffix
    let file = "\(path)/\(name)"
    let bytes: [UInt8]
    do {
      bytes = try Self.bytes(of: Contents(run: run, state: state))
    } catch {
      throw RecordError(.inputOutput, at: file, "the state cannot be written: \(error)")
    }
    try FileAccess.makeFolders(path)
    try FileAccess.write(bytes, to: file)
    try FileAccess.synchronizeFolder(path)
    for old in files.dropFirst(Self.kept) { FileAccess.remove(old) }
  }

  /// Reads the newest checkpoint that can be used.
  ///
  /// - Parameters:
  ///   - run: By what the run is known.
  ///   - isUsable: Says what speaks against going on from a state that was read; nil where nothing does.
  /// - Returns: The state, nil where there is none, and why newer ones cannot be used.
  package func newest<State: Codable>(
    _ type: State.Type, of run: String, isUsable: (State) -> String? = { _ in nil }
  ) -> (state: State?, refused: [RecordError]) {
    var refused: [RecordError] = []
    for file in files {
      do throws(RecordError) {
        let state = try Self.read(file, type, of: run)
        guard let fault = isUsable(state) else { return (state, refused) }
        refused.append(RecordError(.badData, at: file, fault))
      } catch {
        refused.append(error)
      }
    }
    return (nil, refused)
  }

  /// Reads one checkpoint.
  ///
  /// - Throws: `RecordError` of the kind `badData` where it is torn, damaged, of another version or of another run.
  package static func read<State: Codable>(
    _ file: String, _ type: State.Type, of run: String
  ) throws(RecordError) -> State {
    let bytes = try FileAccess.read(file)
    func refuse(_ message: String) -> RecordError { RecordError(.badData, at: file, message) }
    guard bytes.count >= headerLength, Array(bytes.prefix(mark.count)) == mark else {
      throw refuse("is no checkpoint of Equipoise, or was torn at its beginning.")
    }
    let found = number(bytes, at: 8, as: UInt32.self)
    guard found == version else {
      throw refuse("is of version \(found) of the format, and this program reads version \(version).")
    }
    let length = number(bytes, at: 16, as: UInt64.self)
    guard length == UInt64(bytes.count - headerLength) else {
      throw refuse("is torn: it holds \(bytes.count - headerLength) of \(length) bytes.")
    }
    guard checkSum(bytes[16...]) == number(bytes, at: 12, as: UInt32.self) else {
      throw refuse("is damaged: its check sum is another.")
    }
    let contents: Contents<State>
    do {
      contents = try StateDecoder.value(Contents<State>.self, from: bytes[headerLength...])
    } catch {
      throw refuse("cannot be read as the state of this training.")
    }
    guard contents.run == run else { throw refuse("belongs to another run: another configuration or other rows.") }
    return contents.state
  }

  /// Removes all checkpoints, and the folder.
  public func remove() { FileAccess.remove(path) }

  // MARK: - Bytes

  private static func bytes(of contents: some Encodable) throws -> [UInt8] {
    let state = try StateEncoder.bytes(of: contents)
    var rest: [UInt8] = []
    rest.reserveCapacity(state.count + 8)
    append(UInt64(state.count), to: &rest)
    rest += state
    var bytes = mark
    bytes.reserveCapacity(headerLength + state.count)
    append(version, to: &bytes)
    append(checkSum(rest[...]), to: &bytes)
    return bytes + rest
  }

  private static func checkSum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.withUnsafeBytes { CRC32C.checkSum($0) }
  }

  private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }

  private static func number<Value: FixedWidthInteger>(_ bytes: [UInt8], at place: Int, as type: Value.Type) -> Value {
    bytes.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: type)) }
  }
}

extension RunFolder {
  /// The run's checkpoints.
  public var checkpoints: CheckpointFolder { CheckpointFolder(path: file("checkpoint")) }
}
