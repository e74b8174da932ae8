/// Whether a slice has enough rows to speak of.
public struct SliceSize: Sendable, Hashable {
  /// The number of rows.
  public var rows: Int

  /// The number of rows below which a slice is tiny.
  public var minimumRows: Int

  /// - Parameter minimumRows: The number of rows below which a slice is tiny; with the default, one row moves a rate by
  ///   more than three points.
  public init(rows: Int, minimumRows: Int = 30) {
    self.rows = rows
    self.minimumRows = minimumRows
  }

  /// How far one row moves a rate, `1 / n`; undefined without rows.
  public var swingOfOneRow: MetricValue { MetricValue(1, over: Double(rows), orElse: "there are no rows") }

  /// Whether nothing significant can be said of the slice.
  public var isTiny: Bool { rows < minimumRows }

  /// What to tell people of a tiny slice; nil for others.
  public var advice: String? {
    guard isTiny, case .defined(let swing) = swingOfOneRow else { return nil }
    let tenths = Int((1000 * swing).rounded())
    let rows = rows == 1 ? "1 row" : "\(rows) rows"
    return "only \(rows): one row moves a rate by \(tenths / 10).\(tenths % 10) points; collect more data"
  }
}
