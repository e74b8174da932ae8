/// How many rows there are of a kind, and what they weigh.
public struct WeightSum: Sendable, Hashable, Codable {
  /// The number of rows, whatever their weights.
  public private(set) var rows = 0

  private var sum = CompensatedSum()
  private var squares = CompensatedSum()

  /// No rows.
  public init() {}

  /// Rows that each weigh 1.
  init(rows: Int) {
    self.rows = rows
    sum.add(Double(rows))
    squares.add(Double(rows))
  }

  /// The weights' sum, `Σ w`.
  public var value: Double { sum.value }

  /// The number of equally weighted rows that would say as much, `(Σ w)² / Σ w²` (Kish 1965); 0 for none.
  public var effectiveRows: Double {
    squares.value > 0 ? sum.value * sum.value / squares.value : 0
  }

  /// Adds one row.
  ///
  /// - Parameter weight: Finite and at least 0.
  @inline(__always) public mutating func add(_ weight: Double) {
    rows += 1
    sum.add(weight)
    squares.add(weight * weight)
  }

  /// Adds the rows of another sum.
  public mutating func merge(_ other: WeightSum) {
    rows += other.rows
    sum.merge(other.sum)
    squares.merge(other.squares)
  }

  /// The sum of both.
  static func + (a: WeightSum, b: WeightSum) -> WeightSum {
    var result = a
    result.merge(b)
    return result
  }
}
