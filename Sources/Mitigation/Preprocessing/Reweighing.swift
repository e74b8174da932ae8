import TabularData

/// Weighs rows so that label and groups become independent: each cell of group × label counts as much as it would if
/// the two had nothing to do with each other.
///
/// A row of group g and label y is multiplied by `P(g)·P(y) / P(g, y)`. Afterwards the weighted share of label 1 is P(y
/// = 1) in every group, and the weight of every group is what it was. Several attributes are crossed, and every cell of
/// the cross is weighed, not only privileged against other rows.
///
/// - Edge cases: Rows with a missing attribute keep their weights, and are counted. A group with one label only cannot
///   get the others' label rate by any weights: that is an error, unless such groups are left as they are.
/// - Precision: The factors are in double precision. A data set's weights are single; the factors of a group are
///   rounded *together*, a few units in the last place off, so that their ratio is right to 1e-10, and with it the label
///   rates of rows that weighed 1 before.
/// - Source: Kamiran and Calders (2012), "Data preprocessing techniques for classification without discrimination",
///   Knowl. Inf. Syst. 33, algorithm 3, with every group instead of two.
public struct Reweighing: Sendable, Hashable {
  /// What is done about a group whose rows have one label only.
  public enum OneLabelGroups: String, Sendable, Hashable, Codable, CaseIterable {
    /// An error names the group.
    case refuse
    /// Its rows keep their weights, and do not enter the shares of the others.
    case leave
  }

  /// What was done.
  public struct Outcome: Sendable, Hashable {
    /// A cell of group and label.
    public struct Cell: Sendable, Hashable {
      /// The group, such as `sex = Female`.
      public var group: String

      /// The label, 0 or 1.
      public var label: Int

      /// Its rows.
      public var rows: Int

      /// What their weights are multiplied by.
      public var factor: Double
    }

    /// The cells, groups in order, label 0 before 1.
    public var cells: [Cell]

    /// The weight of each row, n of them.
    public var weights: [Float]

    /// The rows whose weights stay as they were, because an attribute is missing or their group is left.
    public var unchangedRows: Int
  }

  /// The attributes that are crossed; nil for all of the data set's.
  public var attributes: [String]?

  /// What is done about a group whose rows have one label only.
  public var oneLabelGroups: OneLabelGroups

  public init(attributes: [String]? = nil, oneLabelGroups: OneLabelGroups = .refuse) {
    self.attributes = attributes
    self.oneLabelGroups = oneLabelGroups
  }

  /// The weights for rows; weights that they have already are multiplied.
  ///
  /// - Throws: `MitigationError` where an attribute or a second group is lacking, or a group has one label only.
  public func weights(for dataset: Dataset) throws(MitigationError) -> Outcome {
    let partition = try GroupPartition(dataset.sensitive, attributes: attributes, for: "reweighing")
    let cells = LabelledCells(partition, of: dataset)
    let kept = partition.groups.indices.filter { cells.weights[2 * $0] > 0 && cells.weights[2 * $0 + 1] > 0 }
    if let empty = cells.emptyCell, oneLabelGroups == .refuse || kept.isEmpty {
      throw .rows(
        method: "reweighing",
        problem: "the group \(partition.name(of: empty.group)) has no training row with label \(empty.label), so that "
          + "no weights give it the label rate of the others. Cross fewer attributes, keep fewer groups, or let such "
          + "groups keep their weights.")
    }
    let total = kept.reduce(0) { $0 + cells.weight(ofGroup: $1) }
    let positives = kept.reduce(0) { $0 + cells.weights[2 * $1 + 1] }
    var factors = [Double](repeating: 1, count: cells.weights.count)
    for group in kept {
      let share = cells.weight(ofGroup: group) / total
      factors[2 * group] = share * (total - positives) / cells.weights[2 * group]
      factors[2 * group + 1] = share * positives / cells.weights[2 * group + 1]
    }
    var rounded = factors.map { Float($0) }
    for group in kept {
      (rounded[2 * group], rounded[2 * group + 1]) = Self.roundedTogether(factors[2 * group], factors[2 * group + 1])
    }
    let weights = cells.cells.enumerated().map { row, cell in
      (dataset.weights?[row] ?? 1) * (cell < 0 ? 1 : rounded[Int(cell)])
    }
    let left = Set(partition.groups.indices).subtracting(kept)
    return Outcome(
      cells: factors.indices.map {
        .init(group: partition.name(of: $0 / 2), label: $0 % 2, rows: cells.rows[$0], factor: factors[$0])
      },
      weights: weights,
      unchangedRows: cells.missing + left.reduce(0) { $0 + cells.rows[2 * $1] + cells.rows[2 * $1 + 1] })
  }

  /// Two numbers in single precision whose ratio is that of the two given: the first moves by units in its last place
  /// until the second, rounded, fits it. One in a few hundred does.
  static func roundedTogether(_ first: Double, _ second: Double) -> (Float, Float) {
    let ratio = second / first
    var candidate = Float(first)
    var best = (candidate, Float(second))
    var least = Double.infinity
    for _ in 0..<4096 {
      let partner = Float(ratio * Double(candidate))
      let error = abs(Double(partner) / Double(candidate) / ratio - 1)
      if error < least { (best, least) = ((candidate, partner), error) }
      if error < 1e-10 { break }
      candidate = candidate.nextUp
    }
    return best
  }
}
