import Autograd
import CKernels
import LinearAlgebra

/// The inputs of a program that hold a batch: rows of matrices, copied together before each run.
///
/// Addresses are looked up once, when the step is planned. Whoever keeps this keeps the matrices and the program too.
struct BatchInputs {
  private struct Copy {
    let source: UnsafeRawPointer
    let columns: Int
    let target: UnsafeMutablePointer<Float>
  }

  private let gatherRows = Precision.single.kernels.pointee.gather_rows
  private var copies: [Copy] = []

  /// Adds an input; one that the program does not read is passed over.
  mutating func add(_ input: Tensor<Float>?, from source: FeatureRows<Float>?, of program: Program<Float>) {
    guard let input, let source else { return }
    add(input, from: source.densePointer, of: program)
  }

  /// Adds an input whose rows lie at an address, dense.
  mutating func add(_ input: Tensor<Float>, from source: UnsafeRawPointer, of program: Program<Float>) {
    guard let target = program.pointer(of: input) else { return }
    copies.append(Copy(source: source, columns: input.columns, target: target))
  }

  /// Copies the rows of a batch.
  func gather(_ indices: UnsafeBufferPointer<Int32>) {
    guard let first = indices.baseAddress else { return }
    for copy in copies { gatherRows(indices.count, copy.columns, first, copy.source, copy.target) }
  }
}

/// Values of one table of rows, at an address that does not change, for as long as this lives.
final class RowValues {
  let pointer: UnsafeMutablePointer<Float>
  let count: Int

  init(count: Int) {
    self.count = count
    pointer = .allocate(capacity: max(1, count))
    pointer.initialize(repeating: 0, count: max(1, count))
  }

  deinit {
    pointer.deallocate()
  }

  var isEmpty: Bool { count == 0 }
}
