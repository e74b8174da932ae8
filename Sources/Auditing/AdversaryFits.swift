import FairnessMetrics
import LinearAlgebra
import NeuralNetworks

/// The training of all fresh adversaries of an audit: every family on every view, for every task and fold.
///
/// A *fit* is one training: fits 0..<K leave out one fold each, and fits K..<2K−2 learn folds 2…K−1 from the folds before
/// them alone. (The last fold's two are one.)
struct AdversaryFits: Sendable {
  /// A family on a view.
  struct Pair: Sendable, Hashable {
    let view: Int
    let family: Int
  }

  /// The scores of all rows for each task; 0 where a row's group is missing.
  struct Scores: Sendable {
    var outOfFold: [[Float]]
    /// By adversaries that were trained on earlier folds only; those of the first fold are of no use.
    var forward: [[Float]]
  }

  private enum Prepared: Sendable {
    case design(LogisticRegression.Design, penalty: Double)
    case rows(FeatureRows<Float>, PerceptronSettings)
    case bins(FeatureBins, BoostedTreesSettings)
    case neighbours(NearestNeighbours)
  }

  private enum Job: Sendable {
    case fit(Pair, task: Int, number: Int)
    case blocks(Pair, Range<Int>)
  }

  private enum Outcome: Sendable {
    case scores([Float])
    case shares([NearestNeighbours.Shares])
  }

  let rows: AuditRows
  let views: [PreparedView]
  let settings: AuditSettings
  let threads: Int

  /// Whether forward scores are wanted too.
  var isForward = true

  /// The scores of each family on each view, and for those that equal another's, which one they equal.
  func scores() -> (scores: [Pair: Scores], same: [Pair: Pair]) {
    guard !rows.tasks.isEmpty else { return ([:], [:]) }
    let pairs = views.indices.filter { views[$0].reason == nil }.flatMap { view in
      settings.families.indices.map { Pair(view: view, family: $0) }
    }
    let needed = pairs.filter { !views[$0.view].hasTwoPoints || $0.family == familyForTwoPoints }
    let prepared = Dictionary(
      uniqueKeysWithValues: Parallel.map(needed.count, threads: threads) { (needed[$0], prepare(needed[$0])) })
    var same: [Pair: Pair] = [:]
    for pair in pairs {
      if views[pair.view].hasTwoPoints && pair.family != familyForTwoPoints {
        same[pair] = Pair(view: pair.view, family: familyForTwoPoints)
      } else if case .bins(let bins, _)? = prepared[pair] {
        let twin = needed.first { other in
          guard other.view < pair.view, other.family == pair.family, case .bins(let others, _)? = prepared[other]
          else { return false }
          return others == bins
        }
        if let twin { same[pair] = twin }
      }
    }
    let trained = needed.filter { same[$0] == nil }
    return (train(trained, prepared), same)
  }

  /// The family that speaks for all where a view holds two distinct rows only: logistic regression where it takes part,
  /// which never fails to part the two.
  private var familyForTwoPoints: Int {
    settings.families.firstIndex { if case .logisticRegression = $0 { true } else { false } } ?? 0
  }

  private func prepare(_ pair: Pair) -> Prepared {
    let view = views[pair.view].standardized
    switch settings.families[pair.family] {
    case .logisticRegression(let penalty): return .design(LogisticRegression.Design(view), penalty: penalty)
    case .perceptron(let settings): return .rows(FeatureRows(view), settings)
    case .boostedTrees(let settings): return .bins(FeatureBins(view, limit: settings.bins), settings)
    case .nearestNeighbours(let count):
      return .neighbours(NearestNeighbours(view, foldOfRow: rows.folds, folds: rows.foldCount, wanted: count))
    }
  }

  // MARK: - Jobs

  private func train(_ pairs: [Pair], _ prepared: [Pair: Prepared]) -> [Pair: Scores] {
    let votes = Dictionary(
      uniqueKeysWithValues: pairs.compactMap { pair -> (Pair, [NearestNeighbours.Votes])? in
        guard case .neighbours(let search)? = prepared[pair] else { return nil }
        return (
          pair,
          rows.tasks.map { task in
            NearestNeighbours.Votes(
              search.points, foldOfRow: rows.folds, targets: task.targets, weights: rows.weights)
          }
        )
      })
    let rowsByFold = rows.tasks.map(rows.rowsByFold)
    let jobs = jobs(pairs, prepared)
    let outcomes = Parallel.map(jobs.count, threads: threads) { index -> Outcome in
      switch jobs[index] {
      case .fit(let pair, let task, let number):
        .scores(fit(pair, prepared[pair], task, number, rowsByFold[task]))
      case .blocks(let pair, let blocks):
        if case .neighbours(let search)? = prepared[pair], let votes = votes[pair] {
          .shares(blocks.flatMap { search.shares(block: $0, votes: votes) })
        } else {
          .shares([])
        }
      }
    }
    return assemble(pairs, prepared, jobs, outcomes, rowsByFold)
  }

