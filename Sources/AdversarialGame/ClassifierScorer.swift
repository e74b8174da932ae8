import Autograd
import LinearAlgebra
import NeuralNetworks

/// The classifier's outputs for many rows, chunk by chunk, from the weights as they are at each call.
///
/// A chunk is large enough for the matrix products to run at full speed and small enough for its layers to stay in the
/// cache. All chunks have the same size, the last one filled up with rows that are ignored: products of another size
/// may take another kernel and differ in their last bits, and a row's score must not depend on the rows around it.
/// Not for use by two threads at once.
final class ClassifierScorer {
  private static let chunk = 512

  private let features: Tensor<Float>
  private let logits: Tensor<Float>
  private let representation: Tensor<Float>
  private let program: Program<Float>

  /// - Parameters:
  ///   - noise: The source of dropout's random bits; nil for dropout off.
  ///   - keepsRepresentation: Whether the last hidden layer is wanted too.
  init(
    network: Perceptron, storage: ParameterStorage<Float>, noise: NoiseSource?, keepsRepresentation: Bool = false
  ) {
    let weights = storage.tensors
    features = Tensor<Float>.input(rows: Self.chunk, columns: network.inputs)
    representation = network.representation(features, weights, mode: noise.map { .training($0) } ?? .inference)
    logits = network.outputs(representation: representation, weights)
    program = Program(values: keepsRepresentation ? [logits, representation] : [logits])
  }

  /// Writes the logits of all rows, and their last hidden layer where it was asked for.
  func score(_ matrix: Matrix<Float>, into scores: inout [Float], representation hidden: inout [Float]) {
    precondition(
      matrix.columns == features.columns, "ClassifierScorer: \(matrix.columns) features, not \(features.columns)")
    guard let input = program.pointer(of: features), let output = program.pointer(of: logits) else { return }
    let width = representation.columns
    let hiddenOutput = hidden.isEmpty ? nil : program.pointer(of: representation)
    matrix.values.withUnsafeBufferPointer { source in
      scores.withUnsafeMutableBufferPointer { scores in
        hidden.withUnsafeMutableBufferPointer { hidden in
          guard let source = source.baseAddress, let scores = scores.baseAddress else { return }
          for row in stride(from: 0, to: matrix.rows, by: Self.chunk) {
            let count = min(Self.chunk, matrix.rows - row)
            input.update(from: source + row * matrix.columns, count: count * matrix.columns)
            program.run()
            (scores + row).update(from: output, count: count)
            if let hiddenOutput, let hidden = hidden.baseAddress {
              (hidden + row * width).update(from: hiddenOutput, count: count * width)
            }
          }
        }
      }
    }
  }

  /// Writes the logits of all rows.
  func score(_ matrix: Matrix<Float>, into scores: inout [Float]) {
    var none: [Float] = []
    score(matrix, into: &scores, representation: &none)
  }
}
