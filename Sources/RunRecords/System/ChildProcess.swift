#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Another program, started and awaited.
package enum ChildProcess {
  /// What a program said, and how it ended.
  package struct Outcome: Sendable {
    /// The exit status; 128 and the number of a signal that ended it.
    package var status: Int
    /// Standard output and standard error, as they came.
    package var text: String
  }

  /// The path of a program in the folders of `PATH`; nil where there is none that may be started.
  package static func find(_ name: String) -> String? {
    let folders = getenv("PATH").map { String(cString: $0) } ?? ""
    return folders.split(separator: ":").map { "\($0)/\(name)" }.first {
      FileAccess.isPlainFile($0) && access($0, X_OK) == 0
    }
  }

  /// The path of this program.
  package static var ownPath: String? {
    for path in ["/proc/self/exe", CommandLine.arguments[0]] {
      if let path = FileAccess.absolutePath(path) { return path }
    }
    return nil
  }

  /// Starts a program without a shell, and waits for its end.
  ///
  /// - Parameter path: The program's path.
  /// - Throws: `RecordError` where it cannot be started.
  package static func run(_ path: String, _ arguments: [String]) throws(RecordError) -> Outcome {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw cannotStart(path, errno) }
    defer { close(ends[0]) }
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
    #else
      var actions = posix_spawn_file_actions_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
      posix_spawn_file_actions_adddup2(&actions, ends[1], descriptor)
    }
    for end in ends { posix_spawn_file_actions_addclose(&actions, end) }
    var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process = pid_t()
    let code = posix_spawn(&process, path, &actions, nil, &words, environ)
    close(ends[1])
    guard code == 0 else { throw cannotStart(path, code) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(ends[0], &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    let signal = Int(status & 0x7f)
    return Outcome(
      status: signal == 0 ? Int(status >> 8 & 0xff) : 128 + signal, text: String(decoding: bytes, as: UTF8.self))
  }

  private static func cannotStart(_ path: String, _ code: Int32) -> RecordError {
    RecordError(.inputOutput, at: path, "cannot be started: \(FileAccess.reason(code)).")
  }
}
