/// Points that fill the unit cube more evenly than random ones: the Sobol sequence, in at most 32 dimensions.
///
/// Any first part of the sequence fills the cube, so that a design may be extended; numbers of points that are powers
/// of two are the most even.
///
/// - Source: Sobol (1967); the direction numbers of Joe and Kuo (2008), "Constructing Sobol sequences with better
///   two-dimensional projections", SIAM J. Sci. Comput. 30, in the order of their file new-joe-kuo-6.
package struct SobolSequence: Sendable {
  /// The largest number of dimensions.
  static let mostDimensions = 32

  /// The binary digits of a coordinate.
  private static let bits = 32

  /// `directions[d][k]`: what flips in dimension d where the k-th digit of the point's Gray code does.
  private let directions: [[UInt32]]

  /// - Precondition: `dimensions` in 1...32.
  package init(dimensions: Int) {
    precondition(1...Self.mostDimensions ~= dimensions, "SobolSequence: \(dimensions) dimensions")
    directions = (0..<dimensions).map { dimension in
      guard dimension > 0 else { return (0..<Self.bits).map { 1 << UInt32(Self.bits - 1 - $0) } }
      let (polynomial, initial) = Self.table[dimension - 1]
      let degree = initial.count
      var numbers = initial
      for index in degree..<Self.bits {
        // m_i = 2a_1·m_{i−1} ⊕ … ⊕ 2^{s−1}a_{s−1}·m_{i−s+1} ⊕ 2^s·m_{i−s} ⊕ m_{i−s}
        var number = numbers[index - degree] ^ numbers[index - degree] << UInt64(degree)
        for step in 1..<max(degree, 1) where polynomial >> UInt64(degree - step) & 1 == 1 {
          number ^= numbers[index - step] << UInt64(step)
        }
        numbers.append(number)
      }
      return numbers.enumerated().map { index, number in UInt32(number << UInt64(Self.bits - 1 - index)) }
    }
  }

  /// A point of the sequence, counted from 0; its coordinates as fractions of 2³². The point 0 is the corner.
  package func point(_ index: Int) -> [UInt32] {
    let gray = index ^ index >> 1
    return directions.map { numbers in
      var coordinate: UInt32 = 0
      for (bit, number) in numbers.enumerated() where gray >> bit & 1 == 1 { coordinate ^= number }
      return coordinate
    }
  }

  /// The primitive polynomial of each dimension from the second on, its digits from the highest power down, and the
  /// first direction numbers.
  private static let table: [(polynomial: UInt64, initial: [UInt64])] = [
    (3, [1]),
    (7, [1, 3]),
    (11, [1, 3, 1]),
    (13, [1, 1, 1]),
    (19, [1, 1, 3, 3]),
    (25, [1, 3, 5, 13]),
    (37, [1, 1, 5, 5, 17]),
    (41, [1, 1, 5, 5, 5]),
    (47, [1, 1, 7, 11, 19]),
    (55, [1, 1, 5, 1, 1]),
    (59, [1, 1, 1, 3, 11]),
    (61, [1, 3, 5, 5, 31]),
    (67, [1, 3, 3, 9, 7, 49]),
    (91, [1, 1, 1, 15, 21, 21]),
    (97, [1, 3, 1, 13, 27, 49]),
    (103, [1, 1, 1, 15, 7, 5]),
    (109, [1, 3, 1, 15, 13, 25]),
    (115, [1, 1, 5, 5, 19, 61]),
    (131, [1, 3, 7, 11, 23, 15, 103]),
    (137, [1, 3, 7, 13, 13, 15, 69]),
    (143, [1, 1, 3, 13, 7, 35, 63]),
    (145, [1, 3, 5, 9, 1, 25, 53]),
    (157, [1, 3, 1, 13, 9, 35, 107]),
    (167, [1, 3, 1, 5, 27, 61, 31]),
    (171, [1, 1, 5, 11, 19, 41, 61]),
    (185, [1, 3, 5, 3, 3, 13, 69]),
    (191, [1, 1, 7, 13, 1, 19, 1]),
    (193, [1, 3, 7, 5, 13, 19, 59]),
    (203, [1, 1, 3, 9, 25, 29, 41]),
    (211, [1, 3, 5, 13, 23, 1, 55]),
    (213, [1, 3, 7, 3, 13, 59, 17]),
  ]
}
