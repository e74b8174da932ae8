#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The threads that an audit uses where its caller names no number.
var customaryThreads: Int { ProcessInfo.processInfo.activeProcessorCount }
