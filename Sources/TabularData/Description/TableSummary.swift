/// A table in the numbers of a data card: every column, overall and by group; how groups and labels are balanced; and
/// which columns tell a group.
public struct TableSummary: Sendable, Equatable {
  /// The whole table.
  public var all: TableDescription

  /// The histogram of each numeric column, by name.
  public var histograms: [String: Histogram]

  /// The groups of every sensitive column.
  public var groups: [Group]

  /// How strongly each column goes with each sensitive column, and with the label, the strongest first.
  public var associations: [Association]

  /// The rows of one group.
  public struct Group: Sendable, Equatable {
    public var column: String
    public var group: String
    public var description: TableDescription
    /// The group's histograms, over the same edges as those of all rows.
    public var histograms: [String: Histogram]
  }

  /// How strongly two columns go together.
  public struct Association: Sendable, Equatable {
    public var column: String
    /// A sensitive column or the label.
    public var with: String
    /// Cramér's V with its bias taken out, in 0...1; nil where one of the two has one value.
    public var cramersV: Double?
  }

  /// Summarises a table.
  ///
  /// - Parameter recipe: Names the label and the sensitive columns; its filters and kept groups are applied.
  /// - Throws: `DataError` where the table lacks what the recipe names.
  public init(_ table: Table, recipe: DataRecipe? = nil) throws(DataError) {
    let described = try DescribedRows(table, recipe: recipe)
    let rows = described.rows
    all = TableDescription(table, described)
    var edges: [String: [Double]] = [:]
    for column in table.columns {
      if case .numeric(let values) = column.cells, let cut = Histogram.edges(of: rows.map { values[$0] }) {
        edges[column.name] = cut
      }
    }
    func histograms(_ rows: [Int]) -> [String: Histogram] {
      var result: [String: Histogram] = [:]
      for column in table.columns {
        if case .numeric(let values) = column.cells, let cut = edges[column.name] {
          result[column.name] = Histogram(rows.lazy.map { values[$0] }, edges: cut)
        }
      }
      return result
    }
    self.histograms = histograms(rows)
    groups = []
    associations = []
    guard let recipe else { return }
    var targets: [(name: String, codes: [Int32])] = []
    for attribute in described.attributes {
      targets.append((attribute.name, attribute.codes))
      for (code, name) in attribute.groups.enumerated() {
        let members = zip(rows, attribute.codes).filter { $0.1 == Int32(code) }.map(\.0)
        groups.append(
          Group(
            column: attribute.name, group: name,
            description: TableDescription(table, rows: members, labelRates: []), histograms: histograms(members)))
      }
    }
    if recipe.label.kind == .binary {
      targets.append((recipe.label.column, described.labels.map { label in label.map { $0 == 1 ? 1 : 0 } ?? -1 }))
    } else {
      targets.append(
        (recipe.label.column, CrossTable.codes(of: try table.column(named: recipe.label.column), rows: rows)))
    }
    for column in table.columns {
      let codes = CrossTable.codes(of: column, rows: rows)
      for target in targets where target.name != column.name {
        associations.append(
          Association(
            column: column.name, with: target.name, cramersV: CrossTable(codes, target.codes).correctedCramersV))
      }
    }
    associations.sort { ($0.cramersV ?? -1, $1.column) > ($1.cramersV ?? -1, $0.column) }
  }
}

/// The rows of a numeric column by intervals of equal width; whole numbers within a short range each have one of their
/// own.
public struct Histogram: Sendable, Equatable {
  /// The number of intervals.
  private static let bins = 20

  /// The ends of the intervals, one more than these, rising. The last interval has its upper end, the others do not.
  public var edges: [Double]

  /// The rows in each interval; missing cells are in none.
  public var counts: [Int]

  /// The ends of intervals from the least to the greatest number; nil where there is no number, or none that differs.
  static func edges(of values: [Double]) -> [Double]? {
    let present = values.lazy.filter { !$0.isNaN }
    guard let low = present.min(), let high = present.max(), low < high, (high - low).isFinite else { return nil }
    if high - low < Double(2 * bins), present.allSatisfy({ $0 == $0.rounded() }) {
      return (0...Int(high - low) + 1).map { low - 0.5 + Double($0) }
    }
    let edges = (0...bins).map { $0 == bins ? high : low + (high - low) * (Double($0) / Double(bins)) }
    // Numbers that differ in their last bits have no room for intervals between them.
    return zip(edges, edges.dropFirst()).allSatisfy { $0 < $1 } ? edges : nil
  }

  /// - Parameter edges: The ends of the intervals, rising; numbers beyond them go into the outermost.
  package init(_ values: some Sequence<Double>, edges: [Double]) {
    self.edges = edges
    counts = [Int](repeating: 0, count: edges.count - 1)
    let (low, width) = (edges[0], edges[edges.count - 1] - edges[0])
    for value in values where !value.isNaN {
      let place = Int(((value - low) / width * Double(counts.count)).rounded(.down))
      counts[min(counts.count - 1, max(0, place))] += 1
    }
  }
}

/// Counts of rows by two columns of codes.
struct CrossTable {
  private var counts: [[Double]]

  /// - Parameters: Codes of equally many rows; rows in which one is −1 are left out.
  init(_ first: [Int32], _ second: [Int32]) {
    let sizes = [first, second].map { Int($0.max() ?? -1) + 1 }
    counts = Array(repeating: Array(repeating: 0, count: sizes[1]), count: sizes[0])
    for (a, b) in zip(first, second) where a >= 0 && b >= 0 { counts[Int(a)][Int(b)] += 1 }
  }

  /// Codes of a column: its categories, or the tenths of its numbers; −1 for missing cells.
  static func codes(of column: Table.Column, rows: [Int]) -> [Int32] {
    switch column.cells {
    case .categorical(let codes, _): return rows.map { codes[$0] }
    case .numeric(let values):
      let parts = QuantileParts(rows.map { values[$0] }, count: 10)
      return rows.map { row in parts.part(of: values[row]).map(Int32.init) ?? -1 }
    }
  }

  /// `√(max(0, φ² − (r−1)(c−1)/(n−1)) / min(r′ − 1, c′ − 1))` with `φ² = χ²/n` and `r′ = r − (r−1)²/(n−1)`, for r rows and
  /// c columns that are not empty; nil where one of these numbers is 1, or fewer than two rows count.
  ///
  /// - Source: Bergsma (2013), A bias-correction for Cramér's V and Tschuprow's T.
  var correctedCramersV: Double? {
    let rowSums = counts.map { $0.reduce(0, +) }
    let columnSums = (counts.first ?? []).indices.map { column in counts.reduce(0) { $0 + $1[column] } }
    let n = rowSums.reduce(0, +)
    let (r, c) = (Double(rowSums.count { $0 > 0 }), Double(columnSums.count { $0 > 0 }))
    guard n > 1, r > 1, c > 1 else { return nil }
    var chiSquared = 0.0
    for (row, rowSum) in zip(counts, rowSums) where rowSum > 0 {
      for (count, columnSum) in zip(row, columnSums) where columnSum > 0 {
        let expected = rowSum * columnSum / n
        chiSquared += (count - expected) * (count - expected) / expected
      }
    }
    let phiSquared = max(0, chiSquared / n - (r - 1) * (c - 1) / (n - 1))
    let (rows, columns) = (r - (r - 1) * (r - 1) / (n - 1), c - (c - 1) * (c - 1) / (n - 1))
    let least = min(rows, columns) - 1
    return least > 0 ? min(1, (phiSquared / least).squareRoot()) : nil
  }
}
