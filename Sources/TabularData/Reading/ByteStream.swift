import CZlib

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The bytes of a file, pipe or device in order, a buffer at a time; gzip is unzipped on the way, whatever the name.
///
/// Memory does not grow with the length of the file.
package final class ByteStream {
  private static let bufferSize = 1 << 18

  /// The path, for messages.
  package let path: String
  private let descriptor: Int32

  /// What was read and not yet given out: the whole of a plain file's first bytes, or compressed bytes.
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferSize, alignment: 16)
  private var bufferStart = 0
  private var bufferEnd = 0
  private var isAtEnd = false

  /// How much of the file itself has been read, in bytes.
  private(set) var fileBytesRead = 0

  /// zlib keeps a pointer to its own structure, so that it may not move.
  private var zip: UnsafeMutablePointer<z_stream>?
  private var memberIsOpen = false

  /// Opens a file.
  package init(_ path: String) throws(DataError) {
    self.path = path
    descriptor = try FileBytes.descriptor(of: path).descriptor
    while bufferEnd < 2 && !isAtEnd { try fill() }
    if bufferEnd >= 2 && buffer[0] == 0x1f && buffer[1] == 0x8b {
      let zip = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
      zip.initialize(to: z_stream())
      self.zip = zip
      // 15 is the largest window, and 16 asks for the gzip header and its check sum.
      guard inflateInit2_(zip, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
        throw DataError(.inputOutput, at: path, "cannot be unzipped: zlib does not start. Unzip it first.")
      }
      memberIsOpen = true
    }
  }

  deinit {
    if let zip {
      inflateEnd(zip)
      zip.deallocate()
    }
    buffer.deallocate()
    if descriptor >= 0 { close(descriptor) }
  }

  /// Fills a buffer with the next bytes.
  ///
  /// - Returns: How many bytes were put at its start: as many as fit, fewer only at the end of the file.
  package func read(into target: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
    var count = 0
    while count < target.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: target[count...])
      let got = if let zip { try inflate(zip, into: rest) } else { try copy(into: rest) }
      if got == 0 { break }
      count += got
    }
    return count
  }

  private func copy(into target: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
    if bufferStart < bufferEnd {
      let count = min(target.count, bufferEnd - bufferStart)
      target.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[bufferStart..<(bufferStart + count)]))
      bufferStart += count
      return count
    }
    return isAtEnd ? 0 : try readFile(target)
  }

  /// Unzips at least one byte, or gives 0 at the end of the last member.
  private func inflate(
    _ zip: UnsafeMutablePointer<z_stream>, into target: UnsafeMutableRawBufferPointer
  ) throws(DataError) -> Int {
    let room = min(target.count, 1 << 30)
    while true {
      if bufferStart == bufferEnd && !isAtEnd {
        bufferStart = 0
        bufferEnd = 0
        try fill()
      }
      if !memberIsOpen {
        // Bytes of 0 after the last member are padding, as for gzip itself.
        while bufferStart < bufferEnd && buffer[bufferStart] == 0 { bufferStart += 1 }
        if bufferStart == bufferEnd {
          if isAtEnd { return 0 }
          continue
        }
        inflateReset(zip)
        memberIsOpen = true
      }
      zip.pointee.next_in = (buffer.baseAddress.map { $0 + bufferStart })?.assumingMemoryBound(to: UInt8.self)
      zip.pointee.avail_in = UInt32(bufferEnd - bufferStart)
      zip.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
      zip.pointee.avail_out = UInt32(room)
      let status = CZlib.inflate(zip, Z_NO_FLUSH)
      bufferStart = bufferEnd - Int(zip.pointee.avail_in)
      let count = room - Int(zip.pointee.avail_out)
      switch status {
      case Z_STREAM_END: memberIsOpen = false
      case Z_OK, Z_BUF_ERROR:
        if count == 0 && bufferStart == bufferEnd && isAtEnd {
          throw DataError(
            .badData, at: path, "is cut off: the gzip data end before their check sum. Fetch it again.")
        }
      default:
        let detail = zip.pointee.msg.map { String(cString: $0) } ?? "code \(status)"
        throw DataError(
          .badData, at: path, "is not valid gzip (\(detail)). Fetch it again, or unzip it first.")
      }
      if count > 0 { return count }
    }
  }

  /// Reads once into the free end of the buffer.
  private func fill() throws(DataError) {
    bufferEnd += try readFile(UnsafeMutableRawBufferPointer(rebasing: buffer[bufferEnd...]))
  }

  private func readFile(_ target: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
    let count = FileBytes.retryingInterrupts { systemRead(descriptor, target) }
    guard count >= 0 else {
      throw DataError(
        .inputOutput, at: path, "cannot be read: \(FileBytes.reason(errno)). Check the disk or the connection.")
    }
    if count == 0 { isAtEnd = true }
    fileBytesRead += count
    return count
  }
}

// Inside a type with a method of the same name the system's function needs another one.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
  read(descriptor, buffer.baseAddress, buffer.count)
}
