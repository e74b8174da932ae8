import Autograd
import LinearAlgebra
import NeuralNetworks

/// The classifier's outputs for all rows of a matrix, chunk by chunk, from the weights as they are at each call.
///
/// A chunk is large enough for the matrix products to run at full speed and small enough for its layers to stay in the
/// cache. A row's score must not depend on the rows around it, to the last bit: so the program keeps rows apart, and the
/// last chunk is filled up with rows that are ignored, as kernels may treat the rows beyond the last whole vector in
/// another way.
/// Not for use by two threads at once.
package final class ClassifierScorer {
  static let chunk = 128
  /// The rows of the shortest chunk: as many as a vector has numbers, so that none is computed in another way.
  static let shortChunk = 16
  /// The rows after which memory that has been read may go.
  private static let releaseInterval = 256 * chunk

  private let chunk: Int
  private let rows: FeatureRows<Float>
  private let features: Tensor<Float>
  private let logits: Tensor<Float>
  private let representation: Tensor<Float>
  /// The rows once more, where they are the representation themselves: read as a value, they would be multiplied in
  /// another way than by themselves, and their logits would be others.
  private let copiedRows: Tensor<Float>?
  private let noise: NoiseSource?
  /// The draws of a chunk from the source of dropout's bits; nil until somebody must know.
  private var drawsOfChunk: Int?
  private let program: Program<Float>

  /// - Parameters:
  ///   - rows: The rows to be scored.
  ///   - noise: The source of dropout's random bits; nil for dropout off.
  ///   - keepsRepresentation: Whether the last hidden layer is wanted too.
  ///   - chunk: The rows of a chunk, a multiple of `shortChunk`; dropout's bits depend on it, other scores do not.
  package init(
    network: Perceptron, storage: ParameterStorage<Float>, rows: FeatureRows<Float>, noise: NoiseSource?,
    keepsRepresentation: Bool = false, chunk: Int = ClassifierScorer.chunk
  ) {
    precondition(
      rows.columns == network.inputs, "ClassifierScorer: \(rows.columns) features, not \(network.inputs)")
    let weights = storage.tensors
    self.chunk = chunk
    self.rows = rows
    self.noise = noise
    features = Tensor<Float>.rows(chunk, of: rows)
    let hidden = network.representation(features, weights, mode: noise.map { .training($0) } ?? .inference)
    logits = network.outputs(representation: hidden, weights)
    copiedRows = keepsRepresentation && network.hidden.isEmpty ? Tensor<Float>.rows(chunk, of: rows) : nil
    representation = copiedRows ?? hidden
    program = Program(values: keepsRepresentation ? [logits, representation] : [logits], keepsRowsApart: true)
  }

  /// Writes the logits of all rows, k for each, and their last hidden layer where `hidden` is not empty.
  ///
  /// - Parameter team: Those who share the work; all of them have all rows' logits in the end.
  func score(into scores: RowValues, representation hidden: RowValues, team: (any Team)? = nil) {
    let hiddenPointer = hidden.isEmpty ? nil : hidden.pointer
    guard let team, team.size > 1 else {
      return score(0..<rows.rows, into: scores.pointer, representation: hiddenPointer)
    }
    let shares = team.shares(of: rows.rows, inPiecesOf: chunk)
    let own = shares[team.rank]
    // Every row keeps the mask that it would have if one process went through all.
    skip(0..<own.lowerBound)
    score(own, into: scores.pointer, representation: hiddenPointer)
    skip(own.upperBound..<rows.rows)
    func gather(_ values: UnsafeMutablePointer<Float>, columns: Int) {
      team.gather(values, ranges: shares.map { $0.lowerBound * columns..<$0.upperBound * columns })
    }
    gather(scores.pointer, columns: logits.columns)
    if let hiddenPointer { gather(hiddenPointer, columns: representation.columns) }
  }

  /// Passes over the random bits of rows that somebody else scores.
  private func skip(_ range: Range<Int>) {
    guard let noise, !range.isEmpty else { return }
    let draws = drawsOfChunk ?? noise.draws { program.run() }
    drawsOfChunk = draws
    noise.skip((range.count + chunk - 1) / chunk * draws)
  }

  /// The same into arrays.
  package func score(into scores: inout [Float], representation hidden: inout [Float]) {
    scores.withUnsafeMutableBufferPointer { scores in
      hidden.withUnsafeMutableBufferPointer { hidden in
        if let scores = scores.baseAddress {
          score(0..<rows.rows, into: scores, representation: hidden.baseAddress)
        }
      }
    }
  }

  /// Writes the logits of the first rows.
  func score(first count: Int, into scores: UnsafeMutablePointer<Float>) {
    score(0..<count, into: scores, representation: nil)
  }

  /// Writes the logits of all rows.
  package func score(into scores: inout [Float]) {
    scores.withUnsafeMutableBufferPointer { scores in
      if let scores = scores.baseAddress { score(0..<rows.rows, into: scores, representation: nil) }
    }
  }

  private func score(
    _ range: Range<Int>, into scores: UnsafeMutablePointer<Float>, representation hidden: UnsafeMutablePointer<Float>?
  ) {
    guard let selection = program.selection(of: features), let output = program.pointer(of: logits) else { return }
    let width = representation.columns
    let outputs = logits.columns
    let hiddenOutput = hidden == nil ? nil : program.pointer(of: representation)
    let copied = copiedRows.flatMap { program.selection(of: $0) }
    for row in stride(from: range.lowerBound, to: range.upperBound, by: chunk) {
      let count = min(chunk, range.upperBound - row)
      for place in 0..<chunk { selection[place] = Int32(row + min(place, count - 1)) }
      copied?.update(from: selection, count: chunk)
      program.run()
      (scores + row * outputs).update(from: output, count: count * outputs)
      if let hiddenOutput, let hidden {
        (hidden + row * width).update(from: hiddenOutput, count: count * width)
      }
      let end = row + count
      if end % Self.releaseInterval == 0 || end == range.upperBound {
        rows.release(rows: (end - 1) / Self.releaseInterval * Self.releaseInterval..<end)
      }
    }
  }
}
