import FairnessMetrics
import LinearAlgebra
import RealModule

/// From the scores of fresh adversaries to the results of an audit.
struct AuditAnalysis: Sendable {
  typealias Pair = AdversaryFits.Pair

  let rows: AuditRows
  let views: [PreparedView]
  let settings: AuditSettings
  let threads: Int
  let scores: [Pair: AdversaryFits.Scores]
  let same: [Pair: Pair]

  /// What is known of one trained adversary and one attribute.
  private struct Finding: Sendable {
    /// The area of each task.
    var areas: [FoldwiseArea] = []
    var mean: FoldwiseArea?
    /// Why there is none.
    var reason: String?
    var pValue: Double?
    var correctedPValue: Double?
    var advantage: FreshAdversaryResult.Advantage?
  }

  /// The game's own adversary on the audited rows.
  private struct GameArea {
    var area: Double
    var variance: Double
    /// The rows' influences, where its scores are known.
    var influences: [Double]?
  }

  /// The result of one attribute.
  func audit(attribute index: Int, game: GameAdversary?) -> AttributeAudit {
    let attribute = rows.attributes[index]
    var result = AttributeAudit(name: attribute.column.name, verdict: .undetermined, reason: "")
    result.reason = attribute.reason
    result.groups = attribute.sizes.indices.filter { attribute.sizes[$0] > 0 }.map {
      .init(name: attribute.column.groups[$0], rows: attribute.sizes[$0])
    }
    result.missingRows = rows.count - attribute.sizes.reduce(0, +)
    guard let first = attribute.tasks.first else { return result }
    let rowsByFold = rows.rowsByFold(rows.tasks[first])
    let own = game.flatMap { gameArea($0, attribute, rowsByFold) }
    result.gameAdversary = own.map { own in
      AreaEstimate(own.area, interval: own.influences == nil ? nil : interval(own.area, own.variance, attribute))
    }
    let findings = findings(attribute, index, rowsByFold, own)
    result.adversaries = views.indices.flatMap { view in
      settings.families.indices.map { family in
        self.result(Pair(view: view, family: family), attribute, findings)
      }
    }
    result.verdict = verdict(result.adversaries)
    if result.verdict == .undetermined { result.reason = result.adversaries.first?.area.reason ?? "there are no views" }
    return result
  }

  // MARK: - Statistics

  private func findings(
    _ attribute: AuditRows.Attribute, _ index: Int, _ rowsByFold: [[Int32]], _ own: GameArea?
  ) -> [Pair: Finding] {
    let pairs = scores.keys.sorted { ($0.view, $0.family) < ($1.view, $1.family) }
    var found = Parallel.map(pairs.count, threads: threads) { finding(pairs[$0], attribute, rowsByFold) }
    let tested = pairs.indices.filter { found[$0].reason == nil }
    let pValues = pValues(tested.map { pairs[$0] }, attribute, index, rowsByFold)
    for (place, (p, corrected)) in zip(tested, zip(pValues, holmCorrected(pValues))) {
      found[place].pValue = p
      found[place].correctedPValue = corrected
      found[place].advantage = own.flatMap { own in found[place].mean.map { advantage(of: $0, over: own, attribute) } }
    }
    let seen = tested.filter { views[pairs[$0].view].isSeenByGame }
    let corrected = holmCorrected(seen.map { found[$0].advantage?.pValue ?? 1 })
    for (place, p) in zip(seen, corrected) { found[place].advantage?.pValue = p }
    return Dictionary(uniqueKeysWithValues: zip(pairs, found))
  }

  private func finding(_ pair: Pair, _ attribute: AuditRows.Attribute, _ rowsByFold: [[Int32]]) -> Finding {
    guard let all = scores[pair] else { return Finding() }
    let isFinite = attribute.tasks.allSatisfy { task in
      all.outOfFold[task].allSatisfy(\.isFinite) && all.forward[task].allSatisfy(\.isFinite)
    }
    guard isFinite else {
      return Finding(reason: "the training of the adversary diverged: a score is not a finite number")
    }
    let areas = attribute.tasks.map { task in
      FoldwiseArea(
        scores: all.outOfFold[task], targets: rows.tasks[task].targets, weights: rows.weights, rowsByFold: rowsByFold)
    }
    return Finding(areas: areas, mean: .mean(areas))
  }

