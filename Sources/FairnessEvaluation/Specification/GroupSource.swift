import FairnessMetrics

/// A column to slice by, and how its groups are made of the data.
public struct GroupSource: Sendable, Hashable {
  /// How groups are made.
  public enum Making: Sendable, Hashable {
    /// Each value is a group.
    case values
    /// Numbers are cut into bins.
    case bins(NumericBins)
    /// A cell holds any number of groups, between separators; they overlap.
    case multiValued(separator: String)
    /// Each column is the annotation of one group; rows at or above the threshold are in it. Groups overlap.
    case soft(columns: [String], threshold: Double)
  }

  /// The name in slices.
  public var name: String

  /// How groups are made.
  public var making: Making

  public init(_ name: String, _ making: Making = .values) {
    self.name = name
    self.making = making
  }

  /// The columns of the data that are read for it.
  public var dataColumns: [String] {
    if case .soft(let columns, _) = making { columns } else { [name] }
  }

  /// Reads `age:18,65`.
  public init(bins text: String, option: String = "--bins") throws(EvaluationError) {
    let (name, rest) = try Self.split(text, option: option, example: "age:18,65")
    let edges = rest.split(separator: ",").map { Double($0.trimmed) }
    guard !edges.isEmpty, !edges.contains(nil), let bins = NumericBins(edges: edges.compactMap { $0 }) else {
      throw EvaluationError(
        .usage, at: "\(option) \(text)", "should name a column and ascending numbers to cut at, as in age:18,65.")
    }
    self.init(name, .bins(bins))
  }

  /// Reads `identity` or `identity:;`, with the separator after the colon (`|` where there is none).
  public init(multiValued text: String, option: String = "--multi-valued") throws(EvaluationError) {
    guard let colon = text.lastIndex(of: ":"), colon > text.startIndex else {
      self.init(text, .multiValued(separator: "|"))
      return
    }
    let separator = String(text[text.index(after: colon)...])
    guard !separator.isEmpty else {
      throw EvaluationError(.usage, at: "\(option) \(text)", "names no separator after the colon, as in identity:;.")
    }
    self.init(String(text[..<colon]), .multiValued(separator: separator))
  }

  /// Reads `female:0.5`, or `gender=male,female:0.5` for several columns that make one; the threshold may be left out.
  public init(soft text: String, option: String = "--soft") throws(EvaluationError) {
    var columnsText = text[...]
    var threshold = 0.5
    if let colon = text.lastIndex(of: ":") {
      guard let value = Double(text[text.index(after: colon)...].trimmed), value.isFinite else {
        throw EvaluationError(
          .usage, at: "\(option) \(text)", "should end in a threshold, as in gender=male,female:0.5.")
      }
      threshold = value
      columnsText = text[..<colon]
    }
    let parts = columnsText.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let columns = (parts.last ?? "").split(separator: ",").map(\.trimmed)
    guard let name = parts.first?.trimmed, !name.isEmpty, !columns.isEmpty, Set(columns).count == columns.count else {
      throw EvaluationError(
        .usage, at: "\(option) \(text)", "should name columns, none twice, as in gender=male,female:0.5.")
    }
    self.init(name, .soft(columns: columns, threshold: threshold))
  }

  private static func split(
    _ text: String, option: String, example: String
  ) throws(EvaluationError) -> (String, Substring) {
    guard let colon = text.lastIndex(of: ":"), colon > text.startIndex else {
      throw EvaluationError(.usage, at: "\(option) \(text)", "should name a column before a colon, as in \(example).")
    }
    return (String(text[..<colon]), text[text.index(after: colon)...])
  }
}

extension StringProtocol {
  /// Without blanks before and after.
  var trimmed: String {
    var rest = self[startIndex..<endIndex]
    while let first = rest.first, first.isWhitespace { rest = rest.dropFirst() }
    while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
    return String(rest)
  }
}
