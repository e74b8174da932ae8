import OrderedJSON

/// `predictions.csv`: row, split, label, score, decision, and the sensitive columns; where the rows come from several
/// files, the file behind the row, and where something was done about the groups, the score before that.
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

  /// The position of every row in its file, counted from 0.
  public var rows: [Int]

  /// The file of every row, where there are several; nil where there is one.
  public var files: GroupColumn?

  /// The part to which every row belongs.
  public var splits: [SplitName]

  /// The labels, 0 or 1.
  public var labels: [Float]

  /// The scores, in 0...1.
  public var scores: [Float]

  /// The decisions: whether the score reaches the threshold.
  public var decisions: [Bool]

  /// The scores of the rows before anything was done about the groups; nil where nothing was.
  public var scoresBefore: [Float]?

  /// The sensitive attributes; empty where they are left out.
  public var groups: [GroupColumn]

  /// - Precondition: All columns have the same length.
  public init(
    rows: [Int], files: GroupColumn? = nil, splits: [SplitName], labels: [Float], scores: [Float], decisions: [Bool],
    scoresBefore: [Float]? = nil, groups: [GroupColumn]
  ) {
    precondition(
      [splits.count, labels.count, scores.count, decisions.count].allSatisfy { $0 == rows.count }
        && groups.allSatisfy { $0.codes.count == rows.count } && scoresBefore?.count ?? rows.count == rows.count
        && files?.codes.count ?? rows.count == rows.count,
      "PredictionsFile: columns of different length")
    self.rows = rows
    self.files = files
    self.splits = splits
    self.labels = labels
    self.scores = scores
    self.decisions = decisions
    self.scoresBefore = scoresBefore
    self.groups = groups
  }

  private static let beforeColumn = "scoreBefore"
  private static let columns = ["row", "split", "label", "score", "decision"]
  private static let columnsWithFile = ["row", "file", "split", "label", "score", "decision"]

  /// The file's bytes: the header and the lines.
  public var csv: [UInt8] {
    Self.header(groups: groups.map(\.name), withFile: files != nil, withBefore: scoresBefore != nil) + lines
  }

  /// The first line of the file.
  ///
  /// - Parameters:
  ///   - groups: The names of the sensitive attributes.
  ///   - withFile: Whether each row names its file.
  ///   - withBefore: Whether each row has its score before anything was done about the groups.
  public static func header(groups: [String], withFile: Bool, withBefore: Bool = false) -> [UInt8] {
    let fixed = (withFile ? columnsWithFile : columns) + (withBefore ? [beforeColumn] : [])
    var bytes = Array(fixed.joined(separator: ",").utf8)
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
    let fileCells = files?.groups.map(CSVCell.encoded)
    let names = Dictionary(uniqueKeysWithValues: SplitName.allCases.map { ($0, Array($0.rawValue.utf8)) })
    for index in rows.indices {
      bytes.append(contentsOf: String(rows[index]).utf8)
      bytes.append(0x2c)
      if let files, let fileCells {
        bytes.append(contentsOf: fileCells[Int(files.codes[index])])
        bytes.append(0x2c)
      }
      bytes.append(contentsOf: names[splits[index]] ?? [])
      bytes.append(0x2c)
      bytes.append(contentsOf: JSONNumber(labels[index]).text.utf8)
      bytes.append(0x2c)
      bytes.append(contentsOf: JSONNumber(scores[index]).text.utf8)
      bytes.append(0x2c)
      bytes.append(decisions[index] ? 0x31 : 0x30)
      if let scoresBefore {
        bytes.append(0x2c)
        bytes.append(contentsOf: JSONNumber(scoresBefore[index]).text.utf8)
      }
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
    guard let header = lines.first,
      let fixed = [Self.columns, Self.columnsWithFile].first(where: { Array(header.prefix($0.count)) == $0 })
    else {
      throw RecordError(
        .badData, at: place, "should start with the columns \(Self.columns.joined(separator: ", ")).")
    }
    self.init(rows: [], splits: [], labels: [], scores: [], decisions: [], groups: [])
    let hasFile = fixed.count > Self.columns.count
    // A group column of this name would be read as scores; no configuration makes the one beside the other.
    let hasBefore = header.count > fixed.count && header[fixed.count] == Self.beforeColumn
    var before: [Float] = []
    var named = (hasFile ? ["file"] : []) + header.dropFirst(fixed.count + (hasBefore ? 1 : 0))
    var columns = named.map { GroupColumn(name: $0, groups: [], codes: []) }
    var codes = columns.map { _ in [String: Int32]() }
    for (number, cells) in lines.enumerated().dropFirst() {
      let values = Array(cells.dropFirst(hasFile ? 2 : 1))
      guard cells.count == header.count, let row = Int(cells[0]), let split = SplitName(rawValue: values[0]),
        let label = Float(values[1]), let score = Float(values[2]), values[3] == "0" || values[3] == "1"
      else {
        throw RecordError(.badData, at: "\(place):\(number + 1)", "is no line of predictions. The record is damaged.")
      }
      rows.append(row)
      splits.append(split)
      labels.append(label)
      scores.append(score)
      decisions.append(values[3] == "1")
      if hasBefore {
        guard let score = Float(values[4]) else {
          throw RecordError(.badData, at: "\(place):\(number + 1)", "is no line of predictions. The record is damaged.")
        }
        before.append(score)
      }
      named = (hasFile ? [cells[1]] : []) + values.dropFirst(hasBefore ? 5 : 4)
      for (column, cell) in named.enumerated() {
        if cell.isEmpty {
          columns[column].codes.append(-1)
        } else if let code = codes[column][cell] {
          columns[column].codes.append(code)
        } else {
          let code = Int32(columns[column].groups.count)
          codes[column][cell] = code
          columns[column].groups.append(cell)
          columns[column].codes.append(code)
        }
      }
    }
    if hasBefore { scoresBefore = before }
    if hasFile {
      files = columns.removeFirst()
      guard files?.codes.contains(-1) == false else {
        throw RecordError(.badData, at: place, "has a row without a file. The record is damaged.")
      }
    }
    groups = columns
  }
}
