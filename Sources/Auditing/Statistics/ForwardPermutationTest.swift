import LinearAlgebra

/// The test that an attribute cannot be read off a view at all, by permutation.
///
/// **The null.** The groups of the rows are exchangeable given the view: z says nothing about it.
///
/// **The statistic.** The mean over folds 2…K of the ROC AUC (of several groups, of the mean of one against the rest)
/// within the fold, of an adversary that was trained on the *earlier* folds only.
///
/// **Why it is valid.** Given the view and the groups of all earlier folds, the scores of a fold are fixed, and under the
/// null every arrangement of the fold's groups over its rows is equally likely. The groups are therefore permuted within
/// each fold, and nothing is trained again. Where no scores are tied, the distribution of a fold's area under the null
/// depends on no scores at all, so the folds' areas are independent and the test is exact; with ties, each term's mean
/// and variance are exact given the earlier folds, and only the shape of its distribution depends on them.
///
/// Out-of-fold scores of ordinary cross-fitting do not allow this: each row also trained the adversary that scored other
/// rows, the folds' areas are positively correlated under the null (the variance of their mean is about twice what
/// permuting the groups against fixed scores gives), and a test that ignores it raises far too many false alarms.
package struct ForwardPermutationTest {
  /// The scores that are tested, of one family on one view.
  package typealias Scores = [[Float]]

  private typealias Lanes = SIMD8<Float>

  /// The rows of one group in each fold are drawn, and the coefficients of the rows drawn are added.
  private struct Group {
    /// The rows of the group in each fold.
    let sizes: [Int]
    /// The coefficients of each place for all tests, `[m, lanes]`.
    let coefficients: [Lanes]
  }

  /// The places of each fold.
  private let folds: [Range<Int>]
  private let groups: [Group]
  private let testCount: Int
  private let laneCount: Int
  private let observed: [Float]

  /// - Parameters:
  ///   - tests: For each test the scores of all rows, one array for each of the tasks.
  ///   - tasks: For each scored group, the targets of all rows.
  ///   - weights: Positive, or nil where all are 1.
  ///   - rowsByFold: The rows whose group is known, fold by fold; the first fold takes no part.
  package init(tests: [Scores], tasks: [[Int8]], weights: [Double]?, rowsByFold: [[Int32]]) {
    testCount = tests.count
    let laneCount = (tests.count + 7) / 8
    self.laneCount = laneCount
    let used = rowsByFold.dropFirst()
    var folds: [Range<Int>] = []
    for rows in used {
      let start = folds.last?.upperBound ?? 0
      folds.append(start..<start + rows.count)
    }
    self.folds = folds
    let places = folds.last?.upperBound ?? 0

    var observed = [Float](repeating: 0, count: tests.count)
    groups = tasks.enumerated().map { task, targets in
      var coefficients = [Lanes](repeating: .zero, count: places * laneCount)
      var sizes: [Int] = []
      // The coefficients of a fold add up to 0, so drawing the rows outside of a large group does as well. Several groups
      // are drawn side by side, each of its own size.
      let isDrawn: Int8 = tasks.count == 1 && 2 * targets.count { $0 == 1 } > targets.count { $0 >= 0 } ? 0 : 1
      for (fold, rows) in zip(folds, used) {
        let positives = rows.count { targets[Int($0)] == 1 }
        let drawn = isDrawn == 1 ? positives : rows.count - positives
        sizes.append(drawn)
        let scale = Double(isDrawn == 1 ? 1 : -1) / Double(positives) / Double(rows.count - positives)
        for test in tests.indices {
          let ranks = Self.centredRanks(tests[test][task], weights, rows)
          for place in rows.indices {
            let coefficient = Float(scale * ranks[place])
            coefficients[(fold.lowerBound + place) * laneCount + test / 8][test % 8] = coefficient
            if targets[Int(rows[place])] == isDrawn { observed[test] += coefficient }
          }
        }
      }
      return Group(sizes: sizes, coefficients: coefficients)
    }
    self.observed = observed
  }

  /// `wᵢ·(weight below + ½·weight tied − ½·whole weight) / w̄²`: without weights the mid-rank minus its mean.
  private static func centredRanks(_ scores: [Float], _ weights: [Double]?, _ rows: [Int32]) -> [Double] {
    func weight(_ row: Int32) -> Double { weights?[Int(row)] ?? 1 }
    var ranks = [Double](repeating: 0, count: rows.count)
    let whole = rows.reduce(0) { $0 + weight($1) }
    let mean = whole / Double(rows.count)
    let order = orderedPlaces(rows, by: scores)
    var below = 0.0
    forEachTie(order, rows, scores) { tied in
      let inBlock = tied.reduce(0) { $0 + weight(rows[order[$1]]) }
      for place in tied {
        ranks[order[place]] = weight(rows[order[place]]) * (below + 0.5 * inBlock - 0.5 * whole) / (mean * mean)
      }
      below += inBlock
    }
    return ranks
  }

  /// How often each test's statistic was reached by chance.
  ///
  /// - Parameter stream: The permutations'; the same stream gives the same permutations.
  package func exceedances(permutations: Int, stream: RandomStream) -> [Int] {
    // Rounding in single precision stays below 10⁻⁵ of an area; what comes so close counts as reached.
    let bounds = observed.map { $0 - 1e-5 }
    var stream = stream
    var generator = PermutationGenerator(state: stream.next())
    var order = folds.flatMap { Array($0.map { Int32($0) }) }
    var exceedances = [Int](repeating: 0, count: testCount)
    var sums = [Lanes](repeating: .zero, count: laneCount)
    order.withUnsafeMutableBufferPointer { order in
      sums.withUnsafeMutableBufferPointer { sums in
        for _ in 0..<permutations {
          sums.update(repeating: .zero)
          for (index, fold) in folds.enumerated() { draw(index, fold, order, sums, &generator) }
          for test in 0..<testCount where sums[test / 8][test % 8] >= bounds[test] { exceedances[test] += 1 }
        }
      }
    }
    return exceedances
  }

  /// Draws the rows of all groups in one fold (Fisher and Yates, as far as needed) and adds their coefficients. The order
  /// need not be put back: every order of the places is as good a start.
  private func draw(
    _ index: Int, _ fold: Range<Int>, _ order: UnsafeMutableBufferPointer<Int32>,
    _ sums: UnsafeMutableBufferPointer<Lanes>, _ generator: inout PermutationGenerator
  ) {
    var next = fold.lowerBound
    for group in groups {
      group.coefficients.withUnsafeBufferPointer { coefficients in
        for _ in 0..<group.sizes[index] {
          let choice = next + generator.below(fold.upperBound - next)
          let place = order[choice]
          order[choice] = order[next]
          order[next] = place
          next += 1
          for lane in 0..<laneCount { sums[lane] += coefficients[Int(place) * laneCount + lane] }
        }
      }
    }
  }
}

/// SplitMix64, two draws a word: `⌊u·bound / 2³²⌋` of a half word u, whose bias is below bound/2³².
private struct PermutationGenerator {
  var state: UInt64
  private var spare: UInt64?

  init(state: UInt64) { self.state = state }

  @inline(__always) mutating func below(_ bound: Int) -> Int {
    if let half = spare {
      spare = nil
      return Int((half &* UInt64(bound)) >> 32)
    }
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    z ^= z >> 31
    spare = z & 0xffff_ffff
    return Int(((z >> 32) &* UInt64(bound)) >> 32)
  }
}
