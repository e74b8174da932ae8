#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The time of day, and the machine, as trackers write them.
enum WallTime {
  /// Seconds since 1970-01-01 00:00 UTC.
  static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  static var process: Int { Int(getpid()) }
}
