import FairnessMetrics
import TabularData

/// Makes the groups of one column from the cells of one piece after the other; codes keep their meaning.
struct GroupCoder {
  private let source: GroupSource

  /// The positions in the reader's request of the columns that are read.
  private let columns: [Int]

  private(set) var groups: [String] = []
  /// The groups of each code.
  private(set) var members: [[Int32]] = []
  private var codeOfSet: [[Int32]: Int32] = [:]
  private var groupOf: [String: Int32] = [:]

  /// Whether a row had a value.
  private(set) var hasValues = false

  init(_ source: GroupSource, columns: [Int]) {
    self.source = source
    self.columns = columns
    switch source.making {
    case .values, .multiValued: break
    case .bins(let bins):
      groups = bins.names
      members = groups.indices.map { [Int32($0)] }
    case .soft(let names, _): groups = names
    }
  }

  /// The name of the column that is made.
  var name: String { source.name }

  /// The codes of a piece's rows; −1 where the value is missing.
  mutating func codes(_ piece: TablePiece, _ reader: any PieceReader) -> [Int32] {
    let codes = made(piece, reader)
    if !hasValues { hasValues = codes.contains { $0 >= 0 } }
    return codes
  }

  private mutating func made(_ piece: TablePiece, _ reader: any PieceReader) -> [Int32] {
    switch (source.making, piece.columns[columns[0]]) {
    case (.values, .codes(let codes)):
      for value in reader.values(of: columns[0]).dropFirst(groups.count) {
        members.append([Int32(groups.count)])
        groups.append(value)
      }
      return codes
    case (.multiValued(let separator), .codes(let codes)):
      for value in reader.values(of: columns[0]).dropFirst(members.count) { addSet(value, separator) }
      return codes
    case (.bins(let bins), .numbers(let values)): return bins.column(name: name, values: values).codes
    case (.soft(_, let threshold), .numbers): return softCodes(piece, threshold)
    default: preconditionFailure("GroupCoder '\(name)': the piece holds cells of another kind than was asked for")
    }
  }

  /// Adds the groups of one distinct cell. A part that is empty is no group.
  private mutating func addSet(_ cell: String, _ separator: String) {
    var set: Set<Int32> = []
    for part in cell.split(separator: separator).map(\.trimmed) where !part.isEmpty {
      let group = groupOf[part] ?? Int32(groups.count)
      if group == groups.count {
        groupOf[part] = group
        groups.append(part)
      }
      set.insert(group)
    }
    members.append(set.sorted())
  }

  private mutating func softCodes(_ piece: TablePiece, _ threshold: Double) -> [Int32] {
    let annotations = columns.map { column -> [Double] in
      if case .numbers(let values) = piece.columns[column] { values } else { [] }
    }
    return (0..<piece.rows).map { row in
      if annotations.allSatisfy({ $0[row].isNaN }) { return -1 }
      let set = annotations.indices.filter { annotations[$0][row] >= threshold }.map { Int32($0) }
      if let code = codeOfSet[set] { return code }
      let code = Int32(members.count)
      codeOfSet[set] = code
      members.append(set)
      return code
    }
  }

  /// The column of some rows' codes.
  func column(_ codes: [Int32]) -> SliceColumn {
    SliceColumn(name: name, groups: groups, members: members, codes: codes)
  }
}
