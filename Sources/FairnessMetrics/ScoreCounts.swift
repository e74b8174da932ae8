/// How many rows of each group score in each of equal bins of 0...1: the distributions at a moment of the training.
public struct ScoreCounts: Sendable, Hashable {
  /// The counts of one group.
  public struct Group: Sendable, Hashable {
    public var name: String
    /// The rows in each bin, `[bins]`.
    public var counts: [Int]

    public init(_ name: String, counts: [Int]) {
      self.name = name
      self.counts = counts
    }
  }

  /// The groups of one sensitive attribute.
  public struct Attribute: Sendable, Hashable {
    public var name: String
    public var groups: [Group]

    public init(_ name: String, groups: [Group]) {
      self.name = name
      self.groups = groups
    }
  }

  /// The bins of a record of every epoch.
  public static let standardBins = 50

  /// The most groups of an attribute that are counted apart; more could not be told apart in a picture.
  public static let mostGroups = 12

  /// All rows, `[bins]`.
  public var all: [Int]

  /// The attributes that have no more groups than `mostGroups`.
  public var attributes: [Attribute]

  public init(all: [Int], attributes: [Attribute]) {
    self.all = all
    self.attributes = attributes
  }

  /// Counts scores; bin b holds those in b/bins ..< (b + 1)/bins, the last one 1 too. A score that is NaN or outside of
  /// 0...1 is in none.
  ///
  /// - Precondition: Each attribute has a code for every score.
  public init(scores: [Float], attributes columns: [GroupColumn], bins: Int = standardBins) {
    all = [Int](repeating: 0, count: bins)
    var binOfRow = [Int32](repeating: -1, count: scores.count)
    for (row, score) in scores.enumerated() where score >= 0 && score <= 1 {
      // In double precision the product of a single-precision score and a count of bins has no rounding.
      let bin = min(bins - 1, Int(Double(score) * Double(bins)))
      binOfRow[row] = Int32(bin)
      all[bin] += 1
    }
    attributes = []
    for column in columns where column.groups.count <= Self.mostGroups {
      precondition(column.codes.count == scores.count, "ScoreCounts: '\(column.name)' has not a code for each score")
      var counts = [Int](repeating: 0, count: column.groups.count * bins)
      for (row, code) in column.codes.enumerated() where code >= 0 && binOfRow[row] >= 0 {
        counts[Int(code) * bins + Int(binOfRow[row])] += 1
      }
      attributes.append(
        Attribute(
          column.name,
          groups: column.groups.enumerated().map { index, name in
            Group(name, counts: Array(counts[index * bins..<(index + 1) * bins]))
          }))
    }
  }
}
