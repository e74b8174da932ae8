/// A hundred people as dots, ten by ten: how a group fares, in numbers that can be counted.
package struct PeopleGrid: Sendable {
  /// What becomes of people, in the order in which the dots are drawn.
  package enum Fate: Int, CaseIterable, Sendable {
    case rightlySelected, wronglySelected, missed, rightlyRejected

    fileprivate var name: String { ["tp", "fp", "fn", "tn"][rawValue] }
  }

  /// The number of dots of each fate; they add up to 100.
  package let counts: [Int]

  /// - Parameters:
  ///   - rows: The rows of each fate, in the order of `Fate`; at least one row in all.
  package init(rows: [Double]) {
    counts = Self.apportioned(rows)
  }

  /// A hundred divided in the proportion of some numbers: each its whole part, the rest to the largest remainders.
  package static func apportioned(_ numbers: [Double]) -> [Int] {
    let total = numbers.reduce(0, +)
    guard total > 0 else { return numbers.map { _ in 0 } }
    let exact = numbers.map { 100 * $0 / total }
    var counts = exact.map { Int($0) }
    let order = exact.indices.sorted { exact[$0] - Double(counts[$0]) > exact[$1] - Double(counts[$1]) }
    for index in order.prefix(100 - counts.reduce(0, +)) { counts[index] += 1 }
    return counts
  }

  /// The dots, as a picture with a description.
  package func svg(_ description: String) -> Markup {
    var dots = Markup()
    var place = 0
    for fate in Fate.allCases {
      for _ in 0..<counts[fate.rawValue] {
        dots += Self.symbol(fate, x: Double(place % 10) * 16 + 8, y: Double(place / 10) * 16 + 8)
        place += 1
      }
    }
    return "<svg class=\"people\" viewBox=\"0 0 160 160\" role=\"img\" aria-label=\"\(description)\">\(dots)</svg>"
  }

  /// The sign of a fate; signs differ in shape, not in colour alone.
  static func symbol(_ fate: Fate, x: Double, y: Double) -> Markup {
    switch fate {
    case .rightlySelected: "<circle class=\"\(fate.name)\" cx=\"\(x)\" cy=\"\(y)\" r=\"6\"/>"
    case .wronglySelected:
      "<rect class=\"\(fate.name)\" x=\"\(x - 5)\" y=\"\(y - 5)\" width=\"10\" height=\"10\" rx=\"1\"/>"
    case .missed: "<circle class=\"\(fate.name)\" cx=\"\(x)\" cy=\"\(y)\" r=\"5\"/>"
    case .rightlyRejected: "<circle class=\"\(fate.name)\" cx=\"\(x)\" cy=\"\(y)\" r=\"2.2\"/>"
    }
  }
}
