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
    return ([columns.map(\.heading)] + rows).map { cells in
      var line = ""
      for (column, cell) in cells.enumerated() {
        line += "  " + TerminalText.padded(cell, to: widths[column], right: columns[column].isRight)
      }
      while line.utf8.last == 0x20 { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}
