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

  /// Removes the folder of the claims where nobody has any.
  static func clear(output: String) { FileAccess.removeEmpty(["\(output)/.claims"]) }
}
