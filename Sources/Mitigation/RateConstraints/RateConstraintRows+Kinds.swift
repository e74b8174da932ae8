import MetricExpressions

extension RateConstraintRows {
  /// The kind of each row, and the number of kinds: rows of one kind count in the same rates.
  var kinds: (kinds: [Int], count: Int) {
    var numbers: [[Bool]: Int] = [:]
    let ofCell = (0..<cellCount).map { cell -> Int in
      let signature = supportCells.map { $0[cell] }
      if let number = numbers[signature] { return number }
      let number = numbers.count
      numbers[signature] = number
      return number
    }
    return (cells.map { ofCell[Int($0)] }, max(1, numbers.count))
  }

  /// Warnings about rates that are about too few rows, of a batch or altogether.
  func warnings(batches: GroupBatches, settings: RateConstrainedSettings) -> [String] {
    var warnings = supportWarnings(split: "training", minimum: settings.minimumSupport)
    let (kinds, _) = kinds
    // A kind's cells all count in the same rates, so any one of them tells.
    var cellOfKind = [Int](repeating: 0, count: batches.quotas.count)
    for (row, kind) in kinds.enumerated() { cellOfKind[kind] = Int(cells[row]) }
    for (index, support) in supports.enumerated() {
      let rows = batches.quotas.indices.reduce(0) { sum, kind in
        supportCells[index][cellOfKind[kind]] ? sum + batches.quotas[kind] : sum
      }
      guard rows < settings.minimumRowsPerKind && rows < support.rows else { continue }
      warnings.append(
        "a batch of \(batches.factors.count) holds only \(rows) rows that \(support.rate) is about, so its gradient is "
          + "noisy. Choose a larger batch size.")
    }
    return warnings
  }

  /// Warnings about rates that are about too few rows of the data set to be judged.
  func supportWarnings(split: String, minimum: Int) -> [String] {
    supports.filter { $0.rows < minimum }.map { support in
      "\(support.rate) is about \(support.rows) \(split) rows only, too few to say whether a constraint on it holds."
    }
  }
}
