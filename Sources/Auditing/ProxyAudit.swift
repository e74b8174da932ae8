import FairnessMetrics
import LinearAlgebra

/// How well features alone and together predict the sensitive attributes: what a model that never sees an attribute
/// can know of it all the same.
public struct ProxyAudit: Sendable {
  public var settings: AuditSettings

  /// The threads to use; results do not depend on them.
  public var threads: Int

  /// - Parameters:
  ///   - settings: Of its families the first reads the features. Permutations and level play no part.
  ///   - threads: At least 1; nil for one on each processor.
  public init(
    _ settings: AuditSettings = AuditSettings(families: [.boostedTrees()]), threads: Int? = nil
  ) {
    self.settings = settings
    self.settings.families = Array(settings.families.prefix(1))
    self.threads = threads ?? customaryThreads
  }

  /// Makes the report.
  ///
  /// - Parameters:
  ///   - features: The encoded rows, `[n, d]`.
  ///   - groups: What belongs together among the columns.
  ///   - attributes: The sensitive attributes, of n codes each; −1 where a row's group is missing.
  ///   - weights: The rows' weights, finite and at least 0, or nil where all are 1.
  /// - Precondition: Features, attributes and weights have equally many rows, and the groups' columns exist.
  public func callAsFunction(
    features: Matrix<Float>, groups: [FeatureGroup], attributes: [GroupColumn], weights: [Double]? = nil
  ) -> ProxyReport {
    let single = groups.map { group in
      AuditView(name: group.name, values: features.columns(group.columns))
    }
    let views = single + [AuditView(name: "all features", values: features)]
    precondition(
      attributes.allSatisfy { $0.codes.count == features.rows } && (weights?.count ?? features.rows) == features.rows,
      "ProxyAudit: features, attributes and weights have different numbers of rows")
    if let weights, let row = weights.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      let reason = "the weight of row \(row) is negative or not finite"
      let none = AreaEstimate(undefinedBecause: reason)
      return ProxyReport(
        rows: 0, family: settings.families.first?.name ?? "",
        attributes: attributes.map { .init(name: $0.name, together: none, features: []) })
    }
    let rows = AuditRows(attributes, rows: features.rows, weights: weights, settings: settings)
    let prepared = Parallel.map(views.count, threads: threads) { PreparedView(views[$0], positions: rows.positions) }
    var fits = AdversaryFits(rows: rows, views: prepared, settings: settings, threads: threads)
    fits.isForward = false
    let (scores, same) = fits.scores()
    let analysis = AuditAnalysis(
      rows: rows, views: prepared, settings: settings, threads: threads, scores: scores, same: same)
    return ProxyReport(
      rows: rows.count, family: settings.families.first?.name ?? "",
      attributes: rows.attributes.map { attribute in
        let areas = Parallel.map(views.count, threads: threads) { analysis.outOfFoldArea(view: $0, attribute) }
        let alone = zip(groups, areas).map { ProxyReport.Feature(name: $0.name, columns: $0.columns.count, area: $1) }
        return .init(
          name: attribute.column.name, together: areas[groups.count],
          // Equal areas keep the order of the columns.
          features: alone.sorted { ($0.area.value ?? -1) > ($1.area.value ?? -1) })
      })
  }
}

extension AuditAnalysis {
  /// The area of the first family's out-of-fold scores on a view.
  fileprivate func outOfFoldArea(view: Int, _ attribute: AuditRows.Attribute) -> AreaEstimate {
    guard let first = attribute.tasks.first else {
      return AreaEstimate(undefinedBecause: attribute.reason ?? "there are no rows")
    }
    let pair = Pair(view: view, family: 0)
    guard let all = scores[same[pair] ?? pair] else {
      return AreaEstimate(undefinedBecause: views[view].reason ?? "there is no family of adversaries")
    }
    let rowsByFold = rows.rowsByFold(rows.tasks[first])
    let areas = attribute.tasks.map { task in
      FoldwiseArea(
        scores: all.outOfFold[task], targets: rows.tasks[task].targets, weights: rows.weights, rowsByFold: rowsByFold)
    }
    return estimate(.mean(areas), attribute)
  }
}

extension Matrix {
  /// Some neighbouring columns.
  fileprivate func columns(_ range: Range<Int>) -> Matrix {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= columns, "Matrix: no columns \(range) in [\(rows), \(columns)]")
    var values: [Scalar] = []
    values.reserveCapacity(rows * range.count)
    for row in 0..<rows {
      values.append(contentsOf: self.values[row * columns + range.lowerBound..<row * columns + range.upperBound])
    }
    return Matrix(rows: rows, columns: range.count, values: values)
  }
}
