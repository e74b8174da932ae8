import OrderedJSON

/// `predictions.csv`: row, split, label, score, decision, and the sensitive columns.
public struct PredictionsFile: Sendable, Equatable {
  /// A column of group names beside the scores.
  public struct GroupColumn: Sendable, Equatable {
    /// The name of the sensitive attribute.
    public var name: String
    /// The names of the groups.
    public var groups: [String]
    /// The group of every row, an index into `groups`; −1 where it is missing.
    public var codes: [Int32]

    public init(name: String, groups: [String], codes: [Int32]) {
      self.name = name
      self.groups = groups
      self.codes = codes
    }
  }

  /// The position of every row in its table, counted from 0.
  public var rows: [Int]

  /// The part to which every row belongs.
  public var splits: [SplitName]

  /// The labels, 0 or 1.
  public var labels: [Float]

  /// The scores, in 0...1.
  public var scores: [Float]

  /// The decisions: whether the score reaches the threshold.
  public var decisions: [Bool]

  /// The sensitive attributes; empty where they are left out.
  public var groups: [GroupColumn]

  /// - Precondition: All columns have the same length.
  public init(
    rows: [Int], splits: [SplitName], labels: [Float], scores: [Float], decisions: [Bool], groups: [GroupColumn]
  ) {
    precondition(
      [splits.count, labels.count, scores.count, decisions.count].allSatisfy { $0 == rows.count }
        && groups.allSatisfy { $0.codes.count == rows.count }, "PredictionsFile: columns of different length")
    self.rows = rows
    self.splits = splits
    self.labels = labels
    self.scores = scores
    self.decisions = decisions
    self.groups = groups
  }

  private static let columns = ["row", "split", "label", "score", "decision"]

  /// The file's bytes: the header and the lines.
  public var csv: [UInt8] { Self.header(groups: groups.map(\.name)) + lines }

  /// The first line of the file.
  ///
  /// - Parameter groups: The names of the sensitive attributes.
  public static func header(groups: [String]) -> [UInt8] {
    var bytes = Array(columns.joined(separator: ",").utf8)
    for group in groups {
      bytes.append(0x2c)
      bytes.append(contentsOf: CSVCell.encoded(group))
    }
    bytes.append(0x0a)
    return bytes
  }

  /// The rows as lines: comma-separated, ending in a line feed, scores in their shortest text that reads back as the same
  /// single-precision number. Those of several parts, one after the other, are those of the whole.
  public var lines: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(rows.count * (36 + 8 * groups.count))
    let cells = groups.map { $0.groups.map(CSVCell.encoded) }
    let names = Dictionary(uniqueKeysWithValues: SplitName.allCases.map { ($0, Array($0.rawValue.utf8)) })
    for index in rows.indices {
      bytes.append(contentsOf: String(rows[index]).utf8)
      bytes.append(0x2c)
      bytes.append(contentsOf: names[splits[index]] ?? [])
      bytes.append(0x2c)
      bytes.append(contentsOf: JSONNumber(labels[index]).text.utf8)
      bytes.append(0x2c)
      bytes.append(contentsOf: JSONNumber(scores[index]).text.utf8)
      bytes.append(0x2c)
      bytes.append(decisions[index] ? 0x31 : 0x30)
      for (column, group) in groups.enumerated() {
        bytes.append(0x2c)
        let code = Int(group.codes[index])
        if code >= 0 { bytes.append(contentsOf: cells[column][code]) }
      }
      bytes.append(0x0a)
    }
    return bytes
  }

  /// Reads what `csv` wrote; groups are numbered in the order in which they occur.
  ///
  /// - Parameter place: The file, for messages.
  public init(csv: [UInt8], at place: String) throws(RecordError) {
    let lines = CSVCell.lines(of: csv)
    guard let header = lines.first, Array(header.prefix(Self.columns.count)) == Self.columns else {
      throw RecordError(
        .badData, at: place, "should start with the columns \(Self.columns.joined(separator: ", ")).")
    }
    self.init(rows: [], splits: [], labels: [], scores: [], decisions: [], groups: [])
    groups = header.dropFirst(Self.columns.count).map { GroupColumn(name: $0, groups: [], codes: []) }
    var codes = groups.map { _ in [String: Int32]() }
    for (number, cells) in lines.enumerated().dropFirst() {
      guard cells.count == header.count, let row = Int(cells[0]), let split = SplitName(rawValue: cells[1]),
        let label = Float(cells[2]), let score = Float(cells[3]), cells[4] == "0" || cells[4] == "1"
      else {
        throw RecordError(.badData, at: "\(place):\(number + 1)", "is no line of predictions. The record is damaged.")
      }
      rows.append(row)
      splits.append(split)
      labels.append(label)
      scores.append(score)
      decisions.append(cells[4] == "1")
      for (column, cell) in cells.dropFirst(Self.columns.count).enumerated() {
        if cell.isEmpty {
          groups[column].codes.append(-1)
        } else if let code = codes[column][cell] {
          groups[column].codes.append(code)
        } else {
          let code = Int32(groups[column].groups.count)
          codes[column][cell] = code
          groups[column].groups.append(cell)
          groups[column].codes.append(code)
        }
      }
    }
  }
}

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
