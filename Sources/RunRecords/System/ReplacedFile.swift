#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that takes another's place when it is whole, and leaves nothing where it never becomes so.
///
/// It is written under a temporary name beside the other one, and renamed. What is there and is no plain file, such as
/// a pipe or a device, is written to as it is; where a link leads to a file, that file is replaced and not the link, and
/// where it leads to none yet, the file is made there.
package final class ReplacedFile {
  /// What is written to.
  package let file: AppendingFile
  private let path: String
  /// The file's name once it is whole; nil where it has it from the beginning.
  private let finalPath: String?
  private var isFinished = false

  package init(_ path: String) throws(RecordError) {
    self.path = path
    let exists = FileAccess.exists(path)
    let isPlain = FileAccess.isPlainFile(path)
    let isWrittenAsItIs = exists ? !isPlain : FileAccess.isLink(path)
    finalPath = isWrittenAsItIs ? nil : isPlain ? FileAccess.wholePath(path) : path
    do throws(RecordError) {
      file = try AppendingFile(path: finalPath.map { "\($0).\(getpid()).tmp" } ?? path, truncating: true)
    } catch {
      throw RecordError(error.kind, at: path, error.message)
    }
  }

  deinit {
    if !isFinished && finalPath != nil { unlink(file.path) }
  }

  package func append(_ bytes: some Collection<UInt8>) throws(RecordError) {
    do throws(RecordError) {
      try file.append(bytes)
    } catch {
      throw told(error)
    }
  }

  /// Ends the writing: from here on the file is there.
  package func finish() throws(RecordError) {
    do throws(RecordError) {
      try file.close(synchronizing: finalPath != nil)
      if let finalPath { try FileAccess.rename(file.path, to: finalPath) }
    } catch {
      throw told(error)
    }
    isFinished = true
  }

  /// An error as whoever named the file should read it: the temporary name means nothing to them.
  func told(_ error: RecordError) -> RecordError {
    error.place == file.path ? RecordError(error.kind, at: path, error.message) : error
  }
}
