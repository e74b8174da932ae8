/// Cells of text in a CSV file (RFC 4180).
package enum CSVCell {
  /// Characters with which a spreadsheet starts a formula.
  private static let formulaStarts: Set<UInt8> = [0x3d, 0x2b, 0x2d, 0x40, 0x09, 0x0d]

  /// A text as a cell. One that a spreadsheet would run as a formula gets an apostrophe in front, and so does one that
  /// starts with an apostrophe, so that reading can take it away again.
  package static func encoded(_ text: String) -> [UInt8] {
    var bytes = Array(text.utf8)
    if let first = bytes.first, formulaStarts.contains(first) || first == 0x27 { bytes.insert(0x27, at: 0) }
    guard bytes.contains(where: { [0x22, 0x2c, 0x0a, 0x0d].contains($0) }) else { return bytes }
    return [0x22] + bytes.flatMap { $0 == 0x22 ? [0x22, 0x22] : [$0] } + [0x22]
  }

  /// The cells of every line, apostrophes taken away.
  static func lines(of bytes: [UInt8]) -> [[String]] {
    var lines: [[String]] = []
    var cells: [String] = []
    var cell: [UInt8] = []
    var isQuoted = false
    func take() {
      if cell.first == 0x27 { cell.removeFirst() }
      cells.append(String(decoding: cell, as: UTF8.self))
      cell.removeAll(keepingCapacity: true)
    }
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let byte = bytes[index]
      if isQuoted {
        if byte == 0x22, index + 1 < bytes.endIndex, bytes[index + 1] == 0x22 {
          cell.append(byte)
          index += 1
        } else if byte == 0x22 {
          isQuoted = false
        } else {
          cell.append(byte)
        }
      } else {
        switch byte {
        case 0x22: isQuoted = true
        case 0x2c: take()
        case 0x0a:
          take()
          lines.append(cells)
          cells.removeAll(keepingCapacity: true)
        default: cell.append(byte)
        }
      }
      index += 1
    }
    if !cell.isEmpty || !cells.isEmpty {
      take()
      lines.append(cells)
    }
    return lines
  }
}
