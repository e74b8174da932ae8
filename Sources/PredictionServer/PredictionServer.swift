#if Server
  import Dispatch
  import Hummingbird
  import HummingbirdCore
  import Logging
  import NIOCore
  import ServiceLifecycle
  import Serving
  import Synchronization

  /// A `PredictionService` on the network, over HTTP/1.1.
  ///
  /// Everything but the network is the service's: this reads bodies within their limits and writes answers.
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
          "\(settings.host):\(settings.port): cannot be listened at (\(error.description)). "
            + "Choose another port with --port, or an address of this machine with --host.")
      } catch let error as SocketAddressError {
        throw ServerError(
          "\(settings.host): is no address to listen at (\(error)). Name one of this machine with --host.")
      }
    }

    private func serve(onListening: @escaping @Sendable (Int) -> Void) async throws {
      var logger = Logger(label: "equipoise") { StreamLogHandler.standardError(label: $0) }
      logger.logLevel = .error
      let application = Application(
        responder: Responder(service: service, seconds: settings.seconds),
        server: .http1(configuration: .init(idleTimeout: .seconds(Int64(settings.seconds)))),
        configuration: .init(
          address: .hostname(settings.host, port: settings.port), backlog: 1024,
          availableConnectionsDelegate: MaximumAvailableConnections(settings.connections)),
        onServerRunning: { onListening($0.localAddress?.port ?? 0) }, logger: logger)
      var group = ServiceGroupConfiguration(
        services: [application], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
      // Nobody who sends slowly holds up the end.
      group.maximumGracefulShutdownDuration = .seconds(settings.seconds)
      do {
        try await ServiceGroup(configuration: group).run()
      } catch is CancellationError {
        // The time for a graceful end was over.
      }
    }
  }

  /// What is kept of a connection.
  private struct Connection: InitializableFromSource {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) { channel = source.channel }
  }

  /// Hands requests to the service, and its answers back.
  private struct Responder: HTTPResponder {
    let service: PredictionService
    let seconds: Int

    func respond(to request: Request, context: Connection) async throws -> Response {
      let answer = await service.answer(request.method.rawValue, request.uri.path) { try await body(of: request) }
      let buffer = ByteBuffer(string: answer.body)
      var headers = HTTPFields()
      headers[.contentType] = answer.type.rawValue
      // The rest of a body that is too long, or too slow, is not waited for.
      let closes = answer.status == 413 || answer.status == 408
      if closes { headers[.connection] = "close" }
      if answer.status == 405 { headers[.allow] = request.method == .post ? "GET" : "POST" }
      return Response(
        status: .init(code: answer.status), headers: headers,
        body: closes
          ? ResponseBody(contentLength: buffer.readableBytes) { writer in
            try await writer.write(buffer)
            try await writer.finish(nil)
            context.channel.close(mode: .all, promise: nil)
          } : ResponseBody(byteBuffer: request.method == .head ? ByteBuffer() : buffer))
    }

    private func body(of request: Request) async throws -> [UInt8] {
      let limit = service.settings.largestBody
      let tooLarge = ServiceError(
        .tooLarge, at: "request", found: "The body has more than \(limit) bytes.",
        remedy: "Send fewer rows at once, or start the service with a larger --body.")
      if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit { throw tooLarge }
      let deadline = ContinuousClock.now + .seconds(seconds)
      var bytes: [UInt8] = []
      for try await part in request.body {
        guard bytes.count + part.readableBytes <= limit else { throw tooLarge }
        // A connection on which nothing arrives is closed; this is for one on which little does.
        guard ContinuousClock.now < deadline else {
          throw ServiceError(
            .timeout, at: "request", found: "The body was not complete after \(seconds) seconds.",
            remedy: "Send it again, faster.")
        }
        bytes.append(contentsOf: part.readableBytesView)
      }
      return bytes
    }
  }
#endif
