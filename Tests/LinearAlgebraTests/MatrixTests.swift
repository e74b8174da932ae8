import LinearAlgebra
import Testing

@Suite struct MatrixTests {
  let matrix = Matrix(rows: 2, columns: 3, values: [1, 2, 3, 4, 5, 6])

  @Test func elementsColumnsAndRows() {
    #expect(matrix[0, 0] == 1 && matrix[0, 2] == 3 && matrix[1, 0] == 4 && matrix[1, 2] == 6)
    #expect(matrix.column(1) == [2, 5])
    #expect(matrix.gatheringRows([1, 0, 1]) == Matrix(rows: 3, columns: 3, values: [4, 5, 6, 1, 2, 3, 4, 5, 6]))
    #expect(matrix.gatheringRows([]) == Matrix(rows: 0, columns: 3, values: []))
    #expect(Matrix(rows: 2, columns: 2, repeating: 7).values == [7, 7, 7, 7])
  }

  @Test func copiesAreIndependent() {
    var copy = matrix
    copy[1, 1] = 50
    #expect(matrix[1, 1] == 5 && copy[1, 1] == 50 && copy.values == [1, 2, 3, 4, 50, 6])
  }

  @Test func naiveProductByHand() {
    let b = Matrix<Double>(rows: 3, columns: 1, values: [1, 10, 100])
    let a = Matrix<Double>(rows: 2, columns: 3, values: [1, 2, 3, 4, 5, 6])
    #expect(naiveProduct(a, b).values == [321, 654])
    #expect(naiveProduct(b, transposed: true, a, transposed: true).values == [321, 654])
    #expect(naiveProduct(a, transposed: true, a).values == [17, 22, 27, 22, 29, 36, 27, 36, 45])
  }

  @Test func placesOutsideTrap() async {
    await #expect(processExitsWith: .failure) {
      let matrix = Matrix(rows: 2, columns: 3, repeating: 0)
      // Within the array, but not in that row.
      _ = matrix[0, 3]
    }
    await #expect(processExitsWith: .failure) {
      var matrix = Matrix(rows: 2, columns: 3, repeating: 0)
      matrix[1, -1] = 1
    }
    await #expect(processExitsWith: .failure) { _ = Matrix(rows: 2, columns: 3, repeating: 0)[2, 0] }
    await #expect(processExitsWith: .failure) { _ = Matrix(rows: 2, columns: 3, repeating: 0).column(3) }
    await #expect(processExitsWith: .failure) { _ = Matrix(rows: 2, columns: 3, repeating: 0).gatheringRows([0, 2]) }
    await #expect(processExitsWith: .failure) { _ = Matrix(rows: 2, columns: 3, values: [1, 2, 3, 4, 5]) }
    await #expect(processExitsWith: .failure) { _ = Matrix(rows: -1, columns: -1, values: [1]) }
  }
}
