/// How the cells of a CSV file are told apart.
///
/// Cells may be quoted with `"` as in RFC 4180 (`""` stands for one quotation mark, line breaks are part of the cell);
/// rows end in LF or CRLF; a byte-order mark is skipped, and so are lines without any cell. A quotation mark inside an
/// unquoted cell is an ordinary character.
public struct CSVFormat: Sendable, Equatable, Codable {
  /// The character between cells, an ASCII one.
  public var separator: String

  /// The names of the columns, where the file has no header line.
  public var columnNames: [String]?

  /// What a line before the first row (the header, where there is one) begins with if it is a comment, as `|` in
  /// `adult.test`; nil: there are no comments. After the first row every line is a row, whatever it begins with, so that
  /// no row of data is taken for a comment and lost.
  public var comment: String?

  /// Whether blanks before and after unquoted cells are left out, as after Adult's commas.
  public var trimsBlanks: Bool

  public init(
    separator: String = ",", columnNames: [String]? = nil, comment: String? = nil, trimsBlanks: Bool = true
  ) {
    self.separator = separator
    self.columnNames = columnNames
    self.comment = comment
    self.trimsBlanks = trimsBlanks
  }
}
