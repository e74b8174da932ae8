import CKernels
import LinearAlgebra
import RealModule

/// Gradient-boosted trees for a binary target: logistic loss, second order, on binned columns.
///
/// Each round fits a tree to the gradients `gᵢ = wᵢ·(pᵢ − yᵢ)` and Hessians `hᵢ = wᵢ·pᵢ·(1 − pᵢ)` of the loss: a split is
/// worth `G_L²/(H_L + λ) + G_R²/(H_R + λ) − G²/(H + λ)`, and a leaf adds `−η·G/(H + λ)` to its rows' scores. The tree
/// grows level by level, so that one sweep over a column serves all nodes of a level.
///
/// Rows that share all their bins get the same score, so where the columns leave few such cells the trees are grown on
/// the cells, with the sums of their rows' weights and targets: the same trees, but for the order of additions.
///
/// - Source: Friedman (2001), Ann. Statist. 29; Chen and Guestrin (2016), arXiv:1603.02754, eq. 5–7.
package struct BoostedTrees {
  private typealias Sums = SIMD2<Double>

  /// What is known of a column.
  private struct Column {
    /// The number of its bins.
    let count: Int
    let commonest: Int
    /// The units to train on that are not in the commonest bin; nil where these are most, so that the column is dense.
    let others: [Int32]?
  }

  /// Where a node sends its units: to the right those whose bin in the column is greater than `bin`.
  private struct Split {
    var column = 0
    var bin: UInt8 = .max
    var gain = 0.0
    /// The sums of the units that stay on the left.
    var left: Sums
  }

  private let settings: BoostedTreesSettings
  private let columns: [Column]
  /// The bins of the units, rows or cells, those to train on first, column after column.
  private let bins: [UInt8]
  private let trainingCount: Int
  private let count: Int
  /// The sums of a unit's weights, and of those of its rows that have the property.
  private let weights: [Double]
  private let positiveWeights: [Double]
  /// The unit of each row that is scored.
  private let scoredUnits: [Int32]

  /// Trains on some rows and scores others.
  ///
  /// - Parameters:
  ///   - bins: The columns.
  ///   - training: The rows to train on.
  ///   - scored: The rows to score.
  ///   - targets: Whether a row has the property, for all rows of the columns.
  ///   - weights: wᵢ ≥ 0, for all rows of the columns, or nil where all are 1.
  ///   - usesCells: Whether rows that share their bins are taken together where that pays; off only to compare.
  /// - Returns: The log odds of the scored rows.
  package static func scores(
    _ bins: FeatureBins, training: [Int32], scored: [Int32], targets: [Int8], weights: [Double]?,
    settings: BoostedTreesSettings, usesCells: Bool = true
  ) -> [Float] {
    let rowWeights = RowWeights(targets: targets, weights: weights)
    if usesCells, let cells = bins.cells {
      return BoostedTrees(bins, cells, training: training, scored: scored, rowWeights, settings).boosted()
    }
    return BoostedTrees(bins, training: training, scored: scored, rowWeights, settings).boosted()
  }

  private struct RowWeights {
    let targets: [Int8]
    let weights: [Double]?

    func weight(_ row: Int32) -> Double { weights?[Int(row)] ?? 1 }

    func positive(_ row: Int32) -> Double { targets[Int(row)] == 1 ? weight(row) : 0 }
  }

  /// A unit for each row.
  private init(
    _ bins: FeatureBins, training: [Int32], scored: [Int32], _ rows: RowWeights, _ settings: BoostedTreesSettings
  ) {
    self.init(
      bins, rows: training + scored, weights: training.map { rows.weight($0) },
      positiveWeights: training.map { rows.positive($0) },
      scoredUnits: scored.indices.map { Int32(training.count + $0) }, settings)
  }

  /// A unit for each cell; a cell without a row to train on weighs nothing.
  private init(
    _ bins: FeatureBins, _ cells: FeatureBins.Cells, training: [Int32], scored: [Int32], _ rows: RowWeights,
    _ settings: BoostedTreesSettings
  ) {
    var weights = [Double](repeating: 0, count: cells.firstRows.count)
    var positiveWeights = weights
    for row in training {
      weights[Int(cells.ofRow[Int(row)])] += rows.weight(row)
      positiveWeights[Int(cells.ofRow[Int(row)])] += rows.positive(row)
    }
    self.init(
      bins, rows: cells.firstRows, weights: weights, positiveWeights: positiveWeights,
      scoredUnits: scored.map { cells.ofRow[Int($0)] }, settings)
  }

  /// - Parameter rows: A row of each unit, those to train on first.
  private init(
    _ bins: FeatureBins, rows: [Int32], weights: [Double], positiveWeights: [Double], scoredUnits: [Int32],
    _ settings: BoostedTreesSettings
  ) {
    self.settings = settings
    self.weights = weights
    self.positiveWeights = positiveWeights
    self.scoredUnits = scoredUnits
    let (count, trainingCount) = (rows.count, weights.count)
    self.count = count
    self.trainingCount = trainingCount
    var all = [UInt8](repeating: 0, count: count * bins.columns.count)
    for (index, column) in bins.columns.enumerated() {
      column.bins.withUnsafeBufferPointer { bins in
        for (place, row) in rows.enumerated() { all[index * count + place] = bins[Int(row)] }
      }
    }
    self.bins = all
    columns = bins.columns.enumerated().map { index, column in
      let own = all[index * count..<index * count + trainingCount]
      var sizes = [Int](repeating: 0, count: column.count)
      for bin in own { sizes[Int(bin)] += 1 }
      let commonest = sizes.indices.max { sizes[$0] < sizes[$1] } ?? 0
      // It pays to sum the others only where the commonest bin has two fifths of the units.
      guard 5 * sizes[commonest] >= 2 * trainingCount else {
        return Column(count: column.count, commonest: commonest, others: nil)
      }
      let others = own.indices.filter { own[$0] != commonest }.map { Int32($0 - own.startIndex) }
      return Column(count: column.count, commonest: commonest, others: others)
    }
  }

  private func boosted() -> [Float] {
    let total = weights.reduce(0, +)
    let positive = positiveWeights.reduce(0, +)
    guard positive > 0 && positive < total else { return [Float](repeating: 0, count: scoredUnits.count) }
    var scores = [Float](repeating: Float(Double.log(positive / (total - positive))), count: count)
    var probabilities = [Float](repeating: 0, count: trainingCount)
    var gradients = [Sums](repeating: .zero, count: trainingCount)
    var nodes = [UInt8](repeating: 0, count: count)
    let kernels = Precision.single.kernels.pointee
    for _ in 0..<settings.rounds {
      kernels.unary(EQ_SIGMOID, trainingCount, 0, scores, &probabilities)
      let total = setGradients(&gradients, probabilities)
      let leaves = grow(&nodes, gradients, total: total)
      let values = leaves.map { Float(-settings.shrinkage * $0.x / max($0.y + settings.penalty, 1e-12)) }
      scores.withUnsafeMutableBufferPointer { scores in
        nodes.withUnsafeBufferPointer { nodes in
          values.withUnsafeBufferPointer { values in
            for unit in 0..<count { scores[unit] += values[Int(nodes[unit])] }
          }
        }
      }
    }
    return scoredUnits.map { scores[Int($0)] }
  }

  /// Sets gradient and Hessian of each unit to train on, and returns their sums.
  private func setGradients(_ gradients: inout [Sums], _ probabilities: [Float]) -> Sums {
    var total = Sums.zero
    gradients.withUnsafeMutableBufferPointer { gradients in
      probabilities.withUnsafeBufferPointer { probabilities in
        weights.withUnsafeBufferPointer { weights in
          positiveWeights.withUnsafeBufferPointer { positiveWeights in
            for unit in 0..<trainingCount {
              let p = Double(probabilities[unit])
              gradients[unit] = Sums(weights[unit] * p - positiveWeights[unit], weights[unit] * p * (1 - p))
              total += gradients[unit]
            }
          }
        }
      }
    }
    return total
  }

  /// Grows one tree: afterwards `nodes` has the leaf of each unit. Returns the sums of each leaf's units to train on.
  private func grow(_ nodes: inout [UInt8], _ gradients: [Sums], total: Sums) -> [Sums] {
    nodes.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
    var totals = [total]
    for _ in 0..<settings.depth {
      let splits = bestSplits(nodes, gradients, totals)
      descend(&nodes, splits)
      totals = zip(splits, totals).flatMap { split, total in [split.left, total - split.left] }
    }
    return totals
  }

  private func bestSplits(_ nodes: [UInt8], _ gradients: [Sums], _ totals: [Sums]) -> [Split] {
    // Until a split is found, all units stay on the left.
    var splits = totals.map { Split(left: $0) }
    var histogram = [Sums](repeating: .zero, count: totals.count * 256)
    for (index, column) in columns.enumerated() where column.count > 1 {
      fill(&histogram, index, nodes, gradients, totals)
      histogram.withUnsafeBufferPointer { histogram in
        for node in totals.indices {
          let total = totals[node]
          if total.y < 2 * settings.minimumLeafHessian { continue }
          let least = worth(total)
          var best = splits[node]
          var left = Sums.zero
          for bin in 0..<column.count - 1 {
            left += histogram[node << 8 | bin]
            let right = total - left
            if left.y < settings.minimumLeafHessian || right.y < settings.minimumLeafHessian { continue }
            let gain = worth(left) + worth(right) - least
            if gain > best.gain { best = Split(column: index, bin: UInt8(bin), gain: gain, left: left) }
          }
          splits[node] = best
        }
      }
    }
    return splits
  }

  /// The sums of each bin in each node of the level.
  private func fill(
    _ histogram: inout [Sums], _ index: Int, _ nodes: [UInt8], _ gradients: [Sums], _ totals: [Sums]
  ) {
    let column = columns[index]
    histogram.withUnsafeMutableBufferPointer { histogram in
      for node in totals.indices {
        for bin in 0..<column.count { histogram[node << 8 | bin] = .zero }
      }
      bins[index * count..<(index + 1) * count].withUnsafeBufferPointer { bins in
        nodes.withUnsafeBufferPointer { nodes in
          gradients.withUnsafeBufferPointer { gradients in
            if let others = column.others {
              for row in others {
                let row = Int(row)
                histogram[Int(nodes[row]) << 8 | Int(bins[row])] += gradients[row]
              }
            } else {
              for row in 0..<trainingCount {
                histogram[Int(nodes[row]) << 8 | Int(bins[row])] += gradients[row]
              }
            }
          }
        }
      }
      guard column.others != nil else { return }
      for node in totals.indices {
        var common = totals[node]
        for bin in 0..<column.count where bin != column.commonest { common -= histogram[node << 8 | bin] }
        histogram[node << 8 | column.commonest] = common
      }
    }
  }

  @inline(__always) private func worth(_ sums: Sums) -> Double {
    sums.x * sums.x / max(sums.y + settings.penalty, 1e-12)
  }

  /// Sends all units one level down. A node without a split sends its units to the left.
  private func descend(_ nodes: inout [UInt8], _ splits: [Split]) {
    let starts = splits.map { $0.column * count }
    nodes.withUnsafeMutableBufferPointer { nodes in
      bins.withUnsafeBufferPointer { bins in
        splits.withUnsafeBufferPointer { splits in
          starts.withUnsafeBufferPointer { starts in
            for row in 0..<count {
              let node = Int(nodes[row])
              nodes[row] = UInt8(2 * node) + (bins[starts[node] + row] > splits[node].bin ? 1 : 0)
            }
          }
        }
      }
    }
  }
}
