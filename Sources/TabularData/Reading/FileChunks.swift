#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The bytes of a file as they lie on the disk, read a chunk at a time.
final class FileChunks {
  private let path: String
  private let descriptor: Int32

  init(_ path: String) throws(DataError) {
    self.path = path
    descriptor = try FileBytes.descriptor(of: path).descriptor
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Reads the next bytes to the start of a buffer; 0 at the end of the file.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
    let count = FileBytes.retryingInterrupts { systemRead(descriptor, buffer) }
    guard count >= 0 else {
      throw DataError(
        .inputOutput, at: path, "cannot be read: \(FileBytes.reason(errno)). Check the disk or the connection.")
    }
    return count
  }

  /// The number of bytes of a plain file; nil for anything else, such as a pipe.
  static func size(of path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }
}

// Inside a type with a method of the same name the system's function needs another one.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
  read(descriptor, buffer.baseAddress, buffer.count)
}
