#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What a run records of the machine.
enum Platform {
  /// The name under which the environment knows the user; nil where it says none.
  static var user: String? {
    let environment = ProcessInfo.processInfo.environment
    return ["USER", "LOGNAME"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
  }

  /// The operating system and the architecture: `Debian GNU/Linux 12 (bookworm), x86_64`.
  static var description: String {
    #if arch(x86_64)
      let architecture = "x86_64"
    #elseif arch(arm64)
      let architecture = "arm64"
    #else
      let architecture = "unknown architecture"
    #endif
    return "\(ProcessInfo.processInfo.operatingSystemVersionString), \(architecture)"
  }
}
