import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Ctrl-C and `kill`: the first asks the work to end with what is under way, to keep its state or to take away what is
/// half written; the second ends it at once.
enum Interruption {
  /// The signal that arrived; 0 for none. Lock-free, so that a signal handler may write it.
  private static let signal = Atomic<Int32>(0)

  /// Begins to listen for SIGINT and SIGTERM.
  static func listen() {
    unblock()
    for number in [SIGINT, SIGTERM] {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { number in
        if Interruption.signal.exchange(number, ordering: .relaxed) != 0 { _exit(128 + number) }
      }
      sigaction(number, &action, nil)
    }
  }

  /// Begins to end the program at the first signal, with a word: for work that leaves nothing behind.
  static func endAtOnce() {
    unblock()
    for number in [SIGINT, SIGTERM] {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { number in
        // Nothing but calls that a signal handler may make.
        let text: StaticString = "equipoise: interrupted\n"
        _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
        _exit(128 + number)
      }
      sigaction(number, &action, nil)
    }
  }

  /// Whoever starts the program may have blocked signals, as the threads of Dispatch do: that is inherited.
  private static func unblock() {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] { sigaddset(&signals, number) }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Whether a signal has arrived.
  static var isRequested: Bool { signal.load(ordering: .relaxed) != 0 }

  /// The exit status after the shell's custom: 128 and the signal's number.
  static var exitStatus: Int32 { 128 + signal.load(ordering: .relaxed) }
}
