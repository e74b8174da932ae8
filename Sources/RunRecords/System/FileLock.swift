#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A lock on a file, which only one holder has at a time, among threads, processes, and the machines of a shared folder.
///
/// The system gives it back when the process ends, however it ends. Where a file system has no locks, everybody gets it.
package final class FileLock: Sendable {
  /// The path of the locked file.
  package let path: String
  private let descriptor: Int32
  private let removesFile: Bool

  private init(_ path: String, _ descriptor: Int32, removesFile: Bool) {
    self.path = path
    self.descriptor = descriptor
    self.removesFile = removesFile
  }

  deinit {
    // Removed while it is locked: whoever waits for the old file finds another one under the name, or none.
    if removesFile { unlink(path) }
    close(descriptor)
  }

  /// Locks a file that is there; nil where somebody else has it.
  package static func onExisting(_ path: String) throws(RecordError) -> FileLock? {
    for _ in 0..<3 {
      if let lock = try lock(path, O_RDWR | O_CLOEXEC, removesFile: false) { return lock }
      // It may only have been looked at (`isHeld`).
      FileAccess.pause(milliseconds: 2)
    }
    return nil
  }

  /// Whether somebody holds the lock on a file, this process included; nil where that cannot be told.
  package static func isHeld(_ path: String) -> Bool? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    if flock(descriptor, LOCK_SH | LOCK_NB) == 0 { return false }
    return errno == EWOULDBLOCK ? true : nil
  }

  /// Locks a file that is made for it, and goes with it; nil where somebody else has it.
  ///
  /// - Parameter note: What stands in the file, for people.
  package static func onNew(_ path: String, note: String) throws(RecordError) -> FileLock? {
    let lock = try lock(path, O_RDWR | O_CREAT | O_CLOEXEC, removesFile: true)
    if let lock {
      ftruncate(lock.descriptor, 0)
      let text = Array(note.utf8)
      _ = text.withUnsafeBytes { write(lock.descriptor, $0.baseAddress, $0.count) }
    }
    return lock
  }

  private static func lock(_ path: String, _ flags: Int32, removesFile: Bool) throws(RecordError) -> FileLock? {
    while true {
      let descriptor = open(path, flags, 0o666)
      guard descriptor >= 0 else {
        throw RecordError(.cannotCreate, at: path, "cannot be locked: \(FileAccess.reason(errno)).")
      }
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK || errno == EINTR {
        let isInterrupted = errno == EINTR
        close(descriptor)
        if isInterrupted { continue }
        return nil
      }
      // The holder before may have removed the file after it was opened here: then this lock is on no name.
      var opened = stat()
      var named = stat()
      if fstat(descriptor, &opened) == 0, stat(path, &named) == 0, opened.st_ino == named.st_ino,
        opened.st_dev == named.st_dev
      {
        return FileLock(path, descriptor, removesFile: removesFile)
      }
      close(descriptor)
      if !removesFile { return nil }
    }
  }
}
