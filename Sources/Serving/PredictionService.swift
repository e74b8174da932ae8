import FairnessMetrics
import ModelFiles
import OrderedJSON
import RunRecords
import Synchronization
import TabularData
import Wording

/// A saved model that answers requests: the whole service but for the network.
///
/// It keeps nothing of a row but, where outcomes are waited for, its decision and its groups in the watched columns.
public final class PredictionService: Sendable {
  /// An answer.
  public struct Answer: Sendable, Hashable {
    public var status: Int
    public var type: ContentType
    public var body: String

    /// The methods that the path answers, where it does not answer that of the request.
    public var allowed: String?

    /// What the body is.
    public enum ContentType: String, Sendable, Hashable {
      case json = "application/json"
      case metrics = "text/plain; version=0.0.4; charset=utf-8"
    }

    init(status: Int, type: ContentType = .json, body: String) {
      self.status = status
      self.type = type
      self.body = body
    }

    /// The answer to what is wrong.
    init(_ error: ServiceError, allowed: String? = nil) {
      self.init(status: error.status.rawValue, body: error.json.serialized(.compact) + "\n")
      self.allowed = allowed
    }
  }

  public let settings: ServiceSettings

  private let model: SavedModel
  private let folder: String
  private let labels: [(String, String)]
  private let encoder: RowEncoder
  private let layout: RowLayout
  /// Where in a row the columns stand that the decision reads, and those that are watched.
  private let readers: [GroupReader]
  private let watchers: [GroupReader]
  private let rule: DecisionRule<Float>
  private let scorers: ScorerPool
  private let outcomes: OutcomeReader
  private let monitor: Mutex<ServiceMonitor>

  /// Reads the model of a run.
  ///
  /// - Parameters:
  ///   - run: The run's folder.
  ///   - version: The version of the tool, for `/metrics`.
  /// - Throws: `RecordError` and `ModelFileError` for the run, `DataError` where a watched column is not one of its
  ///   sensitive attributes.
  public init(run: String, settings: ServiceSettings, version: String) throws {
    let runFolder = try RunFolder(existing: run)
    folder = runFolder.file("model")
    let model = try SavedModel(folder: folder)
    try model.requireBinaryLabel(
      because: "the service answers with scores in 0...1 and watches p%-rules",
      remedy: "Score files with equipoise predict, or export the model as ONNX.", at: folder)
    let summary = try runFolder.summary()
    self.settings = settings
    self.model = model
    encoder = RowEncoder(model.encoder)
    rule = DecisionRule(threshold: model.threshold)
    scorers = ScorerPool(model)
    // Names the process, so that an outcome for a prediction of an earlier one is not taken for another's.
    let process = String(UInt32.random(in: 0...UInt32.max), radix: 16)
    outcomes = OutcomeReader(label: model.label, process: process)
    labels = [
      ("run", runFolder.path), ("name", summary.name), ("threshold", JSONNumber(model.threshold).text),
      ("version", version),
    ]

    var columns = model.columnRequests.map {
      RowLayout.Column(name: $0.name, isNumeric: $0.kind == .number, isRequired: true, need: $0.need)
    }
    func reader(_ coder: SensitiveCoder) -> GroupReader {
      let isNumeric = model.schema[coder.column] == .numeric
      let found = columns.firstIndex { $0.name == coder.column }
      if found == nil {
        columns.append(.init(name: coder.column, isNumeric: isNumeric, isRequired: false, need: ""))
      }
      return GroupReader(column: found ?? columns.count - 1, lookup: GroupLookup(coder))
    }
    readers = model.readAttributes.map(reader)
    var watchers: [GroupReader] = []
    var watched: [WatchedColumn] = []
    let references = summary.phases.last?.splits.last { $0.name != .train }?.evaluation
    for name in settings.watched {
      guard let coder = model.sensitive.first(where: { $0.column == name }) else {
        let names = model.sensitive.map(\.column)
        throw DataError(
          .badData, at: runFolder.path,
          "has no sensitive attribute \(Excerpt.quoted(name)) that could be watched. "
            + (NearestName.find(name, among: names).map { "Did you mean \(Excerpt.quoted($0))?" }
              ?? "It has \(Excerpt.list(names))."))
      }
      watchers.append(reader(coder))
      watched.append(
        WatchedColumn(
          name, groups: coder.groups, references: Self.references(references?.attributes.first { $0.name == name }),
          window: settings.window))
    }
    self.watchers = watchers
    layout = RowLayout(columns, missingMarkers: model.schema.missingMarkers)
    monitor = Mutex(ServiceMonitor(columns: watched, modelColumns: model.encoder.columns.count, settings: settings))
  }

