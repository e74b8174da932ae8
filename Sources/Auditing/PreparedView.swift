import LinearAlgebra

/// A view of the audited rows, ready for adversaries.
struct PreparedView: Sendable {
  let name: String
  let isSeenByGame: Bool
  /// Why no adversary can be trained; nil where one can.
  let reason: String?
  /// The columns that are not constant, each of mean 0 and variance 1 over all audited rows, `[n, d]`.
  let standardized: Matrix<Float>
  /// Whether all rows are one of two.
  let hasTwoPoints: Bool

  /// - Parameter positions: The audited rows among those of the view.
  init(_ view: AuditView, positions: [Int]) {
    name = view.name
    isSeenByGame = view.isSeenByGame
    let all = view.values.gatheringRows(positions)
    if let place = all.values.firstIndex(where: { !$0.isFinite }) {
      reason =
        "row \(positions[place / all.columns]) of the view '\(view.name)' holds "
        + (all.values[place].isNaN ? "NaN" : "an infinite number")
      standardized = Matrix(rows: 0, columns: 0, values: [])
      hasTwoPoints = false
      return
    }
    var columns: [[Float]] = []
    for index in 0..<all.columns {
      let column = all.column(index)
      guard let first = column.first, column.contains(where: { $0 != first }) else { continue }
      let mean = column.reduce(0) { $0 + Double($1) } / Double(column.count)
      let variance = column.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(column.count)
      let scale = variance.squareRoot()
      columns.append(column.map { Float((Double($0) - mean) / scale) })
    }
    var values: [Float] = []
    values.reserveCapacity(all.rows * columns.count)
    for row in 0..<all.rows {
      for column in columns { values.append(column[row]) }
    }
    standardized = Matrix(rows: all.rows, columns: columns.count, values: values)
    reason = columns.isEmpty ? "all rows of the view '\(view.name)' are equal: there is nothing to read" : nil
    hasTwoPoints = Self.hasTwoPoints(standardized)
  }

  private static func hasTwoPoints(_ view: Matrix<Float>) -> Bool {
    guard view.rows > 0 && view.columns > 0 else { return false }
    func row(_ index: Int) -> ArraySlice<Float> { view.values[index * view.columns..<(index + 1) * view.columns] }
    let first = row(0)
    var second: ArraySlice<Float>?
    for index in 1..<view.rows where row(index) != first {
      if let second, row(index) != second { return false }
      second = row(index)
    }
    return true
  }
}
