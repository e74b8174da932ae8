extension ThresholdOptimizer {
  /// One threshold for each group: the best whose rates lie in one window of the tolerance's width, or of the least
  /// width that holds a threshold of every group.
  func singleThresholds(
    _ groups: GroupCurves, _ gain: @escaping (GroupCurve.Point) -> Double
  ) throws(MitigationError) -> [GroupCurve.Mixture] {
    let candidates = groups.curves.map { curve in
      curve.points.compactMap { point -> Candidate? in
        if criterion == .predictiveParity && point.rows < minimumSelectedRows { return nil }
        let rates = criterion.rates(of: point, curve).compactMap { $0 }
        return rates.isEmpty ? nil : Candidate(point: point, rates: rates, gain: gain(point))
      }
    }
    if let group = candidates.firstIndex(where: \.isEmpty) {
      throw .rows(
        method: Self.method,
        problem: "the group \(groups.partition.name(of: group)) has fewer than \(minimumSelectedRows) rows to be "
          + "selected. Lower the least number, or keep fewer groups.")
    }
    let search: (Double) -> [GroupCurve.Point]? =
      criterion == .equalizedOdds
      ? { Self.bestInBox(candidates, width: $0) } : { Self.bestInWindow(candidates, width: $0) }
    var points = search(tolerance)
    if points == nil {
      // Some window below 1 holds a threshold of every group: bisect for the least.
      var (low, high) = (tolerance, 1.0)
      for _ in 0..<(criterion == .equalizedOdds ? 12 : 40) where high - low > 1e-9 {
        let middle = (low + high) / 2
        if let found = search(middle) { (points, high) = (found, middle) } else { low = middle }
      }
    }
    return (points ?? search(1) ?? candidates.map { $0[0].point }).map {
      GroupCurve.Mixture(
        members: [.init($0.cut)], truePositives: $0.truePositives, falsePositives: $0.falsePositives)
    }
  }

  /// A threshold of a group.
  struct Candidate {
    var point: GroupCurve.Point
    var rates: [Double]
    var gain: Double
  }

  /// The best thresholds whose rates lie in one window; nil where no window holds one of every group.
  ///
  /// The window's lower end takes the value of every threshold in turn. Those of a group in it are kept in a queue of
  /// falling gain, so that each is looked at twice at most.
  static func bestInWindow(_ candidates: [[Candidate]], width: Double) -> [GroupCurve.Point]? {
    let sorted = candidates.map { list in list.sorted { $0.rates[0] < $1.rates[0] } }
    let ends = Set(sorted.flatMap { $0.map { $0.rates[0] } }).sorted()
    var queues = [[Int]](repeating: [], count: sorted.count)
    var heads = [Int](repeating: 0, count: sorted.count)
    var next = [Int](repeating: 0, count: sorted.count)
    var (best, largest) = ([Int](), -Double.infinity)
    for end in ends {
      var sum = 0.0
      for group in sorted.indices {
        let list = sorted[group]
        while next[group] < list.count, list[next[group]].rates[0] <= end + width {
          let new = next[group]
          while queues[group].count > heads[group], let last = queues[group].last, list[last].gain < list[new].gain {
            queues[group].removeLast()
          }
          queues[group].append(new)
          next[group] += 1
        }
        while heads[group] < queues[group].count, list[queues[group][heads[group]]].rates[0] < end { heads[group] += 1 }
        sum += heads[group] < queues[group].count ? list[queues[group][heads[group]]].gain : -.infinity
      }
      if sum > largest {
        largest = sum
        best = sorted.indices.map { queues[$0][heads[$0]] }
      }
    }
    return largest.isFinite ? zip(sorted, best).map { $0[$1].point } : nil
  }

  /// The same for two rates that rise together along the curve: boxes instead of windows, on a grid of half the width,
  /// so that the gap is kept, and the objective may be a little below the best.
  static func bestInBox(_ candidates: [[Candidate]], width: Double) -> [GroupCurve.Point]? {
    // A finer grid than a thousandth would cost more than it brings.
    let step = max(width / 2, 1e-3)
    let count = Int((1 / step).rounded(.up))
    func first(_ list: [Candidate], _ rate: Int, atLeast bound: Double) -> Int {
      var (low, high) = (0, list.count)
      while low < high {
        let middle = (low + high) / 2
        if list[middle].rates[rate] < bound { low = middle + 1 } else { high = middle }
      }
      return low
    }
    var (best, largest) = ([GroupCurve.Point](), -Double.infinity)
    for i in 0...count {
      let left = Double(i) * step
      let ranges = candidates.map { list in
        (first(list, 0, atLeast: left), first(list, 0, atLeast: (left + width).nextUp))
      }
      if ranges.contains(where: { $0.0 >= $0.1 }) { continue }
      for j in 0...count {
        let bottom = Double(j) * step
        var (sum, chosen) = (0.0, [GroupCurve.Point]())
        for (list, range) in zip(candidates, ranges) {
          let start = max(range.0, first(list, 1, atLeast: bottom))
          let end = min(range.1, first(list, 1, atLeast: (bottom + width).nextUp))
          guard start < end, let top = list[start..<end].max(by: { $0.gain < $1.gain }) else { break }
          sum += top.gain
          chosen.append(top.point)
        }
        if chosen.count == candidates.count, sum > largest { (best, largest) = (chosen, sum) }
      }
    }
    return best.isEmpty ? nil : best
  }
}
