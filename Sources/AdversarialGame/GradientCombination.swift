import Autograd

/// Makes the classifier's direction of its two gradients, in single precision, the products summed in double.
package struct GradientCombination {
  /// A parameter: where it stands in the vector of all, and its shape.
  private struct Block {
    let offset: Int
    let rows: Int
    let columns: Int
    let isBias: Bool

    var range: Range<Int> { offset..<offset + rows * columns }
  }

  private let update: ClassifierUpdate
  private let blocks: [Block]
  private let count: Int

  /// - Parameter entries: The classifier's parameters; those whose names end in `bias` are vectors.
  package init(_ update: ClassifierUpdate, entries: [Parameters<Float>.Entry]) {
    self.update = update
    blocks = entries.map {
      Block(offset: $0.offset, rows: $0.rows, columns: $0.columns, isBias: $0.name.hasSuffix("bias"))
    }
    count = entries.reduce(0) { $0 + $1.count }
  }

  /// Replaces g_y by the direction.
  ///
  /// - Parameters:
  ///   - label: g_y, p values; the direction afterwards.
  ///   - adversary: g_z of the joint loss, along which is projected.
  ///   - pressure: What, multiplied by `factor`, is `Σⱼ dⱼ·∇L_z,ⱼ`, which is subtracted.
  ///   - tally: Is told of the step.
  package func combine(
    label: UnsafeMutablePointer<Float>, adversary: UnsafePointer<Float>, pressure: UnsafePointer<Float>,
    times factor: Float = 1, tally: inout GradientTally
  ) {
    let labelSquare = Self.product(label, label, 0..<count)
    let adversarySquare = Self.product(adversary, adversary, 0..<count)
    let product = Self.product(label, adversary, 0..<count)
    var removed: Double?
    switch update {
    case .combined: break
    case .projected(.allParameters):
      removed = Self.remove(product, adversarySquare, of: adversary, from: label, 0..<count)
    case .projected(.eachTensor):
      removed = blocks.reduce(0) { sum, block in
        sum
          + Self.remove(
            Self.product(label, adversary, block.range), Self.product(adversary, adversary, block.range),
            of: adversary, from: label, block.range)
      }
    case .projected(.eachTensorByInnerSums):
      removed = blocks.reduce(0) { sum, block in
        let product =
          block.isBias
          ? Self.product(label, adversary, block.range) : Self.innerSum(label, adversary, block)
        return sum
          + Self.remove(
            product, Self.product(adversary, adversary, block.range), of: adversary, from: label, block.range)
      }
    }
    tally.add(
      labelSquare: labelSquare, adversarySquare: adversarySquare, product: product, removedSquare: removed)
    for index in 0..<count { label[index] -= factor * pressure[index] }
  }

  /// Subtracts `(product / square)·b` from a, and returns the squared length of what was subtracted.
  private static func remove(
    _ product: Double, _ square: Double, of b: UnsafePointer<Float>, from a: UnsafeMutablePointer<Float>,
    _ range: Range<Int>
  ) -> Double {
    guard square > 0 else { return 0 }
    let coefficient = product / square
    // In double, so that what is left along b is the rounding of a's own numbers.
    for index in range { a[index] = Float(Double(a[index]) - coefficient * Double(b[index])) }
    return coefficient * coefficient * square
  }

  private static func product(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ range: Range<Int>) -> Double {
    var sum = 0.0
    for index in range { sum += Double(a[index]) * Double(b[index]) }
    return sum
  }

  /// `Σᵢ (Σₖ aᵢₖ)·(Σₗ bᵢₗ)` over the rows i, which are inputs.
  private static func innerSum(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ block: Block) -> Double {
    var sum = 0.0
    for row in 0..<block.rows {
      var (first, second) = (0.0, 0.0)
      let start = block.offset + row * block.columns
      for index in start..<start + block.columns {
        first += Double(a[index])
        second += Double(b[index])
      }
      sum += first * second
    }
    return sum
  }
}
