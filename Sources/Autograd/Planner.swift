import CKernels
import LinearAlgebra

/// Collects the instructions of a program, and hands out the memory of its values.
package struct Planner {
  /// The values of a right operand up to which the tile kernel beats OpenBLAS whatever the number of rows: what fits the
  /// first cache.
  private static let largestTileOperand = 8192

  /// The columns of a right operand up to which it is thin.
  private static let thinColumns = 4

  /// The tile kernel's columns come in multiples of this.
  private static let tileColumns = 16

  let precision: Precision
  let memory: Memory
  /// Whether a row of a product may depend on that row alone, see `Program.init`.
  let keepsRowsApart: Bool
  private(set) var instructions: [Instruction] = []

  init(precision: Precision, memory: Memory, keepsRowsApart: Bool = false) {
    self.precision = precision
    self.memory = memory
    self.keepsRowsApart = keepsRowsApart
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

  /// Plans to copy the first columns of a region to those of another with as many rows.
  private mutating func copyColumns(_ count: Int, of region: Region, to other: Region, accumulate: Bool = false) {
    emit(
      .copyColumns(
        rows: region.rows, columns: count, from: region.pointer, fromStride: region.columns, to: other.pointer,
        toStride: other.columns, accumulate: accumulate ? 1 : 0))
  }

  /// Plans to transpose a region into memory of its own.
  private mutating func transposed(_ region: Region) -> Region {
    let result = self.region(rows: region.columns, columns: region.rows)
    emit(.transpose(rows: region.rows, columns: region.columns, from: region.pointer, to: result.pointer))
    return result
  }

  /// Where a description of what follows a product stands as long as the program.
  func activation(bias: Region, relu: Bool, dropout: Dropout?) -> UnsafePointer<eq_activation> {
    let place = memory.allocate(bytes: MemoryLayout<eq_activation>.stride)
      .bindMemory(to: eq_activation.self, capacity: 1)
    place.initialize(
      to: eq_activation(
        bias: bias.pointer, relu: relu ? 1 : 0, drop: dropout?.probability ?? 0, noise: dropout?.noise.pointer))
    return UnsafePointer(place)
  }

  /// `target = or += op(a) · op(b)`, and then bias and activation in place, if any.
  ///
  /// A right operand of a few columns has its own kernels, because the set-up of a general product costs more than the
  /// product; one that fits the first cache is multiplied tile by tile, and rows are activated while they are at hand.
  /// So is one of any size where rows must be kept apart, its columns filled up with zeros: OpenBLAS multiplies the last
  /// rows and columns of a product, and those between its blocks, by kernels that add up in another order.
  ///
  /// - Precondition: Nothing follows where the product is added.
  mutating func multiply(
    _ a: Region, _ b: Region, transposeA: Bool = false, transposeB: Bool = false, into target: Region,
    accumulate: Bool = false, then after: UnsafePointer<eq_activation>? = nil
  ) {
    let m = target.rows
    let n = target.columns
    let k = transposeA ? a.rows : a.columns
    let adds: Int32 = accumulate ? 1 : 0
    if let selected = a.deviations {
      emit(
        .deviationsProduct(
          count: m, inner: b.rows, columns: n, rows: selected.rows, indices: selected.indices, w: b.pointer,
          out: target.pointer, after: after))
      return
    }
    // The gradient of a layer's weights has few columns and the whole batch as its inner index.
    let fitsTiles = k * n <= Self.largestTileOperand || (transposeA && m * n <= Self.largestTileOperand)
    if n % Self.tileColumns == 0 && (fitsTiles || keepsRowsApart) {
      let right = transposeB ? transposed(b) : b
      emit(
        .tileProduct(
          rows: m, columns: n, inner: k, a: a.pointer, rowStride: transposeA ? 1 : k,
          innerStride: transposeA ? m : 1, b: right.pointer, c: target.pointer, accumulate: adds, after: after))
      return
    }
    // A matrix of one row or one column has the same layout either way round.
    let isThin = n <= Self.thinColumns && (n == 1 || !transposeB)
    if isThin && transposeA {
      emit(
        .thinGradient(
          rows: k, columns: m, width: n, x: a.pointer, w: b.pointer, out: target.pointer, accumulate: adds))
    } else if isThin && (n == 1 || k * n <= Int(EQ_THIN_VALUES)) {
      emit(
        .thinProduct(
          rows: m, columns: k, width: n, x: a.pointer, w: b.pointer, out: target.pointer, accumulate: adds))
    } else if m == 1 && !transposeB {
      emit(
        .thinGradient(
          rows: k, columns: n, width: 1, x: b.pointer, w: a.pointer, out: target.pointer, accumulate: adds))
    } else if m == 1 && transposeB {
      emit(
        .thinProduct(
          rows: n, columns: k, width: 1, x: b.pointer, w: a.pointer, out: target.pointer, accumulate: adds))
    } else if k == 1 && !accumulate {
      emit(.outer(rows: m, columns: n, x: a.pointer, w: b.pointer, out: target.pointer))
    } else if keepsRowsApart {
      let whole = (n + Self.tileColumns - 1) / Self.tileColumns * Self.tileColumns
      let right = region(rows: k, columns: whole)
      copyColumns(n, of: transposeB ? transposed(b) : b, to: right)
      let product = region(rows: m, columns: whole)
      multiply(a, right, transposeA: transposeA, into: product)
      copyColumns(n, of: product, to: target, accumulate: accumulate)
    } else {
      emit(
        .multiply(
          transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, a: a.pointer, b: b.pointer,
          beta: accumulate ? 1 : 0, c: target.pointer))
    }
    if let after { emit(.biasActivation(rows: m, columns: n, y: target.pointer, after: after)) }
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
