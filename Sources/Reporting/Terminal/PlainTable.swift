/// A table of texts, its columns as wide as their longest cell.
struct PlainTable {
  /// The heading of each column, and whether its cells stand to the right.
  var columns: [(heading: String, isRight: Bool)]
  var rows: [[String]] = []

  /// The table, a line a row, indented by two spaces; cells come as they are, so texts from data are neutralised before.
  var text: String {
    let widths = columns.indices.map { column in
      (rows.map { TerminalText.width($0[column]) } + [TerminalText.width(columns[column].heading)]).max() ?? 0
    }
    var text = ""
    for cells in [columns.map(\.heading)] + rows {
      var line = ""
      for (column, cell) in cells.enumerated() {
        let space = String(repeating: " ", count: max(0, widths[column] - TerminalText.width(cell)))
        line += columns[column].isRight ? "  " + space + cell : "  " + cell + space
      }
      while line.utf8.last == 0x20 { line.removeLast() }
      text += line
      text += "\n"
    }
    return text
  }
}
