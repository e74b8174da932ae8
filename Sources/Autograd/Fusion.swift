/// A node as the planner computes it: itself, or the end of a chain that one operation computes at once.
struct PlannedNode {
  let node: Node
  let operation: any Operation
  let inputs: [Node]
}

/// Orders the nodes that the roots need, and joins chains that have a fused kernel.
///
/// `dropout(relu(matmul(x, w) + b))`, without dropout or without ReLU as well, becomes one operation when nothing else
/// reads the values in between. The fused derivative needs the result alone, so nothing is stored twice.
enum Fusion {
  /// The nodes behind `roots`, inputs first.
  static func plan(roots: [Node], fusing: Bool) -> [PlannedNode] {
    let order = topologicalOrder(roots)
    guard fusing else { return order.map { PlannedNode(node: $0, operation: $0.operation, inputs: $0.inputs) } }

    var uses: [ObjectIdentifier: Int] = [:]
    for node in order { for input in node.inputs { uses[ObjectIdentifier(input), default: 0] += 1 } }
    for root in roots { uses[ObjectIdentifier(root), default: 0] += 1 }

    var absorbed: Set<ObjectIdentifier> = []
    var planned: [PlannedNode] = []
    for node in order.reversed() where !absorbed.contains(ObjectIdentifier(node)) {
      if let chain = chain(endingIn: node, uses: uses) {
        for inner in chain.inner { absorbed.insert(ObjectIdentifier(inner)) }
        planned.append(PlannedNode(node: node, operation: chain.operation, inputs: chain.inputs))
      } else {
        planned.append(PlannedNode(node: node, operation: node.operation, inputs: node.inputs))
      }
    }
    return planned.reversed()
  }

  private static func chain(
    endingIn last: Node, uses: [ObjectIdentifier: Int]
  ) -> (operation: Dense, inputs: [Node], inner: [Node])? {
    var inner: [Node] = []
    /// Steps to the first input, if nothing else reads it.
    func descend(from node: Node) -> Node? {
      let input = node.inputs[0]
      guard uses[ObjectIdentifier(input)] == 1 else { return nil }
      inner.append(input)
      return input
    }

    var current = last
    let dropout = current.operation as? Dropout
    if dropout != nil {
      guard let next = descend(from: current) else { return nil }
      current = next
    }
    let isReLU = (current.operation as? Unary)?.kind == .relu
    if dropout != nil && !isReLU { return nil }
    if isReLU {
      guard let next = descend(from: current) else { return nil }
      current = next
    }
    guard let sum = current.operation as? Binary, sum.kind == .add, current.inputs[1].rows == 1,
      current.inputs[1].columns == current.columns, current.inputs[0].rows == current.rows
    else { return nil }
    let bias = current.inputs[1]
    guard let product = descend(from: current), let matrixProduct = product.operation as? MatrixProduct,
      product.columns == current.columns, !product.inputs.contains(where: { $0 === bias })
    else { return nil }
    return (
      Dense(product: matrixProduct, relu: isReLU, dropout: dropout), [product.inputs[0], product.inputs[1], bias], inner
    )
  }

  /// The nodes behind `roots`, each once, inputs before what reads them. The order depends on the graph alone.
  private static func topologicalOrder(_ roots: [Node]) -> [Node] {
    var order: [Node] = []
    var visited: Set<ObjectIdentifier> = []
    for root in roots {
      // An explicit stack, so that a deep graph cannot exhaust the thread's.
      var stack: [(node: Node, next: Int)] = [(root, 0)]
      if !visited.insert(ObjectIdentifier(root)).inserted { continue }
      while let top = stack.last {
        if top.next < top.node.inputs.count {
          stack[stack.count - 1].next += 1
          let input = top.node.inputs[top.next]
          if visited.insert(ObjectIdentifier(input)).inserted { stack.append((input, 0)) }
        } else {
          order.append(top.node)
          stack.removeLast()
        }
      }
    }
    return order
  }
}
