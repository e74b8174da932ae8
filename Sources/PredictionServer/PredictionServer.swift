#if Server
  import Dispatch
  import HummingbirdCore
  import Logging
  import NIOCore
  import NIOPosix
  import RunRecords
  import ServiceLifecycle
  import Serving
  import Synchronization

  /// A `PredictionService` on the network, over HTTP/1.1.
  ///
  /// Everything but the network is the service's; hummingbird's server accepts connections and ends with grace.
  public struct PredictionServer: Sendable {
    private let service: PredictionService
    private let settings: ServerSettings

    public init(_ service: PredictionService, settings: ServerSettings) {
      self.service = service
      self.settings = settings
    }

    /// Serves until SIGTERM or SIGINT arrives and the requests under way are answered.
    ///
    /// - Parameter onListening: Called with the port as soon as requests are taken.
    /// - Throws: `ServerError` where the address cannot be listened at.
    public func run(onListening: @escaping @Sendable (Int) -> Void) throws {
      let outcome = Mutex<Result<Void, any Error>>(.success(()))
      let isDone = DispatchSemaphore(value: 0)
      Task {
        do {
          try await serve(onListening: onListening)
        } catch {
          outcome.withLock { $0 = .failure(error) }
        }
        isDone.signal()
      }
      isDone.wait()
      do {
        try outcome.withLock { try $0.get() }
      } catch let error as IOError {
        throw ServerError(
          "\(settings.host):\(settings.port): cannot be listened at: \(FileAccess.reason(error.errnoCode)). "
            + "Choose another port with --port, or an address of this machine with --host.")
      } catch is SocketAddressError, is SocketAddressError.UnknownHost {
        throw ServerError(
          "--host '\(settings.host)' is no address to listen at. Name one of this machine, such as 127.0.0.1 or ::1.")
      }
    }

    private func serve(onListening: @escaping @Sendable (Int) -> Void) async throws {
      var logger = Logger(label: "equipoise") { StreamLogHandler.standardError(label: $0) }
      logger.logLevel = .error
      let server = PredictionChannel(service: service, seconds: settings.seconds).server(
        configuration: ServerConfiguration(
          address: .hostname(settings.host, port: settings.port), backlog: 1024,
          availableConnectionsDelegate: MaximumAvailableConnections(settings.connections)),
        onServerRunning: { onListening($0.localAddress?.port ?? 0) },
        eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
      var group = ServiceGroupConfiguration(
        services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
      // Nobody who sends slowly holds up the end.
      group.maximumGracefulShutdownDuration = .seconds(settings.seconds)
      do {
        try await ServiceGroup(configuration: group).run()
      } catch is CancellationError {
        // The time for a graceful end was over.
      }
    }
  }
#endif
