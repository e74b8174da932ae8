/// The values of a column that occur in some rows, and how often, collected piece by piece.
///
/// Each value has a number: a category its code, a number the order of its first appearance.
struct ValueTally {
  private let type: ColumnType
  private var categories: [String] = []
  private var numbers: [Double] = []
  private var numberIndex: [Double: Int32] = [:]
  private var counts: [Int] = []

  init(_ type: ColumnType) { self.type = type }

  /// Counts the values of some rows of a piece; missing cells have none.
  mutating func add(_ cells: Table.Cells, rows: [Int]) {
    count(cells, rows: rows) { _ in }
  }

  /// The same, appending the number of each row's value, −1 where it is missing.
  mutating func add(_ cells: Table.Cells, rows: [Int], appendingTo keys: inout [Int32]) {
    keys.reserveCapacity(keys.count + rows.count)
    count(cells, rows: rows) { keys.append($0) }
  }

  @inline(__always)
  private mutating func count(_ cells: Table.Cells, rows: [Int], _ take: (Int32) -> Void) {
    switch cells {
    case .numeric(let values):
      for row in rows {
        let value = values[row]
        guard !value.isNaN else {
          take(-1)
          continue
        }
        let index: Int32
        if let known = numberIndex[value] {
          index = known
        } else {
          index = Int32(numbers.count)
          numberIndex[value] = index
          numbers.append(value)
          counts.append(0)
        }
        counts[Int(index)] += 1
        take(index)
      }
    case .categorical(let codes, let categories):
      if categories.count > self.categories.count {
        self.categories = categories
        counts += [Int](repeating: 0, count: categories.count - counts.count)
      }
      counts.withUnsafeMutableBufferPointer { counts in
        for row in rows {
          let code = codes[row]
          if code >= 0 { counts[Int(code)] += 1 }
          take(code)
        }
      }
    }
  }

  /// The name of each value, by its number.
  var names: [String] {
    type == .numeric ? numbers.map { GroupValue.name($0) } : categories
  }

  /// The values that occur: numbers in rising order, names in the order of their UTF-8 bytes.
  var occurring: [String] {
    switch type {
    case .numeric: numbers.sorted().map { GroupValue.name($0) }
    case .categorical:
      categories.indices.filter { counts[$0] > 0 }.map { categories[$0] }.sorted(by: GroupValue.precedes)
    }
  }

  /// How many rows have each value, by its name.
  var countByName: [String: Int] {
    Dictionary(zip(names, counts), uniquingKeysWith: +)
  }

  /// The value that a name means: equal text, or in a numeric column an equal number.
  func match(_ wanted: String, among values: [String]) -> String? {
    if let value = values.first(where: { $0 == wanted }) { return value }
    guard type == .numeric, let number = GroupValue.number(wanted) else { return nil }
    return values.first { GroupValue.number($0) == number }
  }
}
