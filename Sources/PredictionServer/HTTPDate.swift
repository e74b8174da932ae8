#if Server
  import RunRecords
  import Synchronization

  #if canImport(Glibc)
    import Glibc
  #elseif canImport(Musl)
    import Musl
  #else
    import Darwin
  #endif

  /// The time as answers name it, written once a second.
  enum HTTPDate {
    private static let last = Mutex((second: 0, text: ""))

    static var now: String {
      let second = time(nil)
      return last.withLock { last in
        if last.second != second { last = (second, UTCTime(seconds: second).httpDate) }
        return last.text
      }
    }
  }
#endif
