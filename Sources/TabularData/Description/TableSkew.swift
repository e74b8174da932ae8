#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How differently two tables hold each column that both have.
public struct TableSkew: Sendable, Equatable {
  /// How two distributions differ.
  public enum Distance: String, Sendable, Equatable {
    /// `max |p − q|` over the categories, a missing cell being one of them; of categorical columns.
    case chebyshev = "L-infinity"
    /// The Jensen–Shannon divergence in bits, in 0...1, over the twentieths of both tables' numbers and the missing cells;
    /// of numeric columns.
    case jensenShannon = "Jensen-Shannon"
  }

  /// One column of both tables.
  public struct Column: Sendable, Equatable {
    public var name: String
    public var distance: Distance
    public var value: Double
    /// The category with the largest difference, and its shares in both tables; of categorical columns.
    public var largest: (category: String, first: Double, second: Double)?

    public static func == (one: Column, other: Column) -> Bool {
      one.name == other.name && one.distance == other.distance && one.value == other.value
        && one.largest?.category == other.largest?.category
    }
  }

  /// The columns, the most different one first.
  public var columns: [Column]

  /// Columns that one table alone has, or that have another type in each.
  public var notCompared: [String]

  /// How a missing cell is called among the categories.
  public static let missing = "(missing)"

  /// Compares two tables, neither of which is empty.
  ///
  /// - Source: TensorFlow Data Validation, skew and drift.
  public init(_ first: Table, _ second: Table) {
    columns = []
    notCompared = []
    for column in first.columns {
      guard let other = second[column.name], other.cells.type == column.cells.type else {
        notCompared.append(column.name)
        continue
      }
      switch (column.cells, other.cells) {
      case (.categorical, .categorical):
        let (p, q) = (Self.shares(column.cells), Self.shares(other.cells))
        let largest = Set(p.keys).union(q.keys).map { name in (name, p[name] ?? 0, q[name] ?? 0) }
          .max { one, two in (abs(one.1 - one.2), two.0) < (abs(two.1 - two.2), one.0) }
        let value = largest.map { abs($0.1 - $0.2) } ?? 0
        columns.append(
          Column(name: column.name, distance: .chebyshev, value: value, largest: largest.map { ($0.0, $0.1, $0.2) }))
      case (.numeric(let values), .numeric(let others)):
        columns.append(
          Column(name: column.name, distance: .jensenShannon, value: Self.divergence(values, others), largest: nil))
      default: break
      }
    }
    notCompared += second.columns.map(\.name).filter { first[$0] == nil }
    columns.sort { ($0.value, $1.name) > ($1.value, $0.name) }
  }

  /// The share of the rows of each category that occurs.
  private static func shares(_ cells: Table.Cells) -> [String: Double] {
    guard case .categorical(let codes, let categories) = cells else { return [:] }
    var counts = [Int](repeating: 0, count: categories.count + 1)
    for code in codes { counts[Int(code) + 1] += 1 }
    var shares: [String: Double] = [:]
    for (name, count) in zip([missing] + categories, counts) where count > 0 {
      shares[name, default: 0] += Double(count) / Double(codes.count)
    }
    return shares
  }

  private static let bins = 20

  /// The divergence of the numbers of two columns, cut at quantiles of both together.
  private static func divergence(_ first: [Double], _ second: [Double]) -> Double {
    let parts = QuantileParts(first + second, count: bins)
    func shares(_ values: [Double]) -> [Double] {
      // The first place is that of missing cells.
      var counts = [Double](repeating: 0, count: parts.count + 1)
      for value in values { counts[parts.part(of: value).map { $0 + 1 } ?? 0] += 1 }
      return counts.map { $0 / Double(max(1, values.count)) }
    }
    let (p, q) = (shares(first), shares(second))
    func part(_ x: Double, _ m: Double) -> Double { x > 0 ? x * log2(x / m) : 0 }
    let sum = zip(p, q).reduce(0.0) { sum, pair in
      let m = (pair.0 + pair.1) / 2
      return sum + (part(pair.0, m) + part(pair.1, m)) / 2
    }
    return min(1, max(0, sum))
  }
}
