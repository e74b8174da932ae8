import LinearAlgebra
import TabularData

/// Takes out of every feature what a linear function of the sensitive attributes explains.
///
/// `X' = X − α·(S − S̄)·Θ`, where S has an indicator for each group but the first of each attribute, S̄ are the means of
/// the rows fitted on, and Θ minimises `‖X − (S − S̄)·Θ‖²` over them. At α = 1 no transformed feature correlates with an
/// indicator on these rows; at α = 0 nothing changes; in between the features are mixed.
///
/// The attributes are read when transforming, so rows to be scored need them too. Correlation is all that goes: a
/// network may still find what depends on the attributes in another way.
///
/// - Shapes: X `[n, d]`, S `[n, s]`, Θ `[s, d]`.
/// - Edge cases: Where an attribute is missing its indicators count as S̄, so that it changes nothing. Indicators that
///   others determine get coefficients 0. Rows' weights weigh the squares and means. The transformed rows are dense.
/// - Source: fairlearn's `CorrelationRemover`, which equals this where all rows weigh 1.
public struct CorrelationRemover: Sendable, Hashable, Codable {
  /// An attribute as it was fitted.
  public struct Attribute: Sendable, Hashable, Codable {
    /// The name.
    public let name: String

    /// The groups; all but the first have an indicator.
    public let groups: [String]
  }

  /// The share of the linear part that is taken out, in 0...1.
  public let alpha: Double

  /// The attributes.
  public let attributes: [Attribute]

  /// S̄, s of them.
  public let means: [Double]

  /// Θ, row by row, `[s, d]`.
  public let coefficients: [[Double]]

  /// Fits the linear part.
  ///
  /// - Parameters:
  ///   - dataset: The training rows.
  ///   - attributes: The attributes; nil for all.
  ///   - alpha: The share that is taken out, in 0...1.
  /// - Throws: `MitigationError` where alpha lies outside 0...1, an attribute is not there, or no group has rows.
  public init(
    fitting dataset: Dataset, attributes names: [String]? = nil, alpha: Double = 1
  ) throws(MitigationError) {
    guard (0...1).contains(alpha) else {
      throw .settings("the correlation remover's alpha is \(alpha); it must lie in 0...1.")
    }
    _ = try GroupPartition(dataset.sensitive, attributes: names, for: Self.method)
    self.alpha = alpha
    let chosen = (names ?? dataset.sensitive.map(\.name)).compactMap { name in
      dataset.sensitive.first { $0.name == name }
    }
    attributes = chosen.map { Attribute(name: $0.name, groups: $0.groups) }
    let weights = dataset.weights.map { $0.map(Double.init) } ?? [Double](repeating: 1, count: dataset.rows)
    means = Self.means(chosen, weights)
    coefficients = Self.leastSquares(
      Self.indicators(chosen, means), weights, dataset.features, rows: dataset.rows)
  }

  /// The rows without the linear part.
  ///
  /// - Throws: `MitigationError.rows` where an attribute is not there or has a group that was not fitted, or where the
  ///   rows have another number of features.
  public func transformed(_ dataset: Dataset) throws(MitigationError) -> Dataset {
    let width = coefficients.first?.count ?? dataset.featureCount
    guard dataset.featureCount == width else {
      throw .rows(
        method: Self.method, problem: "the rows have \(dataset.featureCount) features; it was fitted on \(width).")
    }
    var columns: [SensitiveColumn] = []
    for attribute in attributes {
      guard let column = dataset.sensitive.first(where: { $0.name == attribute.name }) else {
        throw .rows(method: Self.method, problem: "the rows lack the sensitive attribute '\(attribute.name)'.")
      }
      let places = column.groups.map { name in attribute.groups.firstIndex(of: name).map(Int32.init) }
      if let code = column.codes.first(where: { $0 >= 0 && places[Int($0)] == nil }) {
        throw .rows(
          method: Self.method,
          problem: "'\(attribute.name)' has the group '\(column.groups[Int(code)])', which no row fitted on had.")
      }
      columns.append(
        SensitiveColumn(
          name: attribute.name, groups: attribute.groups, privileged: nil,
          codes: column.codes.map { $0 < 0 ? -1 : places[Int($0)] ?? -1 }))
    }
    if alpha == 0 { return dataset }
    let indicators = Self.indicators(columns, means)
    var features = dataset.features
    features.values.withUnsafeMutableBufferPointer { values in
      for row in 0..<dataset.rows {
        for (place, coefficients) in coefficients.enumerated() {
          let push = alpha * indicators[place][row]
          if push == 0 { continue }
          for column in 0..<width {
            values[row * width + column] = Float(Double(values[row * width + column]) - push * coefficients[column])
          }
        }
      }
    }
    return Dataset(
      features: features, labels: dataset.labels, sensitive: dataset.sensitive, continuous: dataset.continuous,
      weights: dataset.weights, sourceRows: dataset.sourceRows)
  }

