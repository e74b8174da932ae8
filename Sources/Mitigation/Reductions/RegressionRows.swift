import LinearAlgebra
import RealModule

/// Rows of features in double precision, as deviations from a base row: what Newton's method sums over.
struct RegressionRows: Sendable {
  let rows: Int
  let columns: Int

  /// What rows without deviations hold.
  let base: [Double]

  private let starts: [Int32]
  private let places: [Int32]
  private let values: [Double]

  init(_ features: FeatureRows<Float>) {
    rows = features.rows
    columns = features.columns
    let base = features.baseRow ?? [Float](repeating: 0, count: features.columns)
    self.base = base.map(Double.init)
    var (starts, places, values): ([Int32], [Int32], [Double]) = ([0], [], [])
    let matrix = features.matrix
    for row in 0..<rows {
      for column in 0..<columns {
        let value = matrix.values[row * columns + column]
        if value != base[column] {
          places.append(Int32(column))
          values.append(Double(value) - self.base[column])
        }
      }
      starts.append(Int32(places.count))
    }
    (self.starts, self.places, self.values) = (starts, places, values)
  }

  /// The objective at a point of d weights and the intercept of the deviations.
  struct State {
    var value: Double
    var gradient: [Double]
    /// `p·(1 − p)` of each row.
    var curvatures: [Double]
  }

  func state(_ point: [Double], _ labels: [Bool], _ weights: [Double], _ c: Double) -> State {
    var state = State(value: 0, gradient: point, curvatures: [Double](repeating: 0, count: rows))
    state.gradient[columns] = 0
    for column in 0..<columns { state.value += 0.5 * point[column] * point[column] }
    var loss = 0.0
    state.gradient.withUnsafeMutableBufferPointer { gradient in
      point.withUnsafeBufferPointer { point in
        places.withUnsafeBufferPointer { places in
          values.withUnsafeBufferPointer { values in
            for row in 0..<rows where weights[row] > 0 {
              let range = Int(starts[row])..<Int(starts[row + 1])
              var logit = point[columns]
              for place in range { logit += point[Int(places[place])] * values[place] }
              let decay = Double.exp(-abs(logit))
              let probability = logit >= 0 ? 1 / (1 + decay) : decay / (1 + decay)
              loss += weights[row] * (max(logit, 0) - (labels[row] ? logit : 0) + .log(onePlus: decay))
              state.curvatures[row] = probability * (1 - probability)
              let push = c * weights[row] * (probability - (labels[row] ? 1 : 0))
              for place in range { gradient[Int(places[place])] += push * values[place] }
              gradient[columns] += push
            }
          }
        }
      }
    }
    state.value += c * loss
    return state
  }

  /// `−H⁻¹·g`.
  func newtonDirection(_ state: State, _ weights: [Double], _ c: Double) -> [Double] {
    let size = columns + 1
    var hessian = [Double](repeating: 0, count: size * size)
    hessian.withUnsafeMutableBufferPointer { hessian in
      places.withUnsafeBufferPointer { places in
        values.withUnsafeBufferPointer { values in
          for column in 0..<columns { hessian[column * size + column] = 1 }
          for row in 0..<rows {
            let bend = c * weights[row] * state.curvatures[row]
            if bend == 0 { continue }
            let range = Int(starts[row])..<Int(starts[row + 1])
            // The columns of a row rise, so that this fills the lower half.
            for i in range {
              let share = bend * values[i]
              let line = Int(places[i]) * size
              for j in range.lowerBound...i { hessian[line + Int(places[j])] += share * values[j] }
              hessian[columns * size + Int(places[i])] += share
            }
            hessian[columns * size + columns] += bend
          }
        }
      }
    }
    return solvePositiveDefinite(&hessian, state.gradient.map { -$0 })
  }
}
