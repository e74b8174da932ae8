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
    host == FileAccess.hostName && kill(pid_t(process), 0) != 0 && errno == ESRCH
  }
}