  /// The p-values `(1 + b)/(1 + B)` of several tests, all under the same permutations.
  private func pValues(
    _ pairs: [Pair], _ attribute: AuditRows.Attribute, _ index: Int, _ rowsByFold: [[Int32]]
  ) -> [Double] {
    let test = ForwardPermutationTest(
      tests: pairs.map { pair in attribute.tasks.map { scores[pair]?.forward[$0] ?? [] } },
      tasks: attribute.tasks.map { rows.tasks[$0].targets }, weights: rows.weights, rowsByFold: rowsByFold)
    let stream = RandomStream(seed: settings.seed).split("permutations").split(UInt64(index))
    // A fixed number of batches, so that the number of threads changes nothing.
    let batches = 32
    let counts = Parallel.map(batches, threads: threads) { batch in
      let share = settings.permutations * (batch + 1) / batches - settings.permutations * batch / batches
      return test.exceedances(permutations: share, stream: stream.split(UInt64(batch)))
    }
    return pairs.indices.map { pair in
      Double(1 + counts.reduce(0) { $0 + $1[pair] }) / Double(1 + settings.permutations)
    }
  }

  private func gameArea(_ game: GameAdversary, _ attribute: AuditRows.Attribute, _ rowsByFold: [[Int32]]) -> GameArea? {
    switch game.evidence {
    case .area(let area):
      return area >= 0 && area <= 1 ? GameArea(area: area, variance: hanleyMcNeilVariance(area, attribute)) : nil
    case .scores(let scores):
      let isOne = scores.count == 1 && attribute.tasks.count == 1
      guard isOne || scores.count == attribute.column.groups.count else { return nil }
      precondition(
        scores.allSatisfy { $0.count > (rows.positions.last ?? -1) },
        "FreshAdversaryAudit: the game's adversary has fewer scores than there are rows")
      let areas = attribute.tasks.compactMap { index -> FoldwiseArea? in
        let task = rows.tasks[index]
        let kept = rows.positions.map { scores[isOne ? 0 : task.group][$0] }
        guard !kept.contains(where: \.isNaN) else { return nil }
        return FoldwiseArea(scores: kept, targets: task.targets, weights: rows.weights, rowsByFold: rowsByFold)
      }
      guard areas.count == attribute.tasks.count else { return nil }
      let mean = FoldwiseArea.mean(areas)
      return GameArea(area: mean.area, variance: mean.variance, influences: mean.influences)
    }
  }

  /// The variance of an area of which nothing else is known.
  ///
  /// - Source: Hanley and McNeil (1982), Radiology 143(1), eq. 1.
  private func hanleyMcNeilVariance(_ area: Double, _ attribute: AuditRows.Attribute) -> Double {
    let known = Double(attribute.sizes.reduce(0, +))
    let positive = rarerRows(attribute)
    let negative = known - positive
    let q1 = area / (2 - area)
    let q2 = 2 * area * area / (1 + area)
    let sum = area * (1 - area) + (positive - 1) * (q1 - area * area) + (negative - 1) * (q2 - area * area)
    return max(0, sum / (positive * negative))
  }

