import FairnessMetrics

/// What a service counts while it works: requests, scores, groups where they are watched, outcomes.
///
/// Its memory is fixed when it is made, whatever comes.
struct ServiceMonitor: Sendable {
  /// What can be asked for; anything else is one more kind, so that nobody can make up labels.
  enum Endpoint: String, Sendable, CaseIterable {
    case predict = "/v1/predict"
    case outcomes = "/v1/outcomes"
    case health = "/healthz"
    case metrics = "/metrics"
    case other
  }

  /// What a row came to.
  struct Prediction: Sendable, Hashable {
    var score: Float
    var decision: Bool
    /// The group in each watched column; −1 where the row has none.
    var groups: [Int32]
  }

  /// The columns that are watched.
  private(set) var columns: [WatchedColumn]

  /// All rows together, as a column of one group.
  private(set) var overall: WatchedColumn

  /// The rows that brought no known group of each watched column.
  private(set) var withoutGroup: [Int]

  private(set) var scores = BucketCounts(bounds: (1...20).map { Double($0) / 20 })

  /// Cells that no training row has, by column of the model.
  private(set) var unseen: [Int]

  private(set) var statuses: [Endpoint: [Int: Int]] = [:]
  private(set) var durations: [Endpoint: BucketCounts] = [:]
  private(set) var unknownOutcomes = 0
  private(set) var repeatedOutcomes = 0

  private var log: PredictionLog

  /// Seconds, from what one row takes to the limit on a request's time.
  private static let durationBounds = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ]

  init(columns: [WatchedColumn], modelColumns: Int, settings: ServiceSettings) {
    self.columns = columns
    overall = WatchedColumn("", groups: [""], references: [], window: settings.window)
    withoutGroup = columns.map { _ in 0 }
    unseen = [Int](repeating: 0, count: modelColumns)
    log = PredictionLog(capacity: settings.remembered, attributes: columns.count)
    for endpoint in Endpoint.allCases { durations[endpoint] = BucketCounts(bounds: Self.durationBounds) }
  }

  /// Counts a prediction; returns its number.
  mutating func add(_ prediction: Prediction) -> UInt64 {
    scores.add(Double(prediction.score))
    overall.addPrediction(group: 0, decision: prediction.decision)
    for (index, group) in prediction.groups.enumerated() {
      if group >= 0 {
        columns[index].addPrediction(group: Int(group), decision: prediction.decision)
      } else {
        withoutGroup[index] += 1
      }
    }
    return log.add(decision: prediction.decision, groups: prediction.groups)
  }

  /// Counts a cell that no training row has.
  mutating func addUnseen(column: Int) { unseen[column] += 1 }

  /// Counts what really happened with a prediction.
  mutating func addOutcome(_ number: UInt64, label: Bool) -> PredictionLog.Answer {
    let answer = log.take(number)
    switch answer {
    case .found(let entry):
      overall.addOutcome(group: 0, decision: entry.decision, label: label)
      for (index, group) in entry.groups.enumerated() where group >= 0 {
        columns[index].addOutcome(group: Int(group), decision: entry.decision, label: label)
      }
    case .unknown: unknownOutcomes += 1
    case .repeated: repeatedOutcomes += 1
    }
    return answer
  }

  /// Counts an answered request.
  mutating func addRequest(_ endpoint: Endpoint, status: Int, seconds: Double) {
    statuses[endpoint, default: [:]][status, default: 0] += 1
    durations[endpoint]?.add(seconds)
  }
}
