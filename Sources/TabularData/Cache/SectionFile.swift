#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// One file of a cache: numbers of four bytes, in the processor's order of bytes.
struct SectionRecord: Codable, Sendable, Equatable {
  /// The number of bytes.
  var size: Int

  /// The check sum of the bytes.
  var checksum: UInt64
}

/// A check sum that finds torn and damaged files at the speed of memory; it is no defence against forgery.
///
/// Four lanes of multiply and rotate over 32 bytes at a time, each lane with words of its own; the bytes that do not
/// fill 32, and the length, come last. Files are summed in chunks of `chunkSize`.
struct SectionChecksum {
  /// The bytes of a chunk, a multiple of 32; only a file's last chunk is shorter.
  static let chunkSize = 1 << 20

  private var lanes: (UInt64, UInt64, UInt64, UInt64) = (
    0x9e37_79b9_7f4a_7c15, 0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb, 0x2545_f491_4f6c_dd1d
  )
  private var size = 0

  /// Adds the next chunk.
  mutating func add(_ chunk: UnsafeRawBufferPointer) {
    var (a, b, c, d) = lanes
    let whole = chunk.count / 32 * 32
    for offset in stride(from: 0, to: whole, by: 32) {
      a = Self.step(a, chunk.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      b = Self.step(b, chunk.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
      c = Self.step(c, chunk.loadUnaligned(fromByteOffset: offset + 16, as: UInt64.self))
      d = Self.step(d, chunk.loadUnaligned(fromByteOffset: offset + 24, as: UInt64.self))
    }
    for offset in whole..<chunk.count { a = Self.step(a, UInt64(chunk[offset])) }
    lanes = (a, b, c, d)
    size += chunk.count
  }

  var value: UInt64 {
    [lanes.1, lanes.2, lanes.3, UInt64(size)].reduce(lanes.0) { Self.step($0, $1) }
  }

  @inline(__always)
  private static func step(_ lane: UInt64, _ word: UInt64) -> UInt64 {
    let product = (lane ^ word) &* 0x9fb2_1c65_1e98_df25
    return product << 29 | product >> 35
  }
}

/// A file that is written from its start on, through one buffer.
final class SectionWriter {
  private let path: String
  private let place: String
  private var descriptor: Int32
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: SectionChecksum.chunkSize, alignment: 64)
  private var filled = 0
  private var size = 0
  private var checksum = SectionChecksum()

  /// Makes the file.
  ///
  /// - Parameter place: The cache, as messages name it.
  init(_ path: String, place: String) throws(DataError) {
    self.path = path
    self.place = place
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw DataError(
        .cannotCreate, at: place,
        "cannot be written: \(FileBytes.reason(errno)). Name a folder for prepared rows with --cache.")
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    buffer.deallocate()
  }

  /// Writes numbers behind those that are there.
  func append<Number: BitwiseCopyable>(_ numbers: [Number]) throws(DataError) {
    var failure: DataError?
    numbers.withUnsafeBytes { bytes in
      do throws(DataError) { try append(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws(DataError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = min(rest.count, buffer.count - filled)
      UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<filled + count])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: rest.prefix(count)))
      filled += count
      rest = rest.dropFirst(count)
      if filled == buffer.count { try flush() }
    }
  }

  /// Writes what is in the buffer, and closes the file.
  func finish() throws(DataError) -> SectionRecord {
    try flush()
    // A full disk or a lost network folder may show only now.
    let closed = close(descriptor) == 0
    let code = errno
    descriptor = -1
    guard closed else { throw failed(code) }
    return SectionRecord(size: size, checksum: checksum.value)
  }

  private func flush() throws(DataError) {
    let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<filled])
    checksum.add(bytes)
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest)
      let count = FileBytes.retryingInterrupts { write(descriptor, part.baseAddress, part.count) }
      guard count >= 0 else { throw failed(errno) }
      rest = rest.dropFirst(count)
    }
    size += filled
    filled = 0
  }

  private func failed(_ code: Int32) -> DataError {
    let remedy =
      code == ENOSPC || code == EDQUOT
      ? "Free some room, or name another folder for prepared rows with --cache." : "Check the disk."
    return DataError(.inputOutput, at: place, "cannot be written: \(FileBytes.reason(code)). \(remedy)")
  }
}
