import CKernels
import Synchronization

/// The rows of a matrix as the engine reads them in training: never changed, at a fixed address, and sparse where that
/// pays.
///
/// Encoded tables repeat themselves: all but one of a category's indicators hold the same value, 0, or what
/// standardisation made of it. Such a matrix is kept as a *base row* and each row's deviations from it, so that a
/// product with k deviations a row costs k multiplications a column instead of d:
/// `x·W = base·W + Σₚ (xₚ − baseₚ)·Wₚ`. The results equal the dense ones but for the rounding of sums.
///
/// Whether a matrix is sparse depends on the base row given and on the data; two `FeatureRows` of the same base row and
/// the same data compute the same bits, and so do any of their rows.
public final class FeatureRows<Scalar: EngineScalar>: @unchecked Sendable {
  // Unchecked because the compiler cannot see that nothing is written after `init`.

  /// The number of rows, n.
  public let rows: Int

  /// The number of columns, d.
  public let columns: Int

  private let matrix: Matrix<Scalar>

  /// The dense values, copied when they are first asked for: where all readers work with deviations they never are.
  private let dense = Mutex<UnsafeAddress?>(nil)

  /// An address that may go from thread to thread: what stands there is never changed.
  private struct UnsafeAddress: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer
  }

  /// The rows as deviations; nil where they are dense.
  package let deviations: eq_rows?

  private let allocations: [UnsafeMutableRawPointer]

  /// - Parameters:
  ///   - matrix: The rows, `[n, d]`.
  ///   - base: What most rows hold in each column, d values; nil keeps the rows dense.
  /// - Precondition: `base` has d values; `matrix` has fewer than 2³¹ deviations from it.
  public init(_ matrix: Matrix<Scalar>, base: [Scalar]? = nil) {
    rows = matrix.rows
    columns = matrix.columns
    self.matrix = matrix
    guard let base else {
      deviations = nil
      allocations = []
      return
    }
    precondition(base.count == matrix.columns, "FeatureRows: \(base.count) base values for \(matrix.columns) columns")
    var starts: [Int32] = [0]
    var places: [Int32] = []
    var values: [Scalar] = []
    starts.reserveCapacity(matrix.rows + 1)
    places.reserveCapacity(matrix.values.count / 4)
    values.reserveCapacity(matrix.values.count / 4)
    matrix.values.withUnsafeBufferPointer { all in
      for row in 0..<matrix.rows {
        for column in 0..<matrix.columns {
          let value = all[row * matrix.columns + column]
          if value != base[column] {
            places.append(Int32(column))
            values.append(value - base[column])
          }
        }
        starts.append(Int32(places.count))
      }
    }
    let pointers = [Self.copy(base), Self.copy(starts), Self.copy(places), Self.copy(values)]
    allocations = pointers
    deviations = eq_rows(
      base: UnsafeRawPointer(pointers[0]), starts: pointers[1].assumingMemoryBound(to: Int32.self),
      columns: pointers[2].assumingMemoryBound(to: Int32.self), values: UnsafeRawPointer(pointers[3]))
  }

  deinit {
    for pointer in allocations { pointer.deallocate() }
    dense.withLock { $0?.pointer.deallocate() }
  }

  /// All values, row by row, at an address that lasts as long as this object.
  package var densePointer: UnsafeRawPointer {
    dense.withLock { address in
      if let address { return UnsafeRawPointer(address.pointer) }
      let copy = Self.copy(matrix.values)
      address = UnsafeAddress(pointer: copy)
      return UnsafeRawPointer(copy)
    }
  }

  private static func copy<Value>(_ array: [Value]) -> UnsafeMutableRawPointer {
    let bytes = UnsafeMutableRawPointer.allocate(
      byteCount: max(64, array.count * MemoryLayout<Value>.stride), alignment: 64)
    array.withUnsafeBytes { if let base = $0.baseAddress { bytes.copyMemory(from: base, byteCount: $0.count) } }
    return bytes
  }
}
