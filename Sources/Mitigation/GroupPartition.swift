import TabularData
import Wording

/// The rows of a data set, divided by some of its sensitive attributes: each combination of their groups is one group.
///
/// Several attributes are crossed, so that what holds for the groups holds for every cross of them. A row for which one
/// of the attributes is missing belongs to no group.
public struct GroupPartition: Sendable, Hashable {
  /// The attributes.
  public let attributes: [String]

  /// The groups with rows: for each attribute the name of its group. In the order of the attributes' own groups.
  public let groups: [[String]]

  /// The group of each row, an index into `groups`; −1 where an attribute is missing.
  public let codes: [Int32]

  /// Divides rows.
  ///
  /// - Parameters:
  ///   - columns: The sensitive columns of the rows.
  ///   - attributes: Those to divide by, in this order; nil for all.
  ///   - method: Who asks, for messages.
  /// - Throws: `MitigationError.rows` for an attribute that is not there or is named twice, or where fewer than two
  ///   groups have rows; `.settings` where there is no attribute at all.
  public init(
    _ columns: [SensitiveColumn], attributes: [String]? = nil, for method: String
  ) throws(MitigationError) {
    let chosen = try Self.columns(columns, attributes, method)
    // After each attribute the combinations that occur are numbered anew, in order, so that no product grows large.
    var codes = [Int32](repeating: 0, count: chosen[0].codes.count)
    var groups: [[String]] = [[]]
    for column in chosen {
      let width = column.groups.count
      let keys = zip(codes, column.codes).map { $0 < 0 || $1 < 0 ? -1 : Int($0) * width + Int($1) }
      let present = Set(keys).filter { $0 >= 0 }.sorted()
      let codeOf = Dictionary(uniqueKeysWithValues: present.enumerated().map { ($1, Int32($0)) })
      groups = present.map { groups[$0 / width] + [column.groups[$0 % width]] }
      codes = keys.map { codeOf[$0] ?? -1 }
    }
    self.attributes = chosen.map(\.name)
    self.groups = groups
    self.codes = codes
    guard groups.count > 1 else {
      let found = groups.first.map { "only \(Self.name($0, of: chosen.map(\.name)))" } ?? "no group"
      throw .rows(
        method: method,
        problem: "there are at least two groups to be treated alike, but \(found) has rows. Check the groups kept.")
    }
  }

  /// Groups that were found before, without rows.
  init(attributes: [String], groups: [[String]]) {
    self.attributes = attributes
    self.groups = groups
    codes = []
  }

  /// The groups of other rows, such as those to be scored, as indices into these groups; −1 where a value is missing or
  /// the combination did not occur here.
  ///
  /// - Throws: `MitigationError.rows` where one of the attributes is not there.
  public func codes(of columns: [SensitiveColumn], for method: String) throws(MitigationError) -> [Int32] {
    let chosen = try Self.columns(columns, attributes, method)
    let codeOf = Dictionary(uniqueKeysWithValues: groups.enumerated().map { ($1, Int32($0)) })
    return chosen[0].codes.indices.map { row in
      var names: [String] = []
      for column in chosen {
        guard column.codes[row] >= 0 else { return -1 }
        names.append(column.groups[Int(column.codes[row])])
      }
      return codeOf[names] ?? -1
    }
  }

  /// A group's name for people: `sex = Female, race = White`.
  public func name(of group: Int) -> String { Self.name(groups[group], of: attributes) }

  private static func name(_ group: [String], of attributes: [String]) -> String {
    zip(attributes, group).map { "\($0) = \($1)" }.joined(separator: ", ")
  }

  private static func columns(
    _ columns: [SensitiveColumn], _ attributes: [String]?, _ method: String
  ) throws(MitigationError) -> [SensitiveColumn] {
    let names = attributes ?? columns.map(\.name)
    guard !names.isEmpty else {
      throw .settings("\(method) needs a sensitive attribute, but none is named. Name one.")
    }
    var chosen: [SensitiveColumn] = []
    for name in names {
      guard let column = columns.first(where: { $0.name == name }) else {
        let hint =
          NearestName.find(name, among: columns.map(\.name)).map { "Did you mean \(Excerpt.quoted($0))?" }
          ?? "The attributes are \(Excerpt.list(columns.map(\.name)))."
        throw .rows(method: method, problem: "there is no sensitive attribute \(Excerpt.quoted(name)). \(hint)")
      }
      guard !chosen.contains(where: { $0.name == name }) else {
        throw .settings("\(method) is given the attribute \(Excerpt.quoted(name)) twice. Keep one.")
      }
      chosen.append(column)
    }
    return chosen
  }
}

/// The weighted counts of the cells that groups and labels make.
struct LabelledCells {
  let partition: GroupPartition

  /// The cell of each row, `2 · group + label`; −1 where the row has no group.
  let cells: [Int32]

  /// The rows of each cell.
  let rows: [Int]

  /// The sum of their weights.
  let weights: [Double]

  init(_ partition: GroupPartition, of dataset: Dataset) {
    self.partition = partition
    cells = zip(partition.codes, dataset.labels).map { $0 < 0 ? -1 : 2 * $0 + ($1 > 0.5 ? 1 : 0) }
    var rows = [Int](repeating: 0, count: 2 * partition.groups.count)
    var weights = [Double](repeating: 0, count: rows.count)
    for (row, cell) in cells.enumerated() where cell >= 0 {
      rows[Int(cell)] += 1
      weights[Int(cell)] += Double(dataset.weights?[row] ?? 1)
    }
    self.rows = rows
    self.weights = weights
  }

  /// The rows without a group.
  var missing: Int { cells.count { $0 < 0 } }

  /// The weight of all rows with a group.
  var total: Double { weights.reduce(0, +) }

  /// The weight of a group.
  func weight(ofGroup group: Int) -> Double { weights[2 * group] + weights[2 * group + 1] }

  /// The share of label 1.
  var labelRate: Double {
    let positive = stride(from: 1, to: weights.count, by: 2).reduce(0.0) { $0 + weights[$1] }
    return positive / total
  }

  /// The first cell without weight, where its group has some; nil where there is none.
  var emptyCell: (group: Int, label: Int)? {
    weights.indices.first { weights[$0] <= 0 }.map { (group: $0 / 2, label: $0 % 2) }
  }
}
