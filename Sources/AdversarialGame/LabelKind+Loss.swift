import Autograd
import CKernels
import LinearAlgebra
import NeuralNetworks
import RealModule
import TabularData

/// An adversary that reads labels of 0 and 1, or a single probability, and plays for no other kind of label.
protocol TwoClassAdversary: Adversary {}

extension ReweightingAdversary: TwoClassAdversary {}
extension LocallyWeightedAdversary: TwoClassAdversary {}

extension LabelKind {
  /// What the classifier's loss compares its outputs with, `[n, k]`: 0 or 1, one-hot, or `(y − mean) / deviation`.
  func targets(_ labels: [Float]) -> Matrix<Float> {
    switch self {
    case .binary: return Matrix(rows: labels.count, columns: 1, values: labels)
    case .categorical(let classes):
      var targets = Matrix<Float>(rows: labels.count, columns: classes.count, repeating: 0)
      for (row, label) in labels.enumerated() { targets.values[row * classes.count + Int(label)] = 1 }
      return targets
    case .continuous(let mean, let deviation):
      return Matrix(
        rows: labels.count, columns: 1, values: labels.map { Float((Double($0) - mean) / deviation) })
    }
  }

  /// The classifier's loss of a batch, `[1, 1]`: the mean over rows of weight times binary cross-entropy, categorical
  /// cross-entropy, or squared error of the standardised label.
  package func loss<Scalar>(
    outputs: Tensor<Scalar>, targets: Tensor<Scalar>, weights: Tensor<Scalar>?
  ) -> Tensor<Scalar> {
    switch self {
    case .binary: binaryCrossEntropy(logits: outputs, targets: targets, weights: weights)
    case .categorical: categoricalCrossEntropy(logits: outputs, targets: targets, weights: weights)
    case .continuous: squaredError(predictions: outputs, targets: targets, weights: weights)
    }
  }

  /// The mean loss of all rows without weights.
  ///
  /// - Parameter outputs: The classifier's outputs, `[n, k]`.
  func meanLoss(outputs: UnsafePointer<Float>, targets: Matrix<Float>) -> Double {
    let (n, k) = (targets.rows, targets.columns)
    switch self {
    case .binary:
      let kernels = Precision.single.kernels.pointee
      var losses = [Float](repeating: 0, count: n)
      kernels.loss(EQ_BINARY_CROSS_ENTROPY, n, outputs, targets.values, nil, &losses)
      return losses.reduce(0.0) { $0 + Double($1) } / Double(max(1, n))
    case .categorical:
      var sum = 0.0
      for row in 0..<n {
        let logits = UnsafeBufferPointer(start: outputs + row * k, count: k)
        let largest = Double(logits.max() ?? 0)
        let exponentials = logits.reduce(0.0) { $0 + Double.exp(Double($1) - largest) }
        var chosen = 0.0
        for index in 0..<k where targets.values[row * k + index] > 0 { chosen = Double(logits[index]) }
        sum += Double.log(exponentials) + largest - chosen
      }
      return sum / Double(max(1, n))
    case .continuous:
      var sum = 0.0
      for row in 0..<n {
        let error = Double(outputs[row]) - Double(targets.values[row])
        sum += error * error
      }
      return sum / Double(max(1, n))
    }
  }

  /// Replaces the classifier's outputs, `[n, k]`, by its predictions: probabilities, or numbers in the label's unit.
  package func predict(_ outputs: inout [Float]) {
    switch self {
    case .binary: sigmoid(&outputs)
    case .categorical(let classes):
      let k = classes.count
      for start in stride(from: 0, to: outputs.count, by: k) {
        let largest = Double(outputs[start..<start + k].max() ?? 0)
        let exponentials = outputs[start..<start + k].map { Double.exp(Double($0) - largest) }
        let sum = exponentials.reduce(0, +)
        for index in 0..<k { outputs[start + index] = Float(exponentials[index] / sum) }
      }
    case .continuous(let mean, let deviation):
      for index in outputs.indices { outputs[index] = Float(mean + deviation * Double(outputs[index])) }
    }
  }
}