  private static let method = "the correlation remover"

  // MARK: - Least squares

  private static func means(_ columns: [SensitiveColumn], _ weights: [Double]) -> [Double] {
    columns.flatMap { column in
      var sums = [Double](repeating: 0, count: column.groups.count)
      for (code, weight) in zip(column.codes, weights) where code >= 0 { sums[Int(code)] += weight }
      let total = sums.reduce(0, +)
      return sums.dropFirst().map { total > 0 ? $0 / total : 0 }
    }
  }

  /// `S − S̄`, column by column, `[s][n]`.
  private static func indicators(_ columns: [SensitiveColumn], _ means: [Double]) -> [[Double]] {
    var result: [[Double]] = []
    for column in columns {
      for group in 1..<max(1, column.groups.count) {
        let mean = means[result.count]
        result.append(column.codes.map { $0 < 0 ? 0 : ($0 == Int32(group) ? 1 : 0) - mean })
      }
    }
    return result
  }

  /// Θ of the normal equations `SᵀWS·Θ = SᵀWX`. Few indicators of 0 and 1 make them well conditioned; one that earlier
  /// ones determine has a pivot of 0, and is left out.
  private static func leastSquares(
    _ s: [[Double]], _ weights: [Double], _ features: Matrix<Float>, rows: Int
  ) -> [[Double]] {
    let (size, width) = (s.count, features.columns)
    var gram = [[Double]](repeating: [Double](repeating: 0, count: size), count: size)
    var right = [[Double]](repeating: [Double](repeating: 0, count: width), count: size)
    for i in 0..<size {
      for j in 0...i {
        var sum = 0.0
        for row in 0..<rows { sum += weights[row] * s[i][row] * s[j][row] }
        (gram[i][j], gram[j][i]) = (sum, sum)
      }
      features.values.withUnsafeBufferPointer { values in
        for row in 0..<rows {
          let factor = weights[row] * s[i][row]
          if factor == 0 { continue }
          for column in 0..<width { right[i][column] += factor * Double(values[row * width + column]) }
        }
      }
    }
    // Gauss and Jordan without exchange of rows: the matrix is positive semi-definite.
    let scales = gram.indices.map { gram[$0][$0] }
    for pivot in 0..<size {
      guard gram[pivot][pivot] > 1e-10 * scales[pivot] else {
        for other in 0..<size { (gram[pivot][other], gram[other][pivot]) = (0, 0) }
        right[pivot] = [Double](repeating: 0, count: width)
        continue
      }
      let inverse = 1 / gram[pivot][pivot]
      gram[pivot] = gram[pivot].map { $0 * inverse }
      right[pivot] = right[pivot].map { $0 * inverse }
      for other in 0..<size where other != pivot {
        let factor = gram[other][pivot]
        if factor == 0 { continue }
        for place in 0..<size { gram[other][place] -= factor * gram[pivot][place] }
        for column in 0..<width { right[other][column] -= factor * right[pivot][column] }
      }
    }
    return right
  }
}
