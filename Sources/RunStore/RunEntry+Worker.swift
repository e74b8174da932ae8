import RunRecords

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension RunEntry.Worker {
  /// This process.
  public static var current: RunEntry.Worker {
    RunEntry.Worker(host: FileAccess.hostName, process: Int(getpid()))
  }

  /// Whether the process is known to have ended. Of one on another machine nothing is known.
  var hasEnded: Bool {
    guard host == FileAccess.hostName, let process = pid_t(exactly: process) else { return false }
    return kill(process, 0) != 0 && errno == ESRCH
  }
}

extension RunEntry.Status {
  /// How far a run is by the lock that its process holds (`FileLock`): what the store has been told may be out of date,
  /// and another process may go on with what one has left. Where there are no locks, by whether the process is there.
  ///
  /// - Parameters:
  ///   - told: What the store has been told.
  ///   - folder: The run's folder.
  init(_ told: RunEntry.Status, of worker: RunEntry.Worker?, in folder: String) {
    switch told {
    case .finished, .stopped: self = told
    case .running, .unfinished:
      let isAtWork = FileLock.isHeld("\(folder)/config.json") ?? (told == .running && worker?.hasEnded == false)
      self = isAtWork ? .running : .unfinished
    }
  }
}
