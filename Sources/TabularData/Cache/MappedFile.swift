#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file as read-only memory: its pages come when they are read, and go when they are released.
///
/// A file that another program shortens while it is being read ends the process (SIGBUS), as with any mapped file.
final class MappedFile: @unchecked Sendable {
  // Unchecked because the compiler cannot see that the memory is never written.

  /// What the kernel maps around a page at a fault: releasing in such units takes back what came unasked.
  private static let granularity = 1 << 16

  /// The bytes; nil where the file has none.
  let address: UnsafeRawPointer?

  /// The number of bytes.
  let size: Int

  /// Maps a file of a known size.
  ///
  /// - Returns: Nil where there is no such file of this size.
  init?(_ path: String, size: Int) {
    let descriptor = FileBytes.retryingInterrupts { FileBytes.openForReading(path) }
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, Int(status.st_size) == size else {
      return nil
    }
    self.size = size
    guard size > 0 else {
      address = nil
      return
    }
    guard let base = mmap(nil, size, PROT_READ, MAP_SHARED, descriptor, 0), base != MAP_FAILED else { return nil }
    address = UnsafeRawPointer(base)
  }

  deinit {
    if let address { munmap(UnsafeMutableRawPointer(mutating: address), size) }
  }

  /// Tells the system that bytes are soon read, so that it may fetch them from the disk meanwhile.
  func prepare(_ bytes: Range<Int>) { advise(bytes, Int32(MADV_WILLNEED)) }

  /// Gives back the memory of bytes, which come again when they are read.
  func release(_ bytes: Range<Int>) { advise(bytes, Int32(MADV_DONTNEED)) }

  private func advise(_ bytes: Range<Int>, _ advice: Int32) {
    guard let address, !bytes.isEmpty else { return }
    let base = Int(bitPattern: address)
    // A mapping begins on a page, not on a unit.
    let unit = Self.granularity
    let start = max(base, (base + bytes.lowerBound) / unit * unit)
    let end = min(base + size, (base + bytes.upperBound + unit - 1) / unit * unit)
    guard let pointer = UnsafeMutableRawPointer(bitPattern: start) else { return }
    madvise(pointer, end - start, advice)
  }
}