  private static func references(_ evaluation: AttributeEvaluation?) -> [WatchedColumn.Reference] {
    guard let evaluation else { return [] }
    let values: [(ParityMetric, MetricValue)] = [
      (.pPercentRule, evaluation.pPercentRule),
      (.demographicParityDifference, evaluation.demographicParityDifference),
      (.equalOpportunityDifference, evaluation.equalOpportunityDifference),
      (.equalizedOddsDifference, evaluation.equalizedOddsDifference),
    ]
    return values.compactMap { metric, value in value.value.map { .init(metric: metric, value: $0) } }
  }

  // MARK: - Answers

  /// Answers a request.
  ///
  /// - Parameters:
  ///   - method: The method's name, such as `POST`.
  ///   - path: The path without its query.
  ///   - body: The whole body; called where it is wanted. It throws a `ServiceError` where it is too long or too slow.
  public func answer(
    _ method: String, _ path: String, body: () throws(ServiceError) -> [UInt8]
  ) -> Answer {
    let endpoint = ServiceMonitor.Endpoint(rawValue: path) ?? .other
    var start = ContinuousClock.now
    let answer: Answer
    do throws(ServiceError) {
      switch (endpoint, method) {
      case (.predict, "POST"):
        let bytes = try body()
        start = .now
        answer = try predict(bytes)
      case (.outcomes, "POST"):
        let bytes = try body()
        start = .now
        answer = try join(bytes)
      case (.health, "GET"), (.health, "HEAD"): answer = Answer(status: 200, body: "{\"status\":\"ok\"}\n")
      case (.metrics, "GET"), (.metrics, "HEAD"): answer = metrics
      case (.other, _):
        throw ServiceError(
          .notFound, at: "path", found: "There is nothing under \(Excerpt.quoted(path)).",
          remedy: "Ask POST /v1/predict, POST /v1/outcomes, GET /healthz or GET /metrics.")
      default:
        let takesRows = endpoint == .predict || endpoint == .outcomes
        answer = Answer(
          ServiceError(
            .methodNotAllowed, at: "path", found: "\(path) does not answer \(Excerpt.quoted(method)).",
            remedy: takesRows ? "Use POST." : "Use GET."), allowed: takesRows ? "POST" : "GET, HEAD")
      }
    } catch {
      answer = Answer(error)
    }
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    monitor.withLock {
      $0.addRequest(endpoint, status: answer.status, seconds: Double(seconds) + Double(attoseconds) * 1e-18)
    }
    return answer
  }

  /// The answer to what is no request at all; it is counted as others are.
  public func refusal(_ error: ServiceError) -> Answer {
    monitor.withLock { $0.addRequest(.other, status: error.status.rawValue, seconds: 0) }
    return Answer(error)
  }

  private func document(_ bytes: [UInt8]) throws(ServiceError) -> JSONNode {
    do {
      return try JSONReader.read(bytes, source: "request", depthLimit: 8)
    } catch {
      throw ServiceError(error)
    }
  }

  /// Scores the rows of a request.
  func predict(_ bytes: [UInt8]) throws(ServiceError) -> Answer {
    let rows = try layout.rows(document(bytes), limit: settings.mostRows)
    var features: [Float] = []
    features.reserveCapacity(rows.count * encoder.featureCount)
    var unseen: [RowEncoder.Unseen] = []
    let width = layout.columns.count
    let inputs = encoder.columnNames.count
    for row in 0..<rows.count {
      let cells = rows.cells[row * width..<row * width + inputs]
      if let column = encoder.append(cells, to: &features, unseen: &unseen) {
        throw ServiceError(
          .unprocessable, at: rows.isSingle ? "request" : "request (rows.\(row))",
          found: "Column \(Excerpt.quoted(encoder.columnNames[column])) has a number too large for a feature.",
          remedy: "Check it.")
      }
    }
    let read = readers.map { $0.codes(rows, width: width) }
    let scores = scorers.scores(features, rows: rows.count, read: read)
    guard scores.allSatisfy(\.isFinite) else {
      throw ServiceError(
        .internalError, at: "model", found: "The model gives a score that is not a number: it is damaged.",
        remedy: "Serve another copy.")
    }
    return Answer(status: 200, body: record(rows, scores, unseen: unseen, read: read))
  }

