import LinearAlgebra
import TabularData

/// Draws rows so that label and groups become independent: rows of cells with too many are left out, rows of cells with
/// too few are repeated. For learners that take no weights.
///
/// A cell of group g and label y gets `n_g·n_y / n` rows, rounded by largest remainders so that the number of rows stays
/// n. Weights are not read: rows count once each.
///
/// - Edge cases: Rows with a missing attribute stay as they are. A group with one label only is an error: no row of the
///   other label is there to be repeated.
/// - Source: Kamiran and Calders (2012), Knowl. Inf. Syst. 33, section 5.3 and algorithm 4, with every group instead of
///   two.
public struct Resampling: Sendable, Hashable {
  /// Which rows of a cell are left out or repeated.
  public enum Choice: String, Sendable, Hashable, Codable, CaseIterable {
    /// Any, at random: rows left out are drawn without, rows repeated with replacement.
    case uniform
    /// Those that a ranker finds hardest: of label 1 the lowest scores, of label 0 the highest, in turn.
    case preferential
  }

  /// What was done.
  public struct Outcome: Sendable, Hashable {
    /// The rows drawn, by index, in rising order; a repeated row occurs several times.
    public var rows: [Int]

    /// The cells: group, label, rows before and after.
    public var cells: [Cell]

    /// A cell of group and label.
    public struct Cell: Sendable, Hashable {
      public var group: String
      public var label: Int
      public var before: Int
      public var after: Int
    }
  }

  /// The attributes that are crossed; nil for all.
  public var attributes: [String]?

  /// Which rows are left out or repeated.
  public var choice: Choice

  public init(_ choice: Choice = .uniform, attributes: [String]? = nil) {
    self.choice = choice
    self.attributes = attributes
  }

  /// Draws rows.
  ///
  /// - Parameters:
  ///   - dataset: The training rows.
  ///   - scores: What a ranker gives them, n of them, larger for label 1; only for the preferential choice.
  ///   - stream: The random bits of the uniform choice.
  /// - Throws: `MitigationError` where scores are lacking or not finite, or a cell is empty.
  public func rows(
    of dataset: Dataset, scores: [Float]? = nil, using stream: inout RandomStream
  ) throws(MitigationError) -> Outcome {
    let partition = try GroupPartition(dataset.sensitive, attributes: attributes, for: "resampling")
    let cells = LabelledCells(partition, of: dataset)
    if let empty = cells.rows.firstIndex(of: 0) {
      throw .rows(
        method: "resampling",
        problem: "the group \(partition.name(of: empty / 2)) has no training row with label \(empty % 2) to be "
          + "repeated. Cross fewer attributes, or keep fewer groups.")
    }
    if choice == .preferential {
      guard let scores, scores.count == dataset.rows, scores.allSatisfy(\.isFinite) else {
        throw .settings("preferential resampling needs a finite score of a ranker for each of \(dataset.rows) rows.")
      }
    }
    let targets = Self.targets(cells.rows)
    var members = [[Int]](repeating: [], count: targets.count)
    var drawn: [Int] = []
    for (row, cell) in cells.cells.enumerated() {
      if cell < 0 { drawn.append(row) } else { members[Int(cell)].append(row) }
    }
    for (cell, rows) in members.enumerated() {
      drawn += draw(targets[cell], of: rows, label: cell % 2, scores: scores, using: &stream)
    }
    return Outcome(
      rows: drawn.sorted(),
      cells: targets.indices.map {
        .init(group: partition.name(of: $0 / 2), label: $0 % 2, before: cells.rows[$0], after: targets[$0])
      })
  }

  private func draw(
    _ count: Int, of rows: [Int], label: Int, scores: [Float]?, using stream: inout RandomStream
  ) -> [Int] {
    if choice == .preferential, let scores {
      // The nearest to the other label first; ties by row, so that the order is the data's.
      let hardest = rows.sorted { a, b in
        scores[a] == scores[b] ? a < b : (label == 1) == (scores[a] < scores[b])
      }
      if count <= rows.count { return Array(hardest.dropFirst(rows.count - count)) }
      return rows + (0..<count - rows.count).map { hardest[$0 % hardest.count] }
    }
    if count <= rows.count {
      var shuffled = rows
      stream.shuffle(&shuffled)
      return Array(shuffled.prefix(count))
    }
    return rows + (0..<count - rows.count).map { _ in rows[Int(stream.below(UInt64(rows.count)))] }
  }

  /// `n_g·n_y / n` of each cell as whole numbers with the same sum.
  static func targets(_ rows: [Int]) -> [Int] {
    let total = rows.reduce(0, +)
    let positives = stride(from: 1, to: rows.count, by: 2).reduce(0) { $0 + rows[$1] }
    let exact = rows.indices.map { cell in
      let group = rows[cell / 2 * 2] + rows[cell / 2 * 2 + 1]
      return Double(group) * Double(cell % 2 == 1 ? positives : total - positives) / Double(total)
    }
    var result = exact.map { Int($0.rounded(.down)) }
    let left = total - result.reduce(0, +)
    let byRemainder = exact.indices.sorted { a, b in
      let (first, second) = (exact[a] - Double(result[a]), exact[b] - Double(result[b]))
      return first == second ? a < b : first > second
    }
    for cell in byRemainder.prefix(left) { result[cell] += 1 }
    return result
  }
}
