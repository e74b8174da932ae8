import Crypto

/// SHA-256 of files.
public enum FileHash {
  /// The SHA-256 of a file's bytes as they lie on the disk, in small hexadecimal digits. Memory does not grow with
  /// the file.
  public static func sha256(ofFileAt path: String) throws(DataError) -> String {
    let file = try FileBytes.contents(of: path)
    var hash = SHA256()
    let chunk = 1 << 20
    for start in stride(from: 0, to: file.bytes.count, by: chunk) {
      hash.update(
        bufferPointer: UnsafeRawBufferPointer(rebasing: file.bytes[start..<min(start + chunk, file.bytes.count)]))
    }
    return hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
