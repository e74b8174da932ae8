import Autograd
import LinearAlgebra
import TestSupport
import Testing

/// Programs that take a batch in blocks of rows, against those that take it at once.
@Suite struct RowBlockTests {
  static let rows = 13

  private func run(_ blockRows: Int, fusing: Bool) -> [[Double]] {
    let (matrix, base) = FeatureRowsTests.matrix(rows: 20, columns: 9)
    let storage = ParameterStorage<Double>(
      {
        var parameters = Parameters<Double>()
        parameters.append("first", .uneven(9, 16))
        parameters.append("bias", .uneven(1, 16, seed: 2))
        parameters.append("second", .uneven(16, 3, seed: 3))
        return parameters
      }())
    let x = Tensor.rows(Self.rows, of: FeatureRows(matrix, base: base))
    let dense = Tensor<Double>.input(rows: Self.rows, columns: 16)
    let weights = Tensor<Double>.input(rows: Self.rows, columns: 1)
    let targets = Tensor<Double>.input(rows: Self.rows, columns: 3)
    // Everything that goes row by row, a product of two batches, sums over rows, and values used twice.
    let hidden = relu(matmul(x, storage.tensors["first"]) + storage.tensors["bias"])
    let mixed = concatenate(columns: [tanh(hidden * dense), stopGradient(hidden), dense * weights])
    let turned = reverseGradient(mixed[columns: 8..<24], scale: .constant(0.3))
    let logits = matmul(turned, storage.tensors["second"])
    let similarity = matmul(logits, softmax(logits), transposingB: true)
    let centred = logits - logits.mean(over: .rows)
    let losses =
      elementLosses(.binaryCrossEntropy, outputs: logits, targets: targets, weights: weights).sum(over: .columns)
      + rowCrossEntropies(logits: centred, targets: softmax(targets), weights: weights) + logSumExp(centred)
    let loss = losses.mean() + square(similarity).mean() + (hidden * hidden.mean(over: .rows)).sum()
    let program = Program(
      values: [loss, losses, hidden, similarity],
      gradients: [.init(of: loss, withRespectTo: storage), .init(of: loss, withRespectTo: [dense, hidden])],
      fusing: fusing, variant: nil, blockRows: blockRows)
    program.select(x, rows: (0..<Self.rows).map { Int32(($0 * 7) % 20) })
    program.set(dense, to: .uneven(Self.rows, 16, seed: 4))
    program.set(weights, to: .unevenPositive(Self.rows, 1, seed: 5))
    program.set(targets, to: .unevenPositive(Self.rows, 3, seed: 6))
    program.run()
    // Twice, so that a gradient that is added to what the run before left would show.
    program.run()
    return [loss, losses, hidden, similarity].map { program.value(of: $0).values } + [program.gradient(0)]
      + program.tensorGradients(1).map(\.values)
  }

  @Test(arguments: [1, 2, 4, 5, 6], [true, false])
  func blocksChangeNothing(blockRows: Int, fusing: Bool) {
    let whole = run(1000, fusing: fusing)
    for (divided, whole) in zip(run(blockRows, fusing: fusing), whole) {
      #expect(divided.count == whole.count)
      for (a, b) in zip(divided, whole) { #expect(abs(a - b) <= 1e-12 * (1 + abs(b))) }
    }
  }

  @Test func leftoverRowsJoinTheLastBlock() {
    #expect(RowBlocks(rows: 4).blocks(of: 13) == [0..<4, 4..<8, 8..<13])
    #expect(RowBlocks(rows: 128).blocks(of: 256) == [0..<128, 128..<256])
  }

  @Test func blocksAreReplayedInstructionsOfTheirOwn() {
    func count(_ rows: Int) -> Int {
      let x = Tensor<Double>.input(rows: rows, columns: 2)
      return Program(values: [relu(tanh(x)).sum()]).instructionCount
    }
    #expect(count(128) == 3)
    #expect(count(255) == 3)
    #expect(count(256) == 5)
  }
}
