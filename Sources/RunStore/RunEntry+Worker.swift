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
    RunEntry.Worker(host: hostName, process: Int(getpid()))
  }

  /// Whether the process is known to have ended. Of one on another machine nothing is known.
  var hasEnded: Bool {
    host == Self.hostName && kill(pid_t(process), 0) != 0 && errno == ESRCH
  }

  private static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
