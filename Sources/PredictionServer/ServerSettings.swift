/// Where a server listens, and how long it waits.
public struct ServerSettings: Sendable, Hashable {
  /// The address to listen at; the loopback address keeps the service on this machine.
  public var host: String

  /// The port; 0 for any free one.
  public var port: Int

  /// The most connections at a time; others wait until one closes.
  public var connections: Int

  /// The seconds within which a request has to arrive, and after which a connection is closed on which none does, or
  /// whose answers are not read.
  public var seconds: Int

  public init(host: String = "127.0.0.1", port: Int = 8080, connections: Int = 1024, seconds: Int = 10) {
    self.host = host
    self.port = port
    self.connections = connections
    self.seconds = seconds
  }
}

/// A server that cannot listen.
public struct ServerError: Error, Sendable, CustomStringConvertible {
  /// What was found, and what to do.
  public let description: String

  package init(_ description: String) { self.description = description }
}
