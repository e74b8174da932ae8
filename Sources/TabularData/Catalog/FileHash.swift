import Crypto

/// SHA-256 of files.
public enum FileHash {
  /// The SHA-256 of a file's bytes as they lie on the disk, in small hexadecimal digits. Memory does not grow with
  /// the file.
  public static func sha256(ofFileAt path: String) throws(DataError) -> String {
    let file = try FileChunks(path)
    var hash = SHA256()
    // Read, not mapped: the pages of a mapped file count as the process's memory.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = try file.read(into: buffer)
      if count == 0 { break }
      hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
    return hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