  /// The comparison of a fresh adversary with the game's own; where only the own one's area is known, the two areas
  /// count as independent, which is on the safe side.
  private func advantage(
    of fresh: FoldwiseArea, over own: GameArea, _ attribute: AuditRows.Attribute
  ) -> FreshAdversaryResult.Advantage {
    let difference = fresh.area - own.area
    var variance: Double
    if let influences = own.influences {
      var paired = fresh
      for row in influences.indices { paired.influences[row] -= influences[row] }
      variance = FreshAdversaryAudit.varianceFactor * paired.variance
    } else {
      variance = FreshAdversaryAudit.varianceFactor * fresh.variance + own.variance
    }
    // Two areas without variance, such as 1 and ½, differ by as much as rows can tell.
    let rarer = rarerRows(attribute)
    variance = max(variance, 1 / (rarer * rarer))
    let error = variance.squareRoot()
    let half = NormalDistribution.criticalValue(confidence: settings.confidence) * error
    let tail = 0.5 * NormalDistribution.twoSidedTail(difference / error)
    return .init(
      difference: difference, interval: Interval(low: max(-1, difference - half), high: min(1, difference + half)),
      pValue: difference > 0 ? tail : 1 - tail)
  }

  /// The rows of the smallest group with a task, or of the others where these are fewer.
  private func rarerRows(_ attribute: AuditRows.Attribute) -> Double {
    let known = attribute.sizes.reduce(0, +)
    return Double(
      attribute.tasks.map { min(attribute.sizes[rows.tasks[$0].group], known - attribute.sizes[rows.tasks[$0].group]) }
        .min() ?? 0)
  }

  private func interval(_ area: Double, _ variance: Double, _ attribute: AuditRows.Attribute) -> Interval? {
    ROCAUCEstimate(area: area, variance: variance, rowsOfRarerLabel: Int(rarerRows(attribute)))
      .interval(confidence: settings.confidence)
  }

  /// An area with the interval of cross-fitted scores.
  func estimate(_ area: FoldwiseArea, _ attribute: AuditRows.Attribute) -> AreaEstimate {
    AreaEstimate(
      area.area, interval: interval(area.area, FreshAdversaryAudit.varianceFactor * area.variance, attribute))
  }

  // MARK: - Results

  private func result(
    _ pair: Pair, _ attribute: AuditRows.Attribute, _ findings: [Pair: Finding]
  ) -> FreshAdversaryResult {
    let view = views[pair.view]
    var result = FreshAdversaryResult(
      view: view.name, isSeenByGame: view.isSeenByGame, family: settings.families[pair.family].name, sameAs: nil,
      area: AreaEstimate(undefinedBecause: view.reason ?? ""), groups: [], pValue: nil, correctedPValue: nil,
      advantage: nil)
    if let source = same[pair] {
      result.sameAs = .init(view: views[source.view].name, family: settings.families[source.family].name)
    }
    guard let finding = findings[same[pair] ?? pair] else { return result }
    guard let mean = finding.mean else {
      result.area = AreaEstimate(undefinedBecause: finding.reason ?? "")
      return result
    }
    result.area = estimate(mean, attribute)
    result.groups = groupAreas(finding.areas, attribute)
    result.pValue = finding.pValue
    result.correctedPValue = finding.correctedPValue
    result.advantage = finding.advantage
    return result
  }

  /// Of more than two groups, the area of each against the rest, or why it has none.
  func groupAreas(_ areas: [FoldwiseArea], _ attribute: AuditRows.Attribute) -> [FreshAdversaryResult.GroupArea] {
    guard attribute.sizes.count(where: { $0 > 0 }) > 2 else { return [] }
    let tasks = attribute.tasks.map { rows.tasks[$0] }
    return attribute.sizes.indices.filter { attribute.sizes[$0] > 0 }.map { group in
      let name = attribute.column.groups[group]
      if let place = tasks.firstIndex(where: { $0.group == group }) {
        return .init(group: name, area: estimate(areas[place], attribute))
      }
      return .init(group: name, area: AreaEstimate(undefinedBecause: attribute.reasons[group] ?? ""))
    }
  }

  private func verdict(_ results: [FreshAdversaryResult]) -> AttributeAudit.Verdict {
    guard results.contains(where: { $0.pValue != nil }) else { return .undetermined }
    let readers = results.filter { ($0.correctedPValue ?? 1) < settings.level }
    let isWeak = readers.contains { $0.isSeenByGame && ($0.advantage?.pValue ?? 1) < settings.level }
    return isWeak ? .weakAdversary : readers.isEmpty ? .notRead : .read
  }
}
