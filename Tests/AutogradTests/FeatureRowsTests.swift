import Autograd
import LinearAlgebra
import TestSupport
import Testing

/// Products with rows given by their deviations from a base row, against the dense ones.
@Suite struct FeatureRowsTests {
  static func matrix(rows: Int, columns: Int) -> (Matrix<Double>, base: [Double]) {
    let base = (0..<columns).map { column -> Double in column % 4 == 0 ? 0 : 0.1 * Double(column % 7) - 0.3 }
    var matrix = Matrix<Double>(rows: rows, columns: columns, repeating: 0)
    for row in 0..<rows {
      for column in 0..<columns {
        matrix[row, column] = (row * 5 + column * 3) % 6 == 0 ? base[column] + 0.7 + 0.1 * Double(row) : base[column]
      }
    }
    return (matrix, base)
  }

  @Test(arguments: [(1, 3, 1), (7, 5, 16), (9, 93, 32), (33, 20, 64), (5, 12, 71), (4, 9, 130)])
  func productsAndGradientsAgreeWithDense(rows: Int, inner: Int, columns: Int) {
    let (matrix, base) = Self.matrix(rows: rows, columns: inner)
    let storage = ParameterStorage<Double>(
      {
        var parameters = Parameters<Double>()
        parameters.append("weight", .uneven(inner, columns))
        parameters.append("bias", .uneven(1, columns, seed: 2))
        return parameters
      }())
    let choice = (0..<rows + 3).map { Int32(($0 * 2) % rows) }
    func run(_ source: FeatureRows<Double>, fusing: Bool, variant: Int) -> ([Double], [Double], Int) {
      let x = Tensor.rows(choice.count, of: source)
      let hidden = relu(matmul(x, storage.tensors["weight"]) + storage.tensors["bias"])
      // Used twice, so that the gradient is added to as well.
      let loss = (square(hidden) + tanh(matmul(x, storage.tensors["weight"]))).sum()
      let program = Program(
        values: [hidden], gradients: [.init(of: loss, withRespectTo: storage)], fusing: fusing, variant: variant)
      program.select(x, rows: choice)
      program.run()
      return (program.value(of: hidden).values, program.gradient(0), program.instructionCount)
    }
    for variant in 0..<Precision.kernelVariantCount {
      for fusing in [true, false] {
        let dense = run(FeatureRows(matrix), fusing: fusing, variant: variant)
        let sparse = run(FeatureRows(matrix, base: base), fusing: fusing, variant: variant)
        for (a, b) in zip(dense.0 + dense.1, sparse.0 + sparse.1) {
          // The order of summation differs: some hundred roundings of terms below 10.
          #expect(abs(a - b) <= 1e-12 * (1 + abs(b)))
        }
        #expect(sparse.2 < dense.2, "sparse rows are not gathered")
      }
    }
  }

  @Test func rowsAreGatheredWhereSomethingElseReadsThem() {
    let (matrix, base) = Self.matrix(rows: 6, columns: 4)
    let x = Tensor.rows(2, of: FeatureRows(matrix, base: base))
    let product = matmul(x, Tensor<Double>.constant(.uneven(4, 3)))
    let program = Program(values: [product, x.sum(over: .columns)])
    program.select(x, rows: [5, 1])
    program.run()
    let expected = naiveProduct(matrix.gatheringRows([5, 1]), .uneven(4, 3))
    #expect(largestDifference(program.value(of: product), expected) < 1e-14)
  }

  @Test func aRowOutsideTheMatrixTraps() async {
    await #expect(processExitsWith: .failure) {
      let x = Tensor.rows(1, of: FeatureRows(Matrix<Double>(rows: 2, columns: 2, repeating: 1)))
      let sum = x.sum()
      Program(values: [sum]).select(x, rows: [2])
    }
  }
}
