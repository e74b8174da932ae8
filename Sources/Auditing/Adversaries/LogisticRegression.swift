import LinearAlgebra
import RealModule

/// A logistic regression, fitted by Newton's method.
///
/// Minimises `Σᵢ wᵢ·(log(1 + exp(ηᵢ)) − yᵢ·ηᵢ) + ½·penalty·‖β‖²` with `η = x·β + b`, the intercept b free of the penalty:
/// scikit-learn's `LogisticRegression` with `C = 1/penalty`. A step that does not lower the sum is halved.
package struct LogisticRegression {
  /// The rows that logistic regressions of one view are fitted to and read: standardised columns, and a column of ones.
  package struct Design: Sendable {
    let rows: Int
    /// The columns and the column of ones.
    let width: Int
    let values: [Double]

    package init(_ view: Matrix<Float>) {
      rows = view.rows
      width = view.columns + 1
      var values: [Double] = []
      values.reserveCapacity(rows * width)
      for row in 0..<view.rows {
        for column in 0..<view.columns { values.append(Double(view.values[row * view.columns + column])) }
        values.append(1)
      }
      self.values = values
    }

    /// Some rows, one after another.
    func gathered(_ indices: [Int32]) -> [Double] {
      var gathered: [Double] = []
      gathered.reserveCapacity(indices.count * width)
      for index in indices { gathered.append(contentsOf: values[Int(index) * width..<(Int(index) + 1) * width]) }
      return gathered
    }
  }

  /// β and, last, b.
  package private(set) var coefficients: [Double]

  /// Newton's steps taken.
  private(set) var steps = 0

  private let width: Int

  /// Fits the regression.
  ///
  /// - Parameters:
  ///   - rows: The rows of the design to fit to.
  ///   - targets: Whether a row of the design has the property, for all its rows.
  ///   - weights: wᵢ ≥ 0 for all rows of the design, or nil where all are 1.
  ///   - penalty: At least 0.
  package init(_ design: Design, rows: [Int32], targets: [Int8], weights: [Double]?, penalty: Double) {
    BLAS.singleThreaded
    width = design.width
    let x = design.gathered(rows)
    let y = rows.map { Double(targets[Int($0)]) }
    let w = rows.map { weights?[Int($0)] ?? 1 }
    let fit = Objective(x: x, y: y, w: w, width: width, penalty: penalty)
    coefficients = [Double](repeating: 0, count: width)
    let total = w.reduce(0, +)
    let share = zip(w, y).reduce(0) { $0 + $1.0 * $1.1 } / total
    guard share > 0 && share < 1 else { return }
    coefficients[width - 1] = .log(share / (1 - share))

    var linear = fit.linear(coefficients)
    var value = fit.value(coefficients, linear: linear)
    while steps < 50 {
      guard let step = fit.newtonStep(coefficients, linear: linear) else { return }
      steps += 1
      var factor = 1.0
      var next = zip(coefficients, step.direction).map { $0 - $1 }
      var nextLinear = fit.linear(next)
      var nextValue = fit.value(next, linear: nextLinear)
      while !(nextValue <= value) && factor > 1e-9 {
        factor /= 2
        next = zip(coefficients, step.direction).map { $0 - factor * $1 }
        nextLinear = fit.linear(next)
        nextValue = fit.value(next, linear: nextLinear)
      }
      // What remains is rounding.
      guard nextValue <= value else { return }
      (coefficients, linear, value) = (next, nextLinear, nextValue)
      if step.decrement <= 1e-12 * (1 + abs(value)) { return }
    }
  }

  /// The scores η of some rows of a design.
  package func scores(_ design: Design, rows: [Int32]) -> [Float] {
    rows.map { row in
      var sum = 0.0
      for column in 0..<width { sum += design.values[Int(row) * width + column] * coefficients[column] }
      return Float(sum)
    }
  }

  /// The penalised loss of fixed rows as a function of the coefficients.
  private struct Objective {
    let x: [Double]
    let y: [Double]
    let w: [Double]
    let width: Int
    let penalty: Double

    func linear(_ coefficients: [Double]) -> [Double] {
      var linear = [Double](repeating: 0, count: y.count)
      linear.withUnsafeMutableBytes { out in
        guard let out = out.baseAddress else { return }
        BLAS.multiply(
          .double, transposeA: false, transposeB: false, m: y.count, n: 1, k: width, alpha: 1, a: x, b: coefficients,
          beta: 0, c: out)
      }
      return linear
    }

    func value(_ coefficients: [Double], linear: [Double]) -> Double {
      var sum = 0.0
      for row in 0..<y.count {
        let eta = linear[row]
        sum += w[row] * (max(eta, 0) - y[row] * eta + .log(onePlus: .exp(-abs(eta))))
      }
      return sum + 0.5 * penalty * coefficients.dropLast().reduce(0) { $0 + $1 * $1 }
    }

    /// `H⁻¹·g`, and half of `gᵀ·H⁻¹·g`, by which the step is expected to lower the loss.
    func newtonStep(_ coefficients: [Double], linear: [Double]) -> (direction: [Double], decrement: Double)? {
      var residuals = [Double](repeating: 0, count: y.count)
      var scaled = x
      scaled.withUnsafeMutableBufferPointer { scaled in
        for row in 0..<y.count {
          let p = 1 / (1 + Double.exp(-linear[row]))
          residuals[row] = w[row] * (p - y[row])
          let root = (w[row] * p * (1 - p)).squareRoot()
          for column in 0..<width { scaled[row * width + column] *= root }
        }
      }
      var gradient = [Double](repeating: 0, count: width)
      gradient.withUnsafeMutableBytes { out in
        guard let out = out.baseAddress else { return }
        BLAS.multiply(
          .double, transposeA: true, transposeB: false, m: width, n: 1, k: y.count, alpha: 1, a: x, b: residuals,
          beta: 0, c: out)
      }
      var hessian = [Double](repeating: 0, count: width * width)
      hessian.withUnsafeMutableBytes { out in
        guard let out = out.baseAddress else { return }
        BLAS.multiply(
          .double, transposeA: true, transposeB: false, m: width, n: width, k: y.count, alpha: 1, a: scaled, b: scaled,
          beta: 0, c: out)
      }
      for column in 0..<width - 1 {
        gradient[column] += penalty * coefficients[column]
        hessian[column * width + column] += penalty
      }
      // Columns that repeat each other leave the Hessian singular where there is no penalty: a ridge decides.
      let trace = (0..<width).reduce(0) { $0 + hessian[$1 * width + $1] }
      var ridge = 0.0
      for _ in 0..<8 {
        var factor = hessian
        for column in 0..<width { factor[column * width + column] += ridge }
        var direction = gradient
        if solvePositiveDefinite(&factor, &direction) {
          return (direction, 0.5 * zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 })
        }
        ridge = max(100 * ridge, 1e-12 * trace)
      }
      return nil
    }
  }
}