  /// All jobs, those that take long first.
  private func jobs(_ pairs: [Pair], _ prepared: [Pair: Prepared]) -> [Job] {
    var jobs: [(job: Job, cost: Double)] = []
    let folds = rows.foldCount
    for pair in pairs {
      let width = Double(views[pair.view].standardized.columns)
      if case .neighbours(let search)? = prepared[pair] {
        for first in stride(from: 0, to: search.blockCount, by: 16) {
          let blocks = first..<min(first + 16, search.blockCount)
          jobs.append((.blocks(pair, blocks), Double(rows.count) * 512 * (width + 8) / 8))
        }
        continue
      }
      for task in rows.tasks.indices {
        for number in 0..<(isForward ? 2 * folds - 2 : folds) {
          let share = number < folds ? Double(folds - 1) / Double(folds) : Double(number - folds + 1) / Double(folds)
          let cost: Double
          switch settings.families[pair.family] {
          case .logisticRegression: cost = 10 * share * Double(rows.count) * width * width
          case .perceptron(let settings): cost = Double(settings.steps * settings.batchSize) * (width + 64) * 10
          case .boostedTrees(let settings):
            cost = Double(settings.rounds * settings.depth) * share * Double(rows.count) * (width + 8) * 2
          case .nearestNeighbours: cost = 0
          }
          jobs.append((.fit(pair, task: task, number: number), cost))
        }
      }
    }
    // Equal costs keep their order, because the sort of the standard library is stable.
    return jobs.sorted { $0.cost > $1.cost }.map(\.job)
  }

  private func fold(ofFit number: Int) -> Int { number < rows.foldCount ? number : number - rows.foldCount + 1 }

  private func fit(_ pair: Pair, _ prepared: Prepared?, _ task: Int, _ number: Int, _ rowsByFold: [[Int32]]) -> [Float]
  {
    let fold = fold(ofFit: number)
    let scored = rowsByFold[fold]
    let learned = rowsByFold.indices.filter { number < rows.foldCount ? $0 != fold : $0 < fold }
    let training = learned.flatMap { rowsByFold[$0] }
    let targets = rows.tasks[task].targets
    switch prepared {
    case .design(let design, let penalty):
      return LogisticRegression(design, rows: training, targets: targets, weights: rows.weights, penalty: penalty)
        .scores(design, rows: scored)
    case .rows(let view, let settings):
      let stream = RandomStream(seed: self.settings.seed).split("perceptron")
        .split(UInt64(pair.view)).split(UInt64(pair.family)).split(UInt64(task)).split(UInt64(number))
      return PerceptronAdversary.scores(
        view, training: training, scored: scored, targets: targets, weights: rows.weights, settings: settings,
        stream: stream)
    case .bins(let bins, let settings):
      return BoostedTrees.scores(
        bins, training: training, scored: scored, targets: targets, weights: rows.weights, settings: settings)
    case .neighbours, nil: return [Float](repeating: 0, count: scored.count)
    }
  }

  private func assemble(
    _ pairs: [Pair], _ prepared: [Pair: Prepared], _ jobs: [Job], _ outcomes: [Outcome], _ rowsByFold: [[[Int32]]]
  ) -> [Pair: Scores] {
    let none = [[Float]](repeating: [Float](repeating: 0, count: rows.count), count: rows.tasks.count)
    var assembled = Dictionary(uniqueKeysWithValues: pairs.map { ($0, Scores(outOfFold: none, forward: none)) })
    var shares: [Pair: [(Int, [NearestNeighbours.Shares])]] = [:]
    for (job, outcome) in zip(jobs, outcomes) {
      switch (job, outcome) {
      case (.fit(let pair, let task, let number), .scores(let scores)):
        let fold = fold(ofFit: number)
        for (row, score) in zip(rowsByFold[task][fold], scores) {
          if number < rows.foldCount { assembled[pair]?.outOfFold[task][Int(row)] = score }
          if number >= rows.foldCount || fold == rows.foldCount - 1 {
            assembled[pair]?.forward[task][Int(row)] = score
          }
        }
      case (.blocks(let pair, let blocks), .shares(let found)):
        shares[pair, default: []].append((blocks.lowerBound, found))
      default: break
      }
    }
    for (pair, parts) in shares {
      guard case .neighbours(let search)? = prepared[pair] else { continue }
      let all = parts.sorted { $0.0 < $1.0 }.flatMap(\.1)
      for task in rows.tasks.indices {
        assembled[pair]?.outOfFold[task] = search.queryOfRow.map { all[Int($0)].outOfFold[task] }
        assembled[pair]?.forward[task] = search.queryOfRow.map { all[Int($0)].forward[task] }
      }
    }
    return assembled
  }
}
