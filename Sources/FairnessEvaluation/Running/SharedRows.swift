import FairnessMetrics

/// The rows that two groups have in common, where groups overlap.
struct SharedRows {
  private let cells: [SliceStatistics]

  /// By group: whether it has each cell.
  private let members: [[Bool]]

  /// - Parameters:
  ///   - columns: The columns that make the groups.
  ///   - groups: The groups, each as its terms.
  /// - Returns: Nil where no two groups share rows.
  init?(_ evidence: SliceAccumulator, crossing columns: [String], groups: [Slice]) {
    let cells = evidence.cells
    let indices = columns.compactMap { name in evidence.columns.firstIndex(of: name) }
    guard cells.contains(where: { cell in indices.contains { (cell.groups[$0]?.count ?? 0) > 1 } }) else { return nil }
    self.cells = cells.map(\.statistics)
    members = groups.map { slice in
      cells.map { cell in
        zip(slice.terms, indices).allSatisfy { term, column in
          guard let group = term.group else { return cell.groups[column] == nil }
          return cell.groups[column]?.contains(group) ?? false
        }
      }
    }
  }

  /// The cells of a group.
  func cells(of group: Int) -> [SliceStatistics] {
    cells.indices.filter { members[group][$0] }.map { cells[$0] }
  }

  /// The counts of the rows of two groups at a threshold.
  func counts(_ first: Int, _ second: Int, thresholdIndex: Int) -> ConfusionCounts {
    var counts = ConfusionCounts()
    for cell in cells.indices where members[first][cell] && members[second][cell] {
      counts.merge(cells[cell].counts(thresholdIndex: thresholdIndex))
    }
    return counts
  }

  /// The histogram of the rows of two groups; nil where they share none.
  func histogram(_ first: Int, _ second: Int) -> ScoreHistogram? {
    var shared: ScoreHistogram?
    for cell in cells.indices where members[first][cell] && members[second][cell] {
      guard let histogram = cells[cell].histogram else { return nil }
      if shared == nil { shared = histogram } else { shared?.merge(histogram) }
    }
    return shared
  }

  /// Draws all rows anew, and puts the groups together from the same draw.
  ///
  /// - Parameter cells: The cells to draw from, in this object's order.
  func resampled(_ base: [SliceStatistics], _ bootstrap: PoissonBootstrap, draw: Int, histogram: Bool)
    -> [SliceStatistics]
  {
    let drawn = base.enumerated().map { stream, statistics in
      bootstrap.resampled(statistics, draw: draw, stream: stream, histogram: histogram)
    }
    return members.compactMap { members in
      let own = drawn.indices.filter { members[$0] }
      guard let first = own.first else { return nil }
      return own.dropFirst().reduce(into: drawn[first]) { $0.merge(drawn[$1]) }
    }
  }

  /// All cells, with other histograms.
  func cells(_ change: (SliceStatistics) -> SliceStatistics) -> [SliceStatistics] { cells.map(change) }
}
