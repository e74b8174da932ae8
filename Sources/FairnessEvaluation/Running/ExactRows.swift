import FairnessMetrics
import MetricExpressions

/// All rows of one model in memory, from which any slice's scores can be gathered.
struct ExactRows: Sendable {
  /// Some rows' scores, labels and weights.
  struct Gathered {
    var scores: [Double] = []
    var labels: [Bool] = []
    var weights: [Double]?
  }

  private let scores: [Double]
  private let labels: [Bool]
  private let weights: [Double]?
  private let cells: CrossedCells

  init?(_ rows: EvaluationRows, model: Int, columns: [SliceColumn]) {
    guard !rows.labels.isEmpty else { return nil }
    scores = rows.scores[model]
    labels = rows.labels[rows.labels.count == 1 ? 0 : model]
    weights = rows.weights
    cells = CrossedCells(columns, rows: rows.count)
  }

  /// A column whose rows have one group each; nil where there is none of the name, or groups overlap.
  func groupColumn(_ name: String) -> GroupColumn? { cells.columns.first { $0.name == name }?.groupColumn }

  var all: Gathered { Gathered(scores: scores, labels: labels, weights: weights) }

  /// What ranks tell of each slice that some crossings of columns make, in the order of
  /// `SliceAccumulator.slices(crossing:)`: one sort for all.
  func ranks(crossing crossings: [[String]]) -> [[RankStatistics]] {
    let slices = crossings.map { cells.slices(crossing: indices($0)).map(\.cells) }
    if weights != nil {
      return slices.map { slices in slices.map { ranks(gather($0)) } }
    }
    var all = RankStatistics.of(scores: scores, labels: labels, cells: cells, slices: slices.flatMap { $0 })[...]
    return slices.map { slices in
      defer { all = all.dropFirst(slices.count) }
      return Array(all.prefix(slices.count))
    }
  }

  /// What ranks tell of the rows that satisfy a predicate.
  func ranks(_ predicate: RowPredicate) -> RankStatistics {
    let chosen = cells.codes.indices.filter { cell in
      predicate.holds { name in
        guard let index = cells.columns.firstIndex(where: { $0.name == name }), cells.codes[cell][index] >= 0
        else { return nil }
        let column = cells.columns[index]
        return column.members[Int(cells.codes[cell][index])].map { column.groups[Int($0)] }
      }
    }
    if weights != nil { return ranks(gather(chosen)) }
    return RankStatistics.of(scores: scores, labels: labels, cells: cells, slices: [chosen])[0]
  }

  /// The scores of each slice that columns make, in the same order.
  func scores(crossing names: [String]) -> [[Double]] {
    cells.slices(crossing: indices(names)).map { gather($0.cells).scores }
  }

  /// The number of rows.
  var count: Int { scores.count }

  private func indices(_ names: [String]) -> [Int] {
    names.compactMap { name in cells.columns.firstIndex { $0.name == name } }
  }

  private func ranks(_ rows: Gathered) -> RankStatistics {
    RankStatistics(
      scores: rows.scores, labels: rows.labels, weights: rows.weights ?? rows.scores.map { _ in 1 })
  }

  private func gather(_ chosen: [Int]) -> Gathered {
    var isChosen = [Bool](repeating: false, count: cells.codes.count)
    for cell in chosen { isChosen[cell] = true }
    var gathered = Gathered(weights: weights == nil ? nil : [])
    for row in scores.indices where isChosen[Int(cells.cells[row])] {
      gathered.scores.append(scores[row])
      gathered.labels.append(labels[row])
      if let weight = weights?[row] { gathered.weights?.append(weight) }
    }
    return gathered
  }
}
