import CKernels
import LinearAlgebra

/// What a node computes. Value and derivative of an operation stand side by side in one type.
package protocol Operation {
  /// Plans the instructions that write the node's value into `output`, and returns what the derivative needs besides
  /// the values: a dropout mask, say.
  func planValue(_ planner: inout Planner, inputs: [Region], output: Region) -> Region?

  /// Plans the instructions that add the node's share to the gradients of its inputs.
  ///
  /// `step.outputGradient` is complete by then, and this is its last reader: it may be overwritten.
  func planGradient(_ planner: inout Planner, _ step: GradientStep)

  /// Whether the derivative with respect to the input of this index is other than zero.
  func hasGradient(input: Int) -> Bool

  /// Whether the operation can read the input of this index as deviations from a base row, see `RowsLeaf`.
  func readsDeviations(input: Int) -> Bool

  /// Whether the value is the first input's, so that both can share their memory.
  var sharesInput: Bool { get }

  /// How a row of the value depends on the inputs, for a value of so many rows: for each input, whether on the row of
  /// the same number alone (true) or on all of it (false); nil where that does not describe it.
  func rowwiseInputs(_ inputs: [Node], rows: Int) -> [Bool]?
}

extension Operation {
  package func hasGradient(input: Int) -> Bool { true }
  package func readsDeviations(input: Int) -> Bool { false }
  package var sharesInput: Bool { false }
  package func rowwiseInputs(_ inputs: [Node], rows: Int) -> [Bool]? { nil }
}

/// An operation of which each row depends on the same row of every input.
protocol RowwiseOperation: Operation {}

extension RowwiseOperation {
  package func rowwiseInputs(_ inputs: [Node], rows: Int) -> [Bool]? { inputs.map { $0.rows == rows } }
}

/// What an operation's derivative may read, and where it writes.
package struct GradientStep {
  /// The values of the inputs.
  let inputs: [Region]

  /// The value of the node.
  let output: Region

  /// ∂loss/∂output, of the same shape as `output`.
  let outputGradient: Region

  /// What `planValue` returned.
  let auxiliary: Region?

  /// For each input, where its gradient is collected; nil where none is wanted.
  let targets: [GradientTarget?]
}

/// A gradient under construction.
package struct GradientTarget {
  let region: Region

  /// Whether another consumer of the value has written its share already: then add, otherwise overwrite.
  let accumulates: Bool
}

/// A dense, row-major matrix somewhere in the memory of a program.
package struct Region {
  package let pointer: UnsafeMutableRawPointer
  package let rows: Int
  package let columns: Int

  /// Where the values stand instead, when they are rows given by their deviations from a base row; `pointer` then holds
  /// nothing.
  package var deviations: SelectedDeviations? = nil

  package var count: Int { rows * columns }

  /// Some of the rows, where a value takes so many bytes.
  func slice(_ range: Range<Int>, stride: Int) -> Region {
    guard let deviations else {
      return Region(pointer: pointer + range.lowerBound * columns * stride, rows: range.count, columns: columns)
    }
    return Region(
      pointer: pointer, rows: range.count, columns: columns,
      deviations: SelectedDeviations(rows: deviations.rows, indices: deviations.indices + range.lowerBound))
  }
}

/// Rows given by deviations, and which of them are meant.
package struct SelectedDeviations {
  let rows: eq_rows
  let indices: UnsafePointer<Int32>
}

/// A value that is set from outside before a run.
struct InputLeaf: Operation {
  func planValue(_ planner: inout Planner, inputs: [Region], output: Region) -> Region? { nil }
  func planGradient(_ planner: inout Planner, _ step: GradientStep) {}
}

/// A value that is written once, when the program is planned.
struct ConstantLeaf<Scalar: EngineScalar>: Operation {
  let values: [Scalar]

  func planValue(_ planner: inout Planner, inputs: [Region], output: Region) -> Region? {
    let target = output.pointer.assumingMemoryBound(to: Scalar.self)
    for (index, value) in values.enumerated() { target[index] = value }
    return nil
  }

  func planGradient(_ planner: inout Planner, _ step: GradientStep) {}
}

/// A value that lives in a parameter storage, at an offset.
struct ParameterLeaf<Scalar: EngineScalar>: Operation {
  let storage: ParameterStorage<Scalar>
  let offset: Int

  func planValue(_ planner: inout Planner, inputs: [Region], output: Region) -> Region? { nil }
  func planGradient(_ planner: inout Planner, _ step: GradientStep) {}
}

/// Rows of a fixed matrix, chosen anew before each run.
///
/// Where every operation that reads them can work with deviations from a base row, and the matrix has them, the rows
/// are never copied together.
struct RowsLeaf<Scalar: EngineScalar>: Operation {
  let source: FeatureRows<Scalar>

  func planValue(_ planner: inout Planner, inputs: [Region], output: Region) -> Region? { nil }
  func planGradient(_ planner: inout Planner, _ step: GradientStep) {}
}
