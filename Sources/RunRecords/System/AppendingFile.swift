#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that is written from its end on; closed when the last reference goes.
package final class AppendingFile {
  /// The path, for messages.
  package let path: String
  private var descriptor: Int32
  /// The bytes that the file holds.
  private(set) var length = 0

  /// Opens a file, and makes it where it does not exist.
  ///
  /// - Parameter truncating: Whether what the file held is dropped.
  package init(path: String, truncating: Bool) throws(RecordError) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (truncating ? O_TRUNC : O_APPEND), 0o666)
    guard descriptor >= 0 else {
      throw RecordError(
        .cannotCreate, at: path,
        "cannot be written: \(FileAccess.reason(errno)). Check the rights of its folder, or name another with --output."
      )
    }
    if !truncating { length = FileAccess.length(of: path) }
  }

  deinit {
    if descriptor >= 0 { systemClose(descriptor) }
  }

  /// Writes bytes at the end.
  package func append(_ bytes: some Collection<UInt8>) throws(RecordError) {
    let code =
      bytes.withContiguousStorageIfAvailable { writeAll(UnsafeRawBufferPointer($0)) }
      ?? Array(bytes).withUnsafeBytes { writeAll($0) }
    guard code == 0 else {
      let remedy = code == ENOSPC || code == EDQUOT ? " Free some room, or name another folder with --output." : ""
      throw RecordError(.inputOutput, at: path, "writing failed: \(FileAccess.reason(code)).\(remedy)")
    }
    length += bytes.count
  }

  /// Brings what was written to the disk itself.
  package func synchronize() throws(RecordError) {
    guard descriptor < 0 || fsync(descriptor) == 0 || errno == EINVAL else {
      throw RecordError(.inputOutput, at: path, "writing failed: \(FileAccess.reason(errno)).")
    }
  }

  /// Closes the file.
  ///
  /// - Parameter synchronizing: Whether the bytes are on the disk itself when this returns.
  package func close(synchronizing: Bool) throws(RecordError) {
    guard descriptor >= 0 else { return }
    // A full disk or a lost network folder may show only now. Some file systems cannot synchronise, and say EINVAL.
    let synchronized = !synchronizing || fsync(descriptor) == 0 || errno == EINVAL
    let code = errno
    let closed = systemClose(descriptor) == 0
    descriptor = -1
    guard synchronized, closed else {
      throw RecordError(.inputOutput, at: path, "writing failed: \(FileAccess.reason(synchronized ? errno : code)).")
    }
  }

  /// Writes all bytes; returns 0, or the error number where that fails.
  private func writeAll(_ bytes: UnsafeRawBufferPointer) -> Int32 {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = systemWrite(descriptor, UnsafeRawBufferPointer(rebasing: rest))
      if count < 0 {
        if errno == EINTR { continue }
        return errno
      }
      rest = rest.dropFirst(count)
    }
    return 0
  }
}

// Inside a type with methods of the same names the system's functions need another one.
private func systemWrite(_ descriptor: Int32, _ buffer: UnsafeRawBufferPointer) -> Int {
  write(descriptor, buffer.baseAddress, buffer.count)
}

@discardableResult
private func systemClose(_ descriptor: Int32) -> Int32 {
  close(descriptor)
}
