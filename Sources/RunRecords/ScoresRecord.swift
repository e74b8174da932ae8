import FairnessMetrics
import OrderedJSON

/// `scores.json`: how the scores of the rows by which a run is judged are spread, group by group, in every state of the
/// classifier.
///
/// It has counts and no rows. At each multiple of `1/bins` the counts of every decision threshold follow from it exactly,
/// and with them rates, ROC and calibration; a report needs no predictions.
public struct ScoresRecord: Sendable, Equatable {
  /// The version of the record's format.
  public static let format = 1

  /// The bins of 0...1; their borders are the thresholds 0, 0.005, 0.01, ….
  public static let standardBins = 200

  /// The scores of the rows of one slice.
  public struct Distribution: Sendable, Equatable {
    /// The slice; without terms, all rows.
    public var slice: Slice
    /// The rows with a positive label in each bin, `[bins]`.
    public var positives: [Int]
    /// The rows with a negative label in each bin, `[bins]`.
    public var negatives: [Int]

    public init(_ slice: Slice, positives: [Int], negatives: [Int]) {
      self.slice = slice
      self.positives = positives
      self.negatives = negatives
    }
  }

  /// A state of the classifier.
  public struct State: Sendable, Equatable {
    public var name: SummaryPhase
    /// All rows first, then the groups of each attribute, then those of their crosses.
    public var distributions: [Distribution]

    public init(_ name: SummaryPhase, _ distributions: [Distribution]) {
      self.name = name
      self.distributions = distributions
    }
  }

  /// The part of the rows.
  public var split: SplitName

  /// The number of bins.
  public var bins: Int

  /// The states in the order in which they came to be; the last is the one that is kept.
  public var states: [State]

  public init(split: SplitName, bins: Int = standardBins, states: [State]) {
    self.split = split
    self.bins = bins
    self.states = states
  }

  /// The record under the keys of `scores.json`.
  public var json: JSON {
    .object([
      .init("format", .number(JSONNumber(Self.format))), .init("split", .string(split.rawValue)),
      .init("bins", .number(JSONNumber(bins))),
      .init(
        "states",
        .object(states.map { JSON.Member($0.name.rawValue, .array($0.distributions.map(\.json))) })),
    ])
  }

  /// Reads what `json` wrote.
  ///
  /// - Parameter place: The file, for messages.
  public init(_ json: JSON, at place: String) throws(RecordError) {
    let record = try RecordReading(json, at: place)
    guard try record.integer("format") <= Self.format else {
      throw RecordError(.badData, at: place, "was written by a newer version of Equipoise. Update the tool.")
    }
    split = try record.choice("split", SplitName.self)
    bins = try record.integer("bins")
    guard (1...100_000).contains(bins) else { throw record.failure("bins", "should be from 1 to 100000") }
    let stateRecord = try record.object("states")
    states = []
    for name in stateRecord.memberKeys {
      guard let phase = SummaryPhase(rawValue: name) else { throw stateRecord.failure(name, "is an unknown state") }
      var distributions: [Distribution] = []
      for element in try stateRecord.elements(name) {
        distributions.append(
          try Distribution(RecordReading(element, at: place, keys: ["states", name]), bins: bins))
      }
      states.append(State(phase, distributions))
    }
  }
}

extension ScoresRecord.Distribution {
  fileprivate var json: JSON {
    .object([
      .init("slice", .object(slice.terms.map { JSON.Member($0.column, $0.group.map { .string($0) } ?? .null) })),
      .init("positives", positives.json), .init("negatives", negatives.json),
    ])
  }

  fileprivate init(_ record: RecordReading, bins: Int) throws(RecordError) {
    let slice = try record.object("slice")
    var terms: [Slice.Term] = []
    for column in slice.memberKeys {
      terms.append(Slice.Term(column: column, group: try slice.optionalText(column)))
    }
    self.init(
      Slice(terms), positives: try record.counts("positives", count: bins),
      negatives: try record.counts("negatives", count: bins))
  }
}
