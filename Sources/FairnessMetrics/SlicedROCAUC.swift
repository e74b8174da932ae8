/// The area under the ROC curve of every slice, from one sort of all rows.
///
/// - Parameters:
///   - scores: The scores, `[n]`.
///   - labels: The labels, `[n]`.
///   - cells: The rows' cells, of which the slices are made.
///   - slices: The cells of each slice, as `CrossedCells.slices(crossing:)` gives them; a cell may be in several.
/// - Returns: The exact area of each slice; for what is undefined, see `rocAUC(scores:labels:)`.
/// - Precondition: Scores, labels and cells are equally many, and fewer than 2³¹.
@specialized(where Value == Float)
@specialized(where Value == Double)
public func rocAUC<Value: Score>(
  scores: [Value], labels: [Bool], cells: CrossedCells, slices: [[Int]]
) -> [MetricValue] {
  let sums = RankSweep.sums(scores: scores, labels: labels, cells: cells, slices: slices, moments: false)
  return sums?.map(\.rocAUC) ?? slices.map { _ in .undefined(scoreIsNaN) }
}
