import CKernels
import LinearAlgebra

/// Collects the instructions of a program, and hands out the memory of its values.
package struct Planner {
  /// The values of a right operand up to which the tile kernel beats OpenBLAS: what fits the first cache.
  private static let largestTileOperand = 8192

  let precision: Precision
  let memory: Memory
  private(set) var instructions: [Instruction] = []

  init(precision: Precision, memory: Memory) {
    self.precision = precision
    self.memory = memory
  }

  /// Zeroed memory for a matrix.
  func region(rows: Int, columns: Int) -> Region {
    Region(pointer: memory.allocate(bytes: rows * columns * precision.stride), rows: rows, columns: columns)
  }

  mutating func emit(_ instruction: Instruction) {
    instructions.append(instruction)
  }

  /// Plans to set a region to 0.
  mutating func clear(_ region: Region) {
    let zero = self.region(rows: 1, columns: 1)
    emit(
      .broadcast(
        rows: 1, columns: region.count, scale: 0, x: eq_view(data: zero.pointer, row_stride: 0, column_stride: 0),
        out: region.pointer, accumulate: 0))
  }

  /// Plans to copy a region to another of the same shape.
  mutating func copy(_ region: Region, to other: Region) {
    emit(
      .copyColumns(
        rows: 1, columns: region.count, from: region.pointer, fromStride: region.count, to: other.pointer,
        toStride: region.count, accumulate: 0))
  }

  /// `target = or += op(a) · op(b)`.
  ///
  /// Products with a single column or a single inner index take their own kernels, because the set-up of a general
  /// product costs more than the product.
  mutating func multiply(
    _ a: Region, _ b: Region, transposeA: Bool = false, transposeB: Bool = false, into target: Region,
    accumulate: Bool = false
  ) {
    if let selected = a.deviations {
      emit(
        .deviationsProduct(
          count: target.rows, inner: b.rows, columns: target.columns, rows: selected.rows, indices: selected.indices,
          w: b.pointer, out: target.pointer))
      return
    }
    let m = target.rows
    let n = target.columns
    let k = transposeA ? a.rows : a.columns
    // A matrix of one row or one column has the same layout either way round.
    if n == 1 && !transposeA {
      emit(
        .rowDots(rows: m, columns: k, x: a.pointer, w: b.pointer, out: target.pointer, accumulate: accumulate ? 1 : 0))
    } else if n == 1 && transposeA {
      emit(
        .weightedRowSum(
          rows: k, columns: m, x: a.pointer, w: b.pointer, out: target.pointer, accumulate: accumulate ? 1 : 0))
    } else if m == 1 && !transposeB {
      emit(
        .weightedRowSum(
          rows: k, columns: n, x: b.pointer, w: a.pointer, out: target.pointer, accumulate: accumulate ? 1 : 0))
    } else if m == 1 && transposeB {
      emit(
        .rowDots(
          rows: n, columns: k, x: b.pointer, w: a.pointer, out: target.pointer, accumulate: accumulate ? 1 : 0))
    } else if k == 1 && !accumulate {
      emit(.outer(rows: m, columns: n, x: a.pointer, w: b.pointer, out: target.pointer))
    } else if n % 16 == 0 && k * n <= Self.largestTileOperand {
      var right = b
      if transposeB {
        right = region(rows: k, columns: n)
        emit(.transpose(rows: n, columns: k, from: b.pointer, to: right.pointer))
      }
      emit(
        .tileProduct(
          rows: m, columns: n, inner: k, a: a.pointer, rowStride: transposeA ? 1 : k,
          innerStride: transposeA ? m : 1, b: right.pointer, c: target.pointer, accumulate: accumulate ? 1 : 0))
    } else {
      emit(
        .multiply(
          transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, a: a.pointer, b: b.pointer,
          beta: accumulate ? 1 : 0, c: target.pointer))
    }
  }
}

extension Region {
  /// The region as an operand of shape `[rows, columns]`: an axis of length 1 repeats.
  func view(rows: Int, columns: Int) -> eq_view {
    eq_view(
      data: UnsafeRawPointer(pointer), row_stride: self.rows == 1 && rows > 1 ? 0 : self.columns,
      column_stride: self.columns == 1 && columns > 1 ? 0 : 1)
  }
}
