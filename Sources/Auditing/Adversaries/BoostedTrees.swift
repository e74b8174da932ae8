import CKernels
import LinearAlgebra
import RealModule

/// Gradient-boosted trees for a binary target: logistic loss, second order, on binned columns.
///
/// Each round fits a tree to the gradients `gᵢ = wᵢ·(pᵢ − yᵢ)` and Hessians `hᵢ = wᵢ·pᵢ·(1 − pᵢ)` of the loss: a split is
/// worth `G_L²/(H_L + λ) + G_R²/(H_R + λ) − G²/(H + λ)`, and a leaf adds `−η·G/(H + λ)` to its rows' scores. The tree
/// grows level by level, so that one sweep over a column serves all nodes of a level.
///
/// - Source: Friedman (2001), Ann. Statist. 29; Chen and Guestrin (2016), arXiv:1603.02754, eq. 5–7.
package struct BoostedTrees {
  private typealias Sums = SIMD2<Double>

  /// What is known of a column.
  private struct Column {
    /// The number of its bins.
    let count: Int
    let commonest: Int
    /// The training rows that are not in the commonest bin; nil where the column is dense.
    let others: [Int32]?
  }

  /// Where a node sends its rows: to the right those whose bin in the column is greater than `bin`.
  private struct Split {
    var column = 0
    var bin: UInt8 = .max
    var gain = 0.0
    /// The sums of the rows that stay on the left.
    var left: Sums
  }

  private let settings: BoostedTreesSettings
  private let columns: [Column]
  /// The bins of the rows at hand, the training rows first, column after column.
  private let bins: [UInt8]
  private let trainingCount: Int
  private let count: Int
  private let targets: [Float]
  private let weights: [Double]?

  /// Trains on some rows and scores others.
  ///
  /// - Parameters:
  ///   - bins: The columns.
  ///   - training: The rows to train on.
  ///   - scored: The rows to score.
  ///   - targets: Whether a row has the property, for all rows of the columns.
  ///   - weights: wᵢ ≥ 0, for all rows of the columns, or nil where all are 1.
  /// - Returns: The log odds of the scored rows.
  package static func scores(
    _ bins: FeatureBins, training: [Int32], scored: [Int32], targets: [Int8], weights: [Double]?,
    settings: BoostedTreesSettings
  ) -> [Float] {
    BoostedTrees(
      bins, training: training, scored: scored, targets: targets, weights: weights, settings: settings
    ).boosted()
  }

  private init(
    _ bins: FeatureBins, training: [Int32], scored: [Int32], targets: [Int8], weights: [Double]?,
    settings: BoostedTreesSettings
  ) {
    self.settings = settings
    trainingCount = training.count
    let rows = training + scored
    let count = rows.count
    var all: [UInt8] = []
    all.reserveCapacity(count * bins.columns.count)
    for column in bins.columns { all.append(contentsOf: rows.lazy.map { column.bins[Int($0)] }) }
    self.bins = all
    self.count = count
    columns = bins.columns.enumerated().map { index, column in
      let others =
        column.isSparse
        ? (0..<Int32(training.count)).filter { all[index * count + Int($0)] != column.commonest } : nil
      return Column(count: column.count, commonest: Int(column.commonest), others: others)
    }
    self.targets = training.map { Float(targets[Int($0)]) }
    self.weights = weights.map { weights in training.map { weights[Int($0)] } }
  }

  private func boosted() -> [Float] {
    let total = weights?.reduce(0, +) ?? Double(trainingCount)
    var positive = 0.0
    for row in 0..<trainingCount where targets[row] > 0.5 { positive += weights?[row] ?? 1 }
    guard positive > 0 && positive < total else { return [Float](repeating: 0, count: count - trainingCount) }
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
            for row in 0..<count { scores[row] += values[Int(nodes[row])] }
          }
        }
      }
    }
    return Array(scores[trainingCount...])
  }

  /// Sets gradient and Hessian of each training row, and returns their sums.
  private func setGradients(_ gradients: inout [Sums], _ probabilities: [Float]) -> Sums {
    var total = Sums.zero
    gradients.withUnsafeMutableBufferPointer { gradients in
      probabilities.withUnsafeBufferPointer { probabilities in
        targets.withUnsafeBufferPointer { targets in
          for row in 0..<trainingCount {
            let p = Double(probabilities[row])
            gradients[row] = Sums(p - Double(targets[row]), p * (1 - p))
          }
        }
      }
      if let weights {
        for row in 0..<trainingCount { gradients[row] *= weights[row] }
      }
      for row in 0..<trainingCount { total += gradients[row] }
    }
    return total
  }

  /// Grows one tree: afterwards `nodes` has the leaf of each row. Returns the sums of each leaf's training rows.
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
    // Until a split is found, all rows stay on the left.
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

  /// Sends all rows one level down. A node without a split sends its rows to the left.
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
