#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Files by the system's own calls, which tell a full disk from a missing right.
package enum FileAccess {
  /// Reads a whole regular file of at most `limit` bytes.
  package static func read(_ path: String, limit: Int = .max) throws(RecordError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw RecordError(.noInput, at: path, "\(reason(errno)). Check the path.")
    }
    defer { close(descriptor) }
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      throw RecordError(.noInput, at: path, "is a folder, not a file. Check the path.")
    }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = buffer.withUnsafeMutableBytes { systemRead(descriptor, $0) }
      if count == 0 { return bytes }
      guard count > 0 else {
        if errno == EINTR { continue }
        throw RecordError(.inputOutput, at: path, "reading failed: \(reason(errno)).")
      }
      bytes.append(contentsOf: buffer[..<count])
      guard bytes.count <= limit else {
        throw RecordError(.noInput, at: path, "is longer than \(limit) bytes. Check the path.")
      }
    }
  }

  /// Writes a file so that it is either there whole or not at all (`ReplacedFile`).
  package static func write(_ bytes: some Collection<UInt8>, to path: String) throws(RecordError) {
    try write(to: path) { file throws(RecordError) in try file.append(bytes) }
  }

  /// Writes a small file of somebody else's format as it is, without waiting for the disk.
  static func writePlainly(_ bytes: some Collection<UInt8>, to path: String) throws(RecordError) {
    let file = try AppendingFile(path: path, truncating: true)
    try file.append(bytes)
    try file.close(synchronizing: false)
  }

  /// The same for a file that is written piece by piece.
  package static func write(
    to path: String, _ body: (AppendingFile) throws(RecordError) -> Void
  ) throws(RecordError) {
    let replaced = try ReplacedFile(path)
    do throws(RecordError) {
      try body(replaced.file)
    } catch {
      throw replaced.told(error)
    }
    try replaced.finish()
  }

  /// Brings to the disk which names a folder has.
  package static func synchronizeFolder(_ path: String) throws(RecordError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw RecordError(.inputOutput, at: path, "cannot be opened: \(reason(errno)).")
    }
    defer { systemClose(descriptor) }
    // Some file systems cannot synchronise folders, and say EINVAL.
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw RecordError(.inputOutput, at: path, "writing failed: \(reason(errno)).")
    }
  }

  /// Cuts a file to its first bytes; one that is missing stays so.
  package static func truncate(_ path: String, to length: Int) throws(RecordError) {
    guard systemTruncate(path, length) == 0 || errno == ENOENT else {
      throw RecordError(.inputOutput, at: path, "cannot be cut to \(length) bytes: \(reason(errno)).")
    }
  }

  /// The bytes of a file; 0 where there is none.
  package static func length(of path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  /// Whether a file has a name under which `write` writes; one that is there afterwards was left by a killed process.
  package static func isTemporary(_ name: String) -> Bool { name.hasSuffix(".tmp") }

  /// Removes what writing under a temporary name left in a folder when the process was killed.
  package static func removeTemporaries(in folder: String) {
    for name in (try? names(in: folder)) ?? [] where isTemporary(name) { unlink("\(folder)/\(name)") }
  }

  /// Gives a file another name; one of that name is replaced.
  package static func rename(_ path: String, to newPath: String) throws(RecordError) {
    guard systemRename(path, newPath) == 0 else {
      throw RecordError(.cannotCreate, at: newPath, "cannot be written: \(reason(errno)).")
    }
  }

  /// Makes a folder and those above it; one that exists is as good.
  ///
  /// - Returns: The folders that were made, the innermost last.
  @discardableResult
  package static func makeFolders(_ path: String) throws(RecordError) -> [String] {
    if mkdir(path, 0o777) == 0 { return [path] }
    let code = errno
    if code == EEXIST || isFolder(path) {
      guard isFolder(path) else {
        throw RecordError(.cannotCreate, at: path, "is a file, not a folder. Name another output folder with --output.")
      }
      return []
    }
    guard code == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
      throw cannotCreateFolder(path, code)
    }
    let made = try makeFolders(String(path[..<slash]))
    if mkdir(path, 0o777) == 0 { return made + [path] }
    guard isFolder(path) else {
      let error = cannotCreateFolder(path, errno)
      removeEmpty(made)
      throw error
    }
    return made
  }

  /// Makes a folder that must not exist yet; false where one does.
  package static func makeNewFolder(_ path: String) throws(RecordError) -> Bool {
    if mkdir(path, 0o777) == 0 { return true }
    if errno == EEXIST { return false }
    throw cannotCreateFolder(path, errno)
  }

  /// Makes a folder of its own: `base`, or where that is taken `base-2`, `base-3` and so on.
  ///
  /// Making the folder decides who has the name, also between processes.
  ///
  /// - Returns: The folder's path.
  package static func makeUniqueFolder(_ base: String) throws(RecordError) -> String {
    var path = base
    var number = 1
    while try !makeNewFolder(path) {
      number += 1
      path = "\(base)-\(number)"
    }
    return path
  }

  /// Gives a folder a name that no other has: `base`, or where that is taken `base-2`, `base-3` and so on.
  ///
  /// - Returns: The new path.
  package static func renameFolder(_ path: String, toUnique base: String) throws(RecordError) -> String {
    var newPath = base
    var number = 1
    while systemRename(path, newPath) != 0 {
      guard errno == ENOTEMPTY || errno == EEXIST else {
        throw RecordError(.cannotCreate, at: newPath, "cannot be made: \(reason(errno)).")
      }
      number += 1
      newPath = "\(base)-\(number)"
    }
    return newPath
  }

  /// The name of this machine.
  package static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Waits, where something is awaited that another process does.
  package static func pause(milliseconds: Int) {
    usleep(UInt32(clamping: milliseconds * 1000))
  }

  /// A path from the root on, without `.` and `..`, whether or not something is there; links stay.
  package static func writtenOut(_ path: String) -> String {
    let whole = path.hasPrefix("/") ? path : "\(absolutePath(".") ?? "")/\(path)"
    var parts: [Substring] = []
    for part in whole.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }

  /// A path from the root on: that of what is there without links, or else as it is written.
  package static func wholePath(_ path: String) -> String { absolutePath(path) ?? writtenOut(path) }

  /// Whether a path is a link, wherever that leads.
  package static func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  /// The path of what is there without links, `.` and `..`; nil where there is nothing.
  package static func absolutePath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// Gives a file a second name in a folder, or copies it there where the file systems differ, to be run as a program.
  package static func linkProgram(_ path: String, to newPath: String) throws(RecordError) {
    if link(path, newPath) == 0 { return }
    try write(read(path), to: newPath)
    guard chmod(newPath, 0o755) == 0 else {
      throw RecordError(.cannotCreate, at: newPath, "cannot be made a program: \(reason(errno)).")
    }
  }

  /// Whether a path leads to a folder.
  package static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Removes folders, the last first, as far as they are empty.
  package static func removeEmpty(_ folders: [String]) {
    for folder in folders.reversed() { rmdir(folder) }
  }

  /// Whether a path leads to a plain file.
  package static func isPlainFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// Whether a path leads to anything.
  package static func exists(_ path: String) -> Bool {
    access(path, F_OK) == 0
  }

  /// The names in a folder, in the order of their bytes.
  package static func names(in folder: String) throws(RecordError) -> [String] {
    guard let stream = opendir(folder) else {
      throw RecordError(.noInput, at: folder, "\(reason(errno)). Check the path.")
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Removes a file or a folder with all that is in it; nothing where there is none. Links are not followed.
  package static func remove(_ path: String) {
    if unlink(path) == 0 { return }
    for name in (try? names(in: path)) ?? [] { remove("\(path)/\(name)") }
    rmdir(path)
  }

  /// The system's words for an error number: `no space left on device`.
  package static func reason(_ code: Int32) -> String {
    let text = String(cString: strerror(code))
    return text.prefix(1).lowercased() + text.dropFirst()
  }

  private static func cannotCreateFolder(_ path: String, _ code: Int32) -> RecordError {
    RecordError(
      .cannotCreate, at: path, "the folder cannot be made: \(reason(code)). Name another output folder with --output.")
  }
}

// Inside types with methods of the same names the system's functions need another one.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
  read(descriptor, buffer.baseAddress, buffer.count)
}

private func systemRename(_ path: String, _ newPath: String) -> Int32 {
  rename(path, newPath)
}

private func systemTruncate(_ path: String, _ length: Int) -> Int32 {
  truncate(path, length)
}

@discardableResult
private func systemClose(_ descriptor: Int32) -> Int32 {
  close(descriptor)
}
