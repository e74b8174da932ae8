import Autograd
import LinearAlgebra
import TestSupport
import Testing

/// Programs that keep rows apart: products of every width, by themselves and with a layer's bias and ReLU after them.
///
/// Whether OpenBLAS would have told rows apart depends on its kernels; `OPENBLAS_CORETYPE=Haswell` does so.
@Suite struct RowsApartTests {
  /// Inner and outer columns: thin, around a tile's 16, and more than the first cache holds.
  static let shapes = [(20, 33), (20, 7), (7, 5), (300, 64), (300, 300), (600, 3), (33, 16), (40, 1), (1, 40), (1, 3)]

  private struct Values {
    var product: Matrix<Float>
    var layer: Matrix<Float>
  }

  private func run(_ rows: Matrix<Float>, _ weights: Matrix<Float>, transposingB: Bool) -> Values {
    var parameters = Parameters<Float>()
    parameters.append("weight", weights)
    let columns = transposingB ? weights.rows : weights.columns
    parameters.append("bias", .uneven(1, columns, seed: 3))
    let storage = ParameterStorage(parameters)
    let x = Tensor<Float>.input(rows: rows.rows, columns: rows.columns)
    let (weight, bias) = (storage.tensors["weight"], storage.tensors["bias"])
    let product = matmul(x, weight, transposingB: transposingB)
    let layer = relu(matmul(x, weight, transposingB: transposingB) + bias)
    let program = Program(values: [product, layer], keepsRowsApart: true)
    program.set(x, to: rows)
    program.run()
    // Twice: what fills up the columns must still be 0.
    program.run()
    return Values(product: program.value(of: product), layer: program.value(of: layer))
  }

  @Test(arguments: shapes, [false, true])
  func aRowHasItsBitsAnywhere(shape: (Int, Int), transposingB: Bool) {
    let (inner, columns) = shape
    let weights = Matrix<Float>.uneven(
      transposingB ? columns : inner, transposingB ? inner : columns, seed: 5)
    let rows = Matrix<Float>.uneven(272, inner, seed: 9)
    let whole = run(rows, weights, transposingB: transposingB)
    // A sum of k terms below 1 in single precision, each rounded at most k times.
    let tolerance = Double(inner) * 1e-6
    let exact = naiveProduct(rows, transposed: false, weights, transposed: transposingB)
    #expect(
      firstDeviation(
        of: whole.product.values, from: exact.values.map { Double($0) }, relative: tolerance, absolute: tolerance)
        == nil)
    for indices in [Array(0..<16), Array(5..<53), [271] + Array(0..<127), (0..<272).reversed()] {
      let part = run(rows.gatheringRows(indices), weights, transposingB: transposingB)
      for (found, expected) in [(part.product, whole.product), (part.layer, whole.layer)] {
        #expect(
          found.values.map(\.bitPattern) == expected.gatheringRows(indices).values.map(\.bitPattern),
          "\(indices.count) rows from \(indices[0])")
      }
    }
  }

  @Test func sumsOfGradientsAreAdded() {
    var parameters = Parameters<Double>()
    parameters.append("weight", .uneven(6, 33, seed: 5))
    let storage = ParameterStorage(parameters)
    func gradient(keepsRowsApart: Bool) -> [Double] {
      let (x, y) = (Tensor<Double>.input(rows: 40, columns: 6), Tensor<Double>.input(rows: 40, columns: 6))
      let loss = (square(matmul(x, storage.tensors["weight"])) + matmul(y, storage.tensors["weight"])).mean()
      let program = Program(
        values: [loss], gradients: [.init(of: loss, withRespectTo: storage), .init(of: loss, withRespectTo: [x])],
        keepsRowsApart: keepsRowsApart)
      program.set(x, to: .uneven(40, 6, seed: 1))
      program.set(y, to: .uneven(40, 6, seed: 2))
      program.run()
      return program.gradient(0) + program.tensorGradients(1)[0].values
    }
    #expect(
      firstDeviation(
        of: gradient(keepsRowsApart: true), from: gradient(keepsRowsApart: false), relative: 1e-12, absolute: 1e-12)
        == nil)
  }
}
