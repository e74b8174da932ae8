import LinearAlgebra

extension Parameters: Codable {
  private enum CodingKeys: CodingKey {
    case names
    case rows
    case columns
    case values
  }

  /// Writes the names and shapes of the entries, and all values.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(entries.map(\.name), forKey: .names)
    try container.encode(entries.map { Int32(clamping: $0.rows) }, forKey: .rows)
    try container.encode(entries.map { Int32(clamping: $0.columns) }, forKey: .columns)
    try container.encode(values, forKey: .values)
  }

  /// Reads what was written.
  ///
  /// - Throws: `DecodingError` where a name occurs twice, or the shapes do not add up to the values.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let names = try container.decode([String].self, forKey: .names)
    let rows = try container.decode([Int32].self, forKey: .rows)
    let columns = try container.decode([Int32].self, forKey: .columns)
    let values = try container.decode([Scalar].self, forKey: .values)
    var entries: [Entry] = []
    var offset = 0
    var areSound = rows.count == names.count && columns.count == names.count && Set(names).count == names.count
    if areSound {
      for (index, name) in names.enumerated() {
        let (rows, columns) = (Int(rows[index]), Int(columns[index]))
        areSound = areSound && rows >= 0 && columns >= 0
        entries.append(Entry(name: name, rows: rows, columns: columns, offset: offset))
        // Both are below 2³¹, so that a product stays below 2⁶²; the sum is cut before it could grow further.
        offset = min(offset, values.count + 1) + rows * columns
      }
    }
    guard areSound, offset == values.count else {
      throw DecodingError.dataCorruptedError(
        forKey: .values, in: container, debugDescription: "the shapes do not add up to the values")
    }
    self.init(entries: entries, values: values)
  }
}
