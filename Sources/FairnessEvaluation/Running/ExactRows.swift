import FairnessMetrics

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

  /// The rows of each slice that columns make, in the order of `SliceAccumulator.slices(crossing:)`.
  func slices(crossing names: [String]) -> [(slice: Slice, rows: Gathered)] {
    if names.isEmpty { return [(Slice(), all)] }
    let crossing = names.compactMap { name in cells.columns.firstIndex { $0.name == name } }
    let slices = cells.slices(crossing: crossing)
    // The slices of each cell: one, or several where groups overlap.
    var slicesOf = [[Int]](repeating: [], count: cells.codes.count)
    for (index, slice) in slices.enumerated() {
      for cell in slice.cells { slicesOf[cell].append(index) }
    }
    return zip(slices, gather(slicesOf, count: slices.count)).map { ($0.slice, $1) }
  }

  /// The rows that satisfy a predicate.
  func rows(_ predicate: RowPredicate) -> Gathered {
    let chosen = cells.codes.map { codes -> [Int] in
      let holds = predicate.holds { name in
        guard let index = cells.columns.firstIndex(where: { $0.name == name }), codes[index] >= 0 else { return nil }
        let column = cells.columns[index]
        return column.members[Int(codes[index])].map { column.groups[Int($0)] }
      }
      return holds ? [0] : []
    }
    return gather(chosen, count: 1)[0]
  }

  private func gather(_ slicesOf: [[Int]], count: Int) -> [Gathered] {
    var gathered = [Gathered](
      repeating: Gathered(weights: weights == nil ? nil : []), count: count)
    for row in scores.indices {
      for slice in slicesOf[Int(cells.cells[row])] {
        gathered[slice].scores.append(scores[row])
        gathered[slice].labels.append(labels[row])
        if let weight = weights?[row] { gathered[slice].weights?.append(weight) }
      }
    }
    return gathered
  }
}
