import TabularData
import Wording

/// Reads cells that say yes or no: labels and decisions.
struct BinaryCells {
  /// The column's name.
  let column: String

  /// The cells that mean yes; nil: 0 and 1, or true and false.
  let positive: [String]?

  /// What the message of a cell that is neither says to do.
  let remedy: String

  private var meanings: [Bool?] = []

  /// The positive cells that occurred.
  private(set) var found: Set<String> = []

  init(column: String, positive: [String]?, remedy: String) {
    self.column = column
    self.positive = positive
    self.remedy = remedy
  }

  /// Reads the cells of a piece.
  ///
  /// - Parameter values: The texts of the codes so far.
  mutating func read(_ codes: [Int32], values: [String], _ origins: RowOrigins) throws(DataError) -> [Bool] {
    for value in values.dropFirst(meanings.count) {
      if let positive {
        if positive.contains(value) { found.insert(value) }
        meanings.append(positive.contains(value))
      } else {
        meanings.append(Self.meaning(value))
      }
    }
    if let row = codes.firstIndex(where: { $0 < 0 || meanings[Int($0)] == nil }) {
      let place = origins.place(ofRow: row)
      if codes[row] < 0 {
        throw DataError(.badData, at: place, "column '\(column)' is missing. Leave out the rows without it.")
      }
      throw DataError(
        .badData, at: place,
        "column '\(column)' holds \(Excerpt.quoted(values[Int(codes[row])])), which is neither 0 nor 1. \(remedy)")
    }
    let isPositive = meanings.map { $0 ?? false }
    return codes.map { isPositive[Int($0)] }
  }

  private static func meaning(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "1", "1.0", "true": true
    case "0", "0.0", "false": false
    default: nil
    }
  }
}
