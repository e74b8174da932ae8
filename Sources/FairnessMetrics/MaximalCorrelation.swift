/// Pearson's correlation of two columns, in −1...1.
///
/// Sums run in double precision, in the order of the rows, about the means.
///
/// - Edge cases: undefined for fewer than two rows, where a column is constant, and where a number is NaN.
/// - Precondition: Both have the same length.
public func correlation(_ x: [Float], _ y: [Float]) -> MetricValue {
  precondition(x.count == y.count, "correlation: \(x.count) and \(y.count) numbers")
  if let reason = reasonAgainstDependence(x, y, fewest: 2) { return .undefined(reason) }
  let n = Double(x.count)
  let meanX = x.reduce(0.0) { $0 + Double($1) } / n
  let meanY = y.reduce(0.0) { $0 + Double($1) } / n
  var (xx, xy, yy) = (0.0, 0.0, 0.0)
  for index in x.indices {
    let (a, b) = (Double(x[index]) - meanX, Double(y[index]) - meanY)
    xx += a * a
    xy += a * b
    yy += b * b
  }
  guard xx > 0, yy > 0 else { return .undefined("a column is constant") }
  return .defined(max(-1, min(1, xy / (xx * yy).squareRoot())))
}

/// The maximal correlation of Hirschfeld, Gebelein and Rényi, in 0...1: `sup corr(f(x), g(y))` over all functions f and
/// g; 0 for independence alone, 1 where one is a function of the other, however it bends.
///
/// Estimated on a grid: both columns are cut at their quantiles into at most 16 bins, equal numbers staying together, and
/// over functions of the bins the supremum is the second singular value of `P(i, j) / √(P(i)·P(j))` (Witsenhausen 1975,
/// "On sequences of pairs of dependent random variables"). That value, taken on the rows from which the functions come,
/// would be of the order of `√(bins / n)` even under independence; so the functions are found on the even rows and
/// correlated on the odd ones, and the other way round, and the mean of both is given, 0 where it is negative.
///
/// - Edge cases: undefined for fewer than 40 rows, where a column is constant, and where a number is NaN. What varies
///   within a bin alone is not seen.
/// - Precondition: Both have the same length.
public func maximalCorrelation(_ x: [Float], _ y: [Float]) -> MetricValue {
  precondition(x.count == y.count, "maximalCorrelation: \(x.count) and \(y.count) numbers")
  if let reason = reasonAgainstDependence(x, y, fewest: 40) { return .undefined(reason) }
  let bins = max(2, min(16, Int(Double(x.count).squareRoot() / 4)))
  let (xs, ys) = (quantileBins(x, bins), quantileBins(y, bins))
  var tables = [JointCounts](repeating: JointCounts(bins: bins), count: 2)
  for row in x.indices { tables[row % 2].counts[xs[row] * bins + ys[row]] += 1 }
  let estimates = [tables[1].correlation(of: tables[0].functions), tables[0].correlation(of: tables[1].functions)]
  return .defined(max(0, min(1, (estimates[0] + estimates[1]) / 2)))
}

private func reasonAgainstDependence(_ x: [Float], _ y: [Float], fewest: Int) -> String? {
  if x.count < fewest { return "fewer than \(fewest) rows have the attribute" }
  for column in [x, y] {
    if column.contains(where: { !$0.isFinite }) { return scoreIsNaN }
    if !column.contains(where: { $0 != column[0] }) { return "a column is constant" }
  }
  return nil
}

/// The bin of each number: its share of smaller ones and half of the equal ones, times the number of bins.
private func quantileBins(_ values: [Float], _ bins: Int) -> [Int] {
  let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
  var result = [Int](repeating: 0, count: values.count)
  var start = 0
  while start < order.count {
    var end = start + 1
    while end < order.count && values[order[end]] == values[order[start]] { end += 1 }
    let bin = min(bins - 1, (start + end) * bins / (2 * order.count))
    for place in start..<end { result[order[place]] = bin }
    start = end
  }
  return result
}

/// How many rows are in each pair of bins, row after row, `[bins, bins]`.
private struct JointCounts {
  let bins: Int
  var counts: [Double]

  init(bins: Int) {
    self.bins = bins
    counts = [Double](repeating: 0, count: bins * bins)
  }

  /// The functions of the bins that are correlated most, 0 in bins without rows.
  ///
  /// By power iteration on QᵀQ, the singular vector √P(j) of the singular value 1 taken out at each step.
  var functions: (f: [Double], g: [Double]) {
    let (rows, columns) = marginals
    let total = max(1, rows.reduce(0, +))
    let roots = columns.map { ($0 / total).squareRoot() }
    var q = counts
    for i in 0..<bins {
      for j in 0..<bins where counts[i * bins + j] > 0 { q[i * bins + j] /= (rows[i] * columns[j]).squareRoot() }
    }
    // Neither odd nor even, so that it is at right angles to no shape of dependence.
    var v = roots.enumerated().map { index, root in
      let place = Double(index) - Double(bins - 1) / 2
      return root * (place + place * place / 3)
    }
    var u = [Double](repeating: 0, count: bins)
    for _ in 0..<200 {
      let common = zip(v, roots).reduce(0) { $0 + $1.0 * $1.1 }
      for j in 0..<bins { v[j] -= common * roots[j] }
      let length = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard length > 1e-300 else { break }
      for j in 0..<bins { v[j] /= length }
      for i in 0..<bins { u[i] = (0..<bins).reduce(0) { $0 + q[i * bins + $1] * v[$1] } }
      for j in 0..<bins { v[j] = (0..<bins).reduce(0) { $0 + q[$1 * bins + j] * u[$1] } }
    }
    return (
      zip(u, rows).map { $1 > 0 ? $0 / $1.squareRoot() : 0 }, zip(v, columns).map { $1 > 0 ? $0 / $1.squareRoot() : 0 }
    )
  }

  /// The correlation of functions of the bins over these rows; 0 where one of them is constant on them.
  func correlation(of functions: (f: [Double], g: [Double])) -> Double {
    let (rows, columns) = marginals
    let total = max(1, rows.reduce(0, +))
    let meanF = zip(functions.f, rows).reduce(0) { $0 + $1.0 * $1.1 } / total
    let meanG = zip(functions.g, columns).reduce(0) { $0 + $1.0 * $1.1 } / total
    var (ff, fg, gg) = (0.0, 0.0, 0.0)
    for i in 0..<bins {
      let f = functions.f[i] - meanF
      ff += rows[i] * f * f
      for j in 0..<bins { fg += counts[i * bins + j] * f * (functions.g[j] - meanG) }
    }
    for j in 0..<bins { gg += columns[j] * (functions.g[j] - meanG) * (functions.g[j] - meanG) }
    return ff > 0 && gg > 0 ? fg / (ff * gg).squareRoot() : 0
  }

  private var marginals: (rows: [Double], columns: [Double]) {
    var (rows, columns) = ([Double](repeating: 0, count: bins), [Double](repeating: 0, count: bins))
    for i in 0..<bins {
      for j in 0..<bins {
        rows[i] += counts[i * bins + j]
        columns[j] += counts[i * bins + j]
      }
    }
    return (rows, columns)
  }
}
