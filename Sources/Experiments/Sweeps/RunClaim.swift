import RunRecords
import RunStore

/// The right to do a run of a sweep: of all processes that sweep over one folder, on whatever machine, one has it.
///
/// A claim is a lock on `.claims/<identity>` in the folder of the runs. It ends with the process, however that ends, and
/// the run is then free for the others.
struct RunClaim: Sendable {
  private let lock: FileLock

  /// - Returns: nil where another process or thread has the run.
  init?(_ identity: RunIdentity, output: String) throws(RecordError) {
    let folder = "\(output)/.claims"
    let worker = RunEntry.Worker.current
    var lock: FileLock?
    // Another process that is done may remove the empty folder in this very moment.
    for attempt in 1...10 {
      try FileAccess.makeFolders(folder)
      do throws(RecordError) {
        lock = try FileLock.onNew(
          "\(folder)/\(identity.run)", note: "process \(worker.process) on \(worker.host)\n")
        break
      } catch {
        if attempt == 10 { throw error }
      }
    }
    guard let lock else { return nil }
    self.lock = lock
  }

  /// Removes the claims that nobody has any more, and their folder where none is left. A process that was killed between
  /// the end of its run and the end of its claim leaves one, which nobody else would ask for.
  static func clear(output: String) {
    let folder = "\(output)/.claims"
    for name in (try? FileAccess.names(in: folder)) ?? [] {
      _ = try? FileLock.onNew("\(folder)/\(name)", note: "")
    }
    FileAccess.removeEmpty([folder])
  }
}
