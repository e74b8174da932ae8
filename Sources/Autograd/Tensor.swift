import LinearAlgebra

/// A matrix-valued expression: a node of the graph that a `Program` plans and replays.
///
/// A tensor holds no numbers. Inputs, constants and parameters are its leaves; the operations of this module combine
/// them in ordinary Swift. Shapes are `[rows, columns]` and known while the graph is built, so a mistake traps at the
/// line that made it, naming the operation and both shapes.
public struct Tensor<Scalar: EngineScalar> {
  package let node: Node

  package init(_ node: Node) {
    self.node = node
  }

  package init(_ operation: any Operation, _ inputs: [Tensor<Scalar>], rows: Int, columns: Int) {
    node = Node(operation, inputs: inputs.map(\.node), rows: rows, columns: columns)
  }

  /// The number of rows.
  public var rows: Int { node.rows }

  /// The number of columns.
  public var columns: Int { node.columns }

  /// The shape as text for messages: `[32, 93]`.
  var shape: String { "[\(rows), \(columns)]" }

  /// A leaf whose values the program's user sets before each run.
  public static func input(rows: Int, columns: Int) -> Tensor {
    precondition(rows > 0 && columns > 0, "input: [\(rows), \(columns)] is empty")
    return Tensor(InputLeaf(), [], rows: rows, columns: columns)
  }

  /// A leaf that holds rows of a fixed matrix, which `Program.select(_:rows:)` chooses before each run; row 0
  /// everywhere until then.
  public static func rows(_ count: Int, of source: FeatureRows<Scalar>) -> Tensor {
    precondition(
      count > 0 && source.columns > 0 && source.rows > 0, "rows: \(count) rows of [\(source.rows), \(source.columns)]")
    return Tensor(RowsLeaf(source: source), [], rows: count, columns: source.columns)
  }

  /// A leaf with fixed values.
  public static func constant(_ matrix: Matrix<Scalar>) -> Tensor {
    precondition(matrix.rows > 0 && matrix.columns > 0, "constant: [\(matrix.rows), \(matrix.columns)] is empty")
    return Tensor(ConstantLeaf(values: matrix.values), [], rows: matrix.rows, columns: matrix.columns)
  }

  /// A leaf with one fixed value, `[1, 1]`.
  public static func constant(_ value: Scalar) -> Tensor {
    constant(Matrix(rows: 1, columns: 1, values: [value]))
  }
}

/// A node of the graph: an operation on the values of other nodes. It never changes.
package final class Node {
  let operation: any Operation
  let inputs: [Node]
  let rows: Int
  let columns: Int

  init(_ operation: any Operation, inputs: [Node], rows: Int, columns: Int) {
    self.operation = operation
    self.inputs = inputs
    self.rows = rows
    self.columns = columns
  }
}
