import ArgumentParser
import Experiments
import PredictionServer
import Reporting
import Serving

/// `equipoise serve`: answers requests with the model of a run.
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Score rows over HTTP with the model of a run, and watch the rates of groups.",
    discussion: """
      POST /v1/predict with a row such as {"age": 39, "workclass": "Private", …}, or a list of rows; the answer has \
      for each an id, score and decision, and warnings as `equipoise predict` gives them. POST /v1/outcomes with \
      {"id": …, "label": 1} tells later what was true. GET /metrics is for Prometheus: requests, scores, and of \
      watched columns selection rates, rates by outcome, and how far the metrics between groups have moved from those \
      of the run's test. GET /healthz tells that the service is up.

      It listens on this machine only unless --host says otherwise, and knows neither encryption nor passwords: put a \
      proxy before it that does. Sensitive columns are neither needed nor kept; with --watch, rows may bring those, \
      and their groups are counted.

      SIGTERM ends it when the requests under way are answered. It is part of builds with the package trait Server: \
      swift build -c release --traits Server.
      """)

  @Argument(help: ArgumentHelp("The folder of the run.", valueName: "run"), completion: .directory)
  var folder: String

  @Option(help: "The address to listen at.")
  var host = "127.0.0.1"

  @Option(help: "The port; 0 for any free one.")
  var port = 8080

  @Option(help: ArgumentHelp("Sensitive columns whose groups are counted where rows bring them.", valueName: "a,b"))
  var watch: String?

  @Option(help: ArgumentHelp("How many predictions wait for their outcomes at most; 0 for none.", valueName: "rows"))
  var remember = 100_000

  @Option(help: ArgumentHelp("How many of the last rows the recent rates rest on.", valueName: "rows"))
  var window = 10_000

  @Option(help: ArgumentHelp("The most bytes of a request.", valueName: "bytes"))
  var body = 1 << 20

  @Option(help: ArgumentHelp("The most rows of a request.", valueName: "rows"))
  var rows = 10_000

  @Option(help: ArgumentHelp("The seconds that a request may take to arrive.", valueName: "seconds"))
  var seconds = 10

  @Option(help: "The most connections at a time.")
  var connections = 1024

  @Flag(name: .shortAndLong, help: "Do not tell where it listens.")
  var quiet = false

  func validate() throws {
    func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws {
      guard range.contains(value) else {
        throw ValidationError("--\(name) is \(value); it should be \(range.lowerBound) to \(range.upperBound).")
      }
    }
    try check("port", port, 0...65_535)
    try check("remember", remember, 0...100_000_000)
    try check("window", window, 1...100_000_000)
    try check("body", body, 1...1 << 30)
    try check("rows", rows, 1...1_000_000)
    try check("seconds", seconds, 1...3600)
    try check("connections", connections, 1...100_000)
  }

  func run() throws {
    #if Server
      try exitingOnFailure {
        let service = try PredictionService(
          run: folder,
          settings: ServiceSettings(
            watched: watch.map { $0.split(separator: ",").map(String.init) } ?? [], largestBody: body, mostRows: rows,
            remembered: remember, window: window), version: EquipoiseVersion.current)
        let address = host
        let isQuiet = quiet
        try PredictionServer(
          service, settings: ServerSettings(host: host, port: port, connections: connections, seconds: seconds)
        ).run { port in
          // An address of version 6 has colons of its own.
          let shown = address.contains(":") ? "[\(address)]" : address
          if !isQuiet { Console.note("Listening on http://\(TerminalText.neutralized(shown)):\(port)") }
        }
      }
    #else
      Console.note(
        "equipoise: this build leaves serve out. Build the tool with it: swift build -c release --traits Server")
      throw ExitCode(69)
    #endif
  }
}

#if Server
  extension ServerError: ExitStatusError {
    var exitStatus: Int32 { 74 }
  }
#endif
