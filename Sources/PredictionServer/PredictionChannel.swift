#if Server
  import HummingbirdCore
  import Logging
  import NIOCore
  import NIOHTTP1
  import Serving

  /// The connections of a server: HTTP/1.1 on one side, a `PredictionService` on the other.
  ///
  /// hummingbird's own channel hands every part of a request and of an answer through an asynchronous sequence. That
  /// is twice the work of scoring a row, and most requests are one row; so requests are answered here on the event loop
  /// that they arrive on.
  struct PredictionChannel: ServerChildChannel {
    /// A connection, which takes care of itself.
    struct Connection: ServerChildChannelValue {
      let channel: any Channel
    }

    let service: PredictionService
    let seconds: Int

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Connection> {
      channel.eventLoop.makeCompletedFuture {
        let pipeline = channel.pipeline.syncOperations
        // Who does not read the answers is not read either.
        try pipeline.addHandler(BackPressureHandler())
        // One request at a time, also where several are sent ahead; faults of the protocol are answered as all others
        // are. All headers that leave are this module's own, and need no check.
        try pipeline.configureHTTPServerPipeline(
          withPipeliningAssistance: true, withErrorHandling: false, withOutboundHeaderValidation: false)
        try pipeline.addHandler(RequestHandler(service, seconds: seconds))
        return Connection(channel: channel)
      }
    }

    /// Waits until a connection is over.
    func handle(value connection: Connection, logger: Logger) async {
      await withTaskCancellationHandler {
        try? await connection.channel.closeFuture.get()
      } onCancel: {
        connection.channel.close(mode: .all, promise: nil)
      }
    }
  }
#endif
