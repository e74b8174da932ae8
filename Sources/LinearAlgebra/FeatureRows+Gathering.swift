import CKernels

extension FeatureRows {
  /// The rows of some indices, in that order and in the same form; an index may occur more than once.
  ///
  /// - Precondition: Each index is that of a row; there are fewer than 2³¹ deviations in all.
  public func gatheringRows(_ indices: [Int]) -> FeatureRows {
    for row in indices { precondition(row >= 0 && row < rows, "FeatureRows: no row \(row) among \(rows)") }
    guard let deviations, let baseRow else { return FeatureRows(matrix.gatheringRows(indices)) }
    let values = deviations.values.assumingMemoryBound(to: Scalar.self)
    var starts: [Int32] = [0]
    var gatheredColumns: [Int32] = []
    var gatheredValues: [Scalar] = []
    starts.reserveCapacity(indices.count + 1)
    for row in indices {
      for place in Int(deviations.starts[row])..<Int(deviations.starts[row + 1]) {
        gatheredColumns.append(deviations.columns[place])
        gatheredValues.append(values[place])
      }
      starts.append(Int32(gatheredColumns.count))
    }
    return FeatureRows(base: baseRow, starts: starts, columns: gatheredColumns, values: gatheredValues)
  }
}
