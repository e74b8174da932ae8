#if Server
  import NIOCore
  import NIOHTTP1
  import NIOPosix
  import Serving

  /// Takes the requests of a connection, one after the other, and writes their answers.
  ///
  /// A short request is answered at once. The rows of a long one are scored on another thread meanwhile, so that the
  /// other connections of the event loop do not wait for them.
  final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// A request of which parts may still come.
    private struct Request {
      var head: HTTPRequestHead
      var body: ByteBuffer?

      /// The path without query, also where the whole address is named.
      var path: String {
        let isPlain = head.uri.utf8.first == UInt8(ascii: "/") && !head.uri.utf8.contains { "?#".utf8.contains($0) }
        if isPlain { return head.uri }
        let path = head.uri.prefix { $0 != "?" && $0 != "#" }
        // http:, nothing, the host, and the rest.
        let parts = path.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        return path.hasPrefix("/") || parts.count < 4 ? String(path) : "/\(parts[3])"
      }
    }

    private enum State {
      /// No request has begun.
      case idle
      case receiving(Request)
      /// Another thread works on a request.
      case answering
      /// The last answer is on its way; what still arrives is dropped.
      case closing
    }

    /// The bytes up to which a body is read and scored on the event loop: some rows, or some hundreds of empty ones,
    /// which take a few milliseconds.
    private static let shortBody = 2 << 10
    /// How long a client may take to see that it was answered before its request was complete.
    private static let lingering = TimeAmount.seconds(2)

    private let service: PredictionService
    private let seconds: Int
    private var state = State.idle
    /// When the present state has lasted too long. A request renews it, the timer looks at it when it fires: a timer
    /// for each request would cost more than the request.
    private var deadline = NIODeadline.now()
    private var timer: Scheduled<Void>?
    /// Answers that the system has not taken yet.
    private var unwritten = 0
    /// Whether an answer is being handed down the pipeline, which may hand up the next request from within.
    private var isWriting = false
    /// A request that was complete meanwhile.
    private var held: Request?
    private var inputIsClosed = false

    init(_ service: PredictionService, seconds: Int) {
      self.service = service
      self.seconds = seconds
    }

    // MARK: - Events

    func handlerAdded(context: ChannelHandlerContext) {
      renewDeadline()
      startTimer(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
      timer?.cancel()
      timer = nil
      state = .closing
      context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch (Self.unwrapInboundIn(data), state) {
      case (.head(let head), .idle):
        renewDeadline()
        let request = Request(head: head)
        state = .receiving(request)
        if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }),
          length > service.settings.largestBody
        {
          refuse(request, tooLarge, context)
        } else if head.version == .http1_1, head.headers.contains(name: "expect") {
          // Such a client sends no body before it is told to (RFC 9110, 10.1.1).
          let goOn = HTTPResponseHead(version: .http1_1, status: .continue)
          context.writeAndFlush(Self.wrapOutboundOut(.head(goOn)), promise: nil)
        }
      case (.body(var part), .receiving(var request)):
        // Without a second owner the bytes are added in place.
        state = .idle
        let count = (request.body?.readableBytes ?? 0) + part.readableBytes
        if request.body?.writeBuffer(&part) == nil { request.body = part }
        state = .receiving(request)
        if count > service.settings.largestBody { refuse(request, tooLarge, context) }
      case (.end, .receiving(let request)):
        held = request
        answerHeld(context)
      default: break
      }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      if case ChannelEvent.inputClosed = event {
        inputIsClosed = true
        switch state {
        // The answer to what came before is still due.
        case .answering: break
        case .idle, .receiving, .closing: close(context)
        }
      }
      context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      switch (error as? HTTPParserError, state) {
      case (.some(let error), .idle), (.some(let error), .receiving):
        write(service.refusal(fault(of: error)), to: .GET, keepingAlive: false, context)
      default:
        state = .closing
        context.close(promise: nil)
      }
    }

    // MARK: - Answers

    /// Answers the request that is complete, and those that come while it is being answered: one after the other, as
    /// each of them within the other would use up the stack.
    private func answerHeld(_ context: ChannelHandlerContext) {
      guard !isWriting else { return }
      while let request = held {
        held = nil
        guard case .receiving = state else { return }
        answer(request, context)
      }
    }

    private func answer(_ request: Request, _ context: ChannelHandlerContext) {
      let head = request.head
      let (method, path, body) = (head.method.rawValue, request.path, request.body)
      // Behind a wish for another protocol, which is not granted, no more requests are read.
      let keepsAlive = head.isKeepAlive && head.method != .CONNECT && !head.headers.contains(name: "upgrade")
      func reply(_ answer: PredictionService.Answer) {
        write(answer, to: head.method, keepingAlive: keepsAlive, version: head.version, context)
      }
      guard let body, body.readableBytes > Self.shortBody else {
        return reply(service.answer(method, path) { body.map { Array($0.readableBytesView) } ?? [] })
      }
      state = .answering
      let service = service
      NIOThreadPool.singleton.runIfActive(eventLoop: context.eventLoop) {
        service.answer(method, path) { Array(body.readableBytesView) }
      }.assumeIsolated().whenComplete { [self] result in
        guard case .answering = state else { return }
        switch result {
        case .success(let answer):
          reply(answer)
          answerHeld(context)
        case .failure: close(context)
        }
      }
    }

    /// Answers a request before it is complete, and takes no other one.
    private func refuse(_ request: Request, _ error: ServiceError, _ context: ChannelHandlerContext) {
      let answer = service.answer(request.head.method.rawValue, request.path) { () throws(ServiceError) in throw error }
      write(answer, to: request.head.method, keepingAlive: false, context)
    }

    private func write(
      _ answer: PredictionService.Answer, to method: HTTPMethod, keepingAlive: Bool, version: HTTPVersion = .http1_1,
      _ context: ChannelHandlerContext
    ) {
      let keepsAlive = keepingAlive && !inputIsClosed
      var headers = HTTPHeaders()
      headers.reserveCapacity(5)
      headers.add(name: "content-type", value: answer.type.rawValue)
      headers.add(name: "content-length", value: String(answer.body.utf8.count))
      headers.add(name: "date", value: HTTPDate.now)
      if let methods = answer.allowed { headers.add(name: "allow", value: methods) }
      if !keepsAlive {
        headers.add(name: "connection", value: "close")
      } else if version == .http1_0 {
        headers.add(name: "connection", value: "keep-alive")
      }
      state = keepsAlive ? .idle : .closing
      renewDeadline(keepsAlive ? .seconds(Int64(seconds)) : Self.lingering)
      if !keepsAlive {
        timer?.cancel()
        startTimer(context)
      }
      unwritten += 1
      let written = context.eventLoop.makePromise(of: Void.self)
      written.futureResult.assumeIsolated().whenComplete { [self] _ in
        unwritten -= 1
        if case .closing = state { close(context) }
      }
      isWriting = true
      defer { isWriting = false }
      let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status), headers: headers)
      context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
      if method != .HEAD {
        let body = context.channel.allocator.buffer(string: answer.body)
        context.write(Self.wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
      }
      context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: written)
    }

    // MARK: - Ends

    /// Ends the connection when all answers are written: this side of it at first, as bytes that nobody has read would
    /// make the system take back an answer with a reset.
    private func close(_ context: ChannelHandlerContext) {
      state = .closing
      guard unwritten == 0 else { return }
      context.close(mode: inputIsClosed ? .all : .output, promise: nil)
    }

    private func renewDeadline(_ time: TimeAmount? = nil) {
      deadline = .now() + (time ?? .seconds(Int64(seconds)))
    }

    private func startTimer(_ context: ChannelHandlerContext) {
      timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [self] in look(context) }
    }

    /// Ends what has lasted too long.
    private func look(_ context: ChannelHandlerContext) {
      guard NIODeadline.now() >= deadline else { return startTimer(context) }
      switch state {
      case .idle, .closing: return context.close(promise: nil)
      case .receiving(let request):
        refuse(
          request,
          ServiceError(
            .timeout, at: "request", found: "The body was not complete after \(seconds) seconds.",
            remedy: "Send it again, faster."), context)
      case .answering: renewDeadline()
      }
      startTimer(context)
    }

    private func fault(of error: HTTPParserError) -> ServiceError {
      switch error {
      case .headerOverflow:
        ServiceError(
          .headersTooLarge, at: "request", found: "The headers are too long.", remedy: "Send fewer and shorter ones.")
      case .invalidEOFState:
        ServiceError(
          .badRequest, at: "request", found: "The request ends before its end.", remedy: "Send the whole body.")
      default:
        ServiceError(
          .badRequest, at: "request", found: "This is not HTTP/1.1.", remedy: "Send a request such as curl does.")
      }
    }

    private var tooLarge: ServiceError {
      ServiceError(
        .tooLarge, at: "request", found: "The body has more than \(service.settings.largestBody) bytes.",
        remedy: "Send fewer rows at once, or start the service with a larger --body.")
    }
  }
#endif
