import OrderedJSON
import RunRecords
import TabularData

/// Tables as CSV.
enum CSVText {
  /// The line of the column names.
  static func header(_ names: [String]) -> [UInt8] {
    Array(names.map(CSVCell.encoded).joined(separator: [0x2c])) + [0x0a]
  }

  /// Lines of cells; a number stays a number, below 0 too.
  static func lines(_ rows: [[String]]) -> [UInt8] {
    var bytes: [UInt8] = []
    for row in rows {
      let cells = row.map { Double($0) == nil ? CSVCell.encoded($0) : Array($0.utf8) }
      bytes += Array(cells.joined(separator: [0x2c])) + [0x0a]
    }
    return bytes
  }

  /// The rows of a table; a missing cell is empty.
  static func rows(of table: Table) -> [UInt8] {
    let names = table.columns.map { column -> [[UInt8]] in
      if case .categorical(_, let categories) = column.cells { categories.map(CSVCell.encoded) } else { [] }
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(table.rowCount * table.columns.count * 8)
    for row in 0..<table.rowCount {
      for (index, column) in table.columns.enumerated() {
        if index > 0 { bytes.append(0x2c) }
        switch column.cells {
        case .numeric(let values):
          if values[row].isFinite { bytes.append(contentsOf: JSONNumber(values[row]).text.utf8) }
        case .categorical(let codes, _):
          if codes[row] >= 0 { bytes.append(contentsOf: names[index][Int(codes[row])]) }
        }
      }
      bytes.append(0x0a)
    }
    return bytes
  }
}
