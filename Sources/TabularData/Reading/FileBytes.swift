#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The bytes of a file: mapped into memory where it is a plain file, read or unzipped into memory where it is not.
///
/// A file that another program shortens while it is being read ends the process (SIGBUS), as with any mapped file.
final class FileBytes: @unchecked Sendable {
  /// The bytes; they live as long as this object, and nobody writes them.
  let bytes: UnsafeRawBufferPointer

  private enum Owner { case mapping, allocation }
  private let owner: Owner

  private init(mapped bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    owner = .mapping
  }

  /// Takes over memory that came from `malloc`.
  init(allocated bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    owner = .allocation
  }

  deinit {
    let base = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
    switch owner {
    case .mapping: munmap(base, bytes.count)
    case .allocation: free(base)
    }
  }

  /// Opens a file. One that begins with the two bytes of gzip is unzipped, whatever its name.
  static func open(_ path: String) throws(DataError) -> FileBytes {
    let raw = try contents(of: path)
    let bytes = raw.bytes
    if bytes.count >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b { return try Gzip.expand(bytes, path: path) }
    return raw
  }

  /// The bytes of a file as they lie on the disk.
  static func contents(of path: String) throws(DataError) -> FileBytes {
    let (descriptor, status) = try descriptor(of: path)
    defer { close(descriptor) }
    guard status.st_mode & S_IFMT == S_IFREG else { return try drain(descriptor, path: path) }
    let size = Int(status.st_size)
    guard size > 0 else { return FileBytes(allocated: UnsafeRawBufferPointer(start: nil, count: 0)) }
    guard let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
      return try drain(descriptor, path: path)
    }
    madvise(base, size, Int32(MADV_SEQUENTIAL))
    return FileBytes(mapped: UnsafeRawBufferPointer(start: base, count: size))
  }

  /// Reads a pipe or a device to its end.
  private static func drain(_ descriptor: Int32, path: String) throws(DataError) -> FileBytes {
    var capacity = 1 << 16
    var count = 0
    guard var buffer = malloc(capacity) else { throw outOfMemory(path, capacity) }
    while true {
      if count == capacity {
        capacity *= 2
        guard let larger = realloc(buffer, capacity) else {
          free(buffer)
          throw outOfMemory(path, capacity)
        }
        buffer = larger
      }
      let got = retryingInterrupts { read(descriptor, buffer + count, capacity - count) }
      if got == 0 { break }
      guard got > 0 else {
        let code = errno
        free(buffer)
        throw DataError(.inputOutput, at: path, "cannot be read: \(reason(code)). Check the disk or the connection.")
      }
      count += got
    }
    return FileBytes(allocated: UnsafeRawBufferPointer(start: buffer, count: count))
  }

  /// Opens what is no folder; the caller closes it.
  static func descriptor(of path: String) throws(DataError) -> (descriptor: Int32, status: stat) {
    let descriptor = retryingInterrupts { openForReading(path) }
    guard descriptor >= 0 else { throw cannotOpen(path, errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let code = errno
      close(descriptor)
      throw cannotOpen(path, code)
    }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      close(descriptor)
      throw DataError(.noInput, at: path, "is a folder. Name a file in it.")
    }
    return (descriptor, status)
  }

  static func openForReading(_ path: String) -> Int32 {
    #if canImport(Glibc)
      Glibc.open(path, O_RDONLY | O_CLOEXEC)
    #elseif canImport(Musl)
      Musl.open(path, O_RDONLY | O_CLOEXEC)
    #else
      Darwin.open(path, O_RDONLY | O_CLOEXEC)
    #endif
  }

  static func retryingInterrupts<Count: SignedInteger>(_ body: () -> Count) -> Count {
    while true {
      let result = body()
      if result != -1 || errno != EINTR { return result }
    }
  }

  static func cannotOpen(_ path: String, _ code: Int32) -> DataError {
    switch code {
    case ENOENT, ENOTDIR:
      DataError(.noInput, at: path, "does not exist. Check the path; a relative one starts at the current folder.")
    case EACCES, EPERM:
      DataError(.noInput, at: path, "may not be read by this user. Change its permissions.")
    default:
      DataError(.noInput, at: path, "cannot be opened: \(reason(code)). Check the path.")
    }
  }

  static func outOfMemory(_ path: String, _ size: Int) -> DataError {
    DataError(.inputOutput, at: path, "needs \(size) bytes of memory, which are not there. Use a smaller file.")
  }

  static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