  /// Counts the predictions, and writes them down.
  private func record(_ rows: RequestRows, _ scores: [Float], unseen: [RowEncoder.Unseen], read: [[Int32]]) -> String {
    let width = layout.columns.count
    let groups = watchers.map { $0.codes(rows, width: width) }
    var text = rows.isSingle ? "" : "{\"predictions\":["
    monitor.withLock { monitor in
      for cell in unseen { monitor.addUnseen(column: cell.column) }
      for (row, score) in scores.enumerated() {
        let decision = rule.selects(score)
        let number = monitor.add(.init(score: score, decision: decision, groups: groups.map { $0[row] }))
        if row > 0 { text += "," }
        text += "{"
        if settings.remembered > 0 { text += "\"id\":\"\(outcomes.name(of: number))\"," }
        text += "\"score\":\(JSONNumber(score).text),\"decision\":\(decision ? 1 : 0)"
        if !rows.isSingle { text += "}" }
      }
    }
    if !rows.isSingle { text += "]" }
    let warnings = warnings(of: rows, unseen: unseen, read: read)
    if !warnings.isEmpty {
      text += ",\"warnings\":" + JSON.array(warnings.map { .string($0.message) }).serialized(.compact)
    }
    return text + "}\n"
  }

  /// What the model does not know of these rows, in the words of `equipoise predict`.
  private func warnings(of rows: RequestRows, unseen: [RowEncoder.Unseen], read: [[Int32]]) -> [DataWarning] {
    var warnings: [DataWarning] = []
    for column in Set(unseen.map(\.column)).sorted() {
      let cells = unseen.filter { $0.column == column }
      var values: [String] = []
      var known: Set<String> = []
      for cell in cells where known.insert(cell.value).inserted { values.append(cell.value) }
      warnings.append(
        FeatureEncoder.unseenWarning(
          column: encoder.columnNames[column], cells: cells.count, of: rows.count, values: values, at: "request"))
    }
    for (reader, codes) in zip(readers, read) {
      let unknown = codes.count { $0 < 0 }
      if unknown > 0 {
        warnings.append(
          SavedModel.unknownGroupWarning(column: layout.columns[reader.column].name, rows: unknown, at: "request"))
      }
    }
    return warnings
  }

  /// Joins posted labels with their predictions.
  private func join(_ bytes: [UInt8]) throws(ServiceError) -> Answer {
    guard settings.remembered > 0 else {
      throw ServiceError(
        .notFound, at: "path", found: "This service remembers no predictions.",
        remedy: "Start it with --remember above 0.")
    }
    let posted = try outcomes.outcomes(document(bytes), limit: settings.mostRows)
    var (joined, repeated, unknown) = (0, 0, 0)
    monitor.withLock { monitor in
      for outcome in posted {
        switch monitor.addOutcome(outcome.number ?? .max, label: outcome.label) {
        case .found: joined += 1
        case .repeated: repeated += 1
        case .unknown: unknown += 1
        }
      }
    }
    guard joined > 0 || repeated > 0 else {
      throw ServiceError(
        .notFound, at: "request",
        found: posted.count == 1
          ? "There is no prediction of this id." : "There is no prediction of any of these \(posted.count) ids.",
        remedy: "The last \(settings.remembered) predictions since the start of the service are remembered.")
    }
    let json: JSON = [
      "joined": .number(JSONNumber(joined)), "repeated": .number(JSONNumber(repeated)),
      "unknown": .number(JSONNumber(unknown)),
    ]
    return Answer(status: 200, body: json.serialized(.compact) + "\n")
  }

  /// The counts so far.
  private var metrics: Answer {
    // A copy: the page takes longer to write than anybody should wait for.
    let counts = monitor.withLock { $0 }
    return Answer(
      status: 200, type: .metrics, body: counts.text(model: labels, modelColumns: encoder.columnNames))
  }
}

/// Finds the group of a row in one of its cells.
struct GroupReader: Sendable {
  /// The cell's place in a row.
  var column: Int
  var lookup: GroupLookup

  /// The groups of all rows; −1 for missing and unknown ones.
  func codes(_ rows: RequestRows, width: Int) -> [Int32] {
    (0..<rows.count).map { row in
      switch rows.cells[row * width + column] {
      case .missing: -1
      case .number(let value): lookup.code(ofNumber: value)
      case .category(let name): lookup.code(ofCategory: name)
      }
    }
  }
}
