import LinearAlgebra

/// The part a row plays.
public enum SplitName: String, Sendable, Equatable, Hashable, Codable, CaseIterable, CodingKeyRepresentable {
  case train, validation, test

  /// The order in which a random split gives rows to its parts.
  fileprivate static let drawingOrder: [SplitName] = [.test, .validation, .train]
}

/// Which rows train, validate and test.
public enum DataSplit: Sendable, Equatable, Codable {
  /// Drawn at random.
  ///
  /// - Parameters:
  ///   - shares: Fractions of the rows, above 0; their sum is at most 1, and rows beyond it are not used.
  ///   - stratify: What keeps its proportions in every part.
  ///   - seed: The same seed and rows give the same parts.
  case fractions([SplitName: Double], stratify: Stratification, seed: UInt64)

  /// By the values of a column, which is then no feature. Rows with other values, or none, are not used.
  ///
  /// - Parameter values: The values that mean each part; nil: the words `train`, `validation`, `test` themselves.
  case column(String, values: [SplitName: [String]]?)

  /// By the table that a row is in: `prepare(_:)` is given a table per part.
  case tables

  /// What keeps its proportions in every part of a random split.
  public enum Stratification: Sendable, Equatable, Codable {
    case label
    case column(String)
    case none
  }
}

/// Draws rows for the parts of a random split.
package enum SplitDrawing {
  /// The sizes of the parts of n rows.
  ///
  /// As scikit-learn's `train_test_split` has it, validation and test are rounded up and train gets the rest; where
  /// the shares leave rows over, train is rounded down. (A share times n that is whole but for rounding is whole.)
  package static func sizes(_ shares: [SplitName: Double], rows n: Int) -> [SplitName: Int] {
    let total = shares.values.reduce(0, +)
    let slack = 1e-9 * max(1, Double(n))
    var sizes: [SplitName: Int] = [:]
    var left = n
    for name in [SplitName.test, .validation] {
      guard let share = shares[name] else { continue }
      let size = min(left, Int((share * Double(n) - slack).rounded(.up)))
      sizes[name] = size
      left -= size
    }
    if let share = shares[.train] {
      sizes[.train] = total >= 1 - 1e-9 ? left : min(left, Int((share * Double(n) + slack).rounded(.down)))
    } else if total >= 1 - 1e-9, let last = sizes.keys.first(where: { $0 == .validation }) {
      sizes[last] = (sizes[last] ?? 0) + left
    }
    return sizes
  }

  /// The rows of each part, in rising order.
  ///
  /// Every part takes from each stratum its proportion of the rows that are left, rounded by largest remainder (ties
  /// to the earlier stratum), so that its size is exact. Within a stratum, rows are drawn without replacement.
  ///
  /// - Parameters:
  ///   - strata: The stratum 0... of every row.
  package static func draw(
    _ sizes: [SplitName: Int], strata: [some BinaryInteger], stream: RandomStream
  ) -> [SplitName: [Int]] {
    var shuffling = stream
    // Four bytes a row: there may be many.
    precondition(strata.count <= Int(Int32.max), "SplitDrawing: \(strata.count) rows")
    var counts = [Int](repeating: 0, count: Int(strata.max() ?? 0) + 1)
    for stratum in strata { counts[Int(stratum)] += 1 }
    var members = counts.map { count in
      var rows: [Int32] = []
      rows.reserveCapacity(count)
      return rows
    }
    for (row, stratum) in strata.enumerated() { members[Int(stratum)].append(Int32(row)) }
    for stratum in members.indices { shuffling.shuffle(&members[stratum]) }
    var partOf = [UInt8](repeating: .max, count: strata.count)
    for (number, name) in SplitName.drawingOrder.enumerated() {
      guard let size = sizes[name] else { continue }
      for (stratum, count) in apportion(size, among: members.map(\.count)).enumerated() {
        for row in members[stratum].suffix(count) { partOf[Int(row)] = UInt8(number) }
        members[stratum].removeLast(count)
      }
    }
    var parts: [SplitName: [Int]] = [:]
    for (number, name) in SplitName.drawingOrder.enumerated() {
      guard let size = sizes[name] else { continue }
      var rows: [Int] = []
      rows.reserveCapacity(size)
      for (row, part) in partOf.enumerated() where part == UInt8(number) { rows.append(row) }
      parts[name] = rows
    }
    return parts
  }

  /// Divides `size` in proportion to `counts`, by largest remainder. No share exceeds its count.
  ///
  /// - Precondition: `size` is at most the sum of `counts`.
  package static func apportion(_ size: Int, among counts: [Int]) -> [Int] {
    let total = counts.reduce(0, +)
    guard total > 0 else { return counts.map { _ in 0 } }
    // Whole numbers throughout: quotient and remainder of size · count / total.
    let products = counts.map { size.multipliedFullWidth(by: $0) }
    let divided = products.map { total.dividingFullWidth($0) }
    var shares = divided.map(\.quotient)
    let missing = size - shares.reduce(0, +)
    let order = counts.indices.sorted {
      (divided[$0].remainder, counts.count - $0) > (divided[$1].remainder, counts.count - $1)
    }
    for index in order.prefix(missing) { shares[index] += 1 }
    return shares
  }
}
