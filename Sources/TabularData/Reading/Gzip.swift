import CZlib

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Unzips gzip, including files of several members one after the other (as `cat a.gz b.gz` makes them).
enum Gzip {
  /// The largest content that is unzipped into memory, 8 GiB: a few kilobytes of gzip can claim any size.
  static let limit = 8 << 30

  /// The content of gzip bytes.
  ///
  /// Bytes after the last member are ignored where they are all zero (padding), as gzip itself does.
  static func expand(_ compressed: UnsafeRawBufferPointer, path: String, limit: Int = limit)
    throws(DataError) -> FileBytes
  {
    var stream = z_stream()
    // 15 is the largest window, and 16 asks for the gzip header and its check sum.
    guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw DataError(.inputOutput, at: path, "cannot be unzipped: zlib does not start. Unzip it first.")
    }
    defer { inflateEnd(&stream) }
    var capacity = max(1 << 16, min(compressed.count * 6, limit))
    guard var buffer = malloc(capacity) else { throw FileBytes.outOfMemory(path, capacity) }
    var count = 0
    var position = 0
    var finished = false
    func give<Failure: Error>(_ error: Failure) -> Failure {
      free(buffer)
      return error
    }
    while !finished {
      if count == capacity {
        guard capacity < limit else {
          throw give(DataError(.badData, at: path, "unzips to more than \(limit >> 30) GiB. Unzip it first."))
        }
        capacity = min(capacity * 2, limit)
        guard let larger = realloc(buffer, capacity) else {
          throw give(FileBytes.outOfMemory(path, capacity))
        }
        buffer = larger
      }
      // zlib counts in 32 bits, so both sides are fed in pieces.
      let input = min(compressed.count - position, 1 << 30)
      let room = min(capacity - count, 1 << 30)
      stream.next_in = UnsafeMutableRawPointer(mutating: compressed.baseAddress.map { $0 + position })?
        .assumingMemoryBound(to: UInt8.self)
      stream.avail_in = UInt32(input)
      stream.next_out = (buffer + count).assumingMemoryBound(to: UInt8.self)
      stream.avail_out = UInt32(room)
      let status = inflate(&stream, Z_NO_FLUSH)
      position += input - Int(stream.avail_in)
      count += room - Int(stream.avail_out)
      switch status {
      case Z_STREAM_END:
        let rest = compressed[position...]
        if rest.allSatisfy({ $0 == 0 }) {
          finished = true
        } else {
          inflateReset(&stream)
        }
      case Z_OK, Z_BUF_ERROR:
        // Room left, and nothing more to read: the check sum has not come.
        if position == compressed.count && stream.avail_out > 0 {
          throw give(
            DataError(.badData, at: path, "is cut off: the gzip data end before their check sum. Fetch it again."))
        }
      default:
        let detail = stream.msg.map { String(cString: $0) } ?? "code \(status)"
        throw give(DataError(.badData, at: path, "is not valid gzip (\(detail)). Fetch it again, or unzip it first."))
      }
    }
    return FileBytes(allocated: UnsafeRawBufferPointer(start: buffer, count: count))
  }
}

extension Gzip {
  /// Whether a file begins with the two bytes of gzip, whatever its name; false where it cannot be read.
  static func isGzip(_ path: String) -> Bool {
    let start = UnsafeMutableRawBufferPointer.allocate(byteCount: 2, alignment: 1)
    defer { start.deallocate() }
    guard let file = try? FileChunks(path), let count = try? file.read(into: start), count == 2 else { return false }
    return start[0] == 0x1f && start[1] == 0x8b
  }
}
