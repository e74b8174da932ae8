import FairnessMetrics
import LinearAlgebra

/// The rows of an audit: which ones, in which folds, with which targets.
struct AuditRows: Sendable {
  /// A group against all others of its attribute: what one adversary learns to tell.
  struct Task: Sendable {
    let attribute: Int
    /// The group's code.
    let group: Int
    /// Of each row: 1 in the group, 0 in another, −1 where it is missing.
    let targets: [Int8]
  }

  /// What can be audited of an attribute.
  struct Attribute: Sendable {
    let column: GroupColumn
    /// The rows of each group.
    let sizes: [Int]
    /// The tasks of the groups that have enough rows; of two groups only the one with the greater code.
    let tasks: Range<Int>
    /// Why a group has no task of its own, by its code.
    let reasons: [Int: String]
    /// Why there is no task at all.
    let reason: String?
  }

  /// The positions of the audited rows among those given, ascending.
  let positions: [Int]

  /// The fold of each row.
  let folds: [UInt8]

  let foldCount: Int

  /// The weights of the rows, or nil where all are 1.
  let weights: [Double]?

  let attributes: [Attribute]
  let tasks: [Task]

  var count: Int { positions.count }

  /// Chooses the rows and deals them to folds.
  ///
  /// Rows of weight 0 are left out, and of more rows than the limit a sample is kept. The folds are stratified by all
  /// attributes at once, crossed, so that every attribute is audited on the same folds.
  init(_ columns: [GroupColumn], rows: Int, weights: [Double]?, settings: AuditSettings) {
    let stream = RandomStream(seed: settings.seed)
    var positions = (0..<rows).filter { (weights?[$0] ?? 1) > 0 }
    if positions.count > settings.rowLimit {
      var sampling = stream.split("sample")
      sampling.shuffle(&positions)
      positions = positions.prefix(settings.rowLimit).sorted()
    }
    self.positions = positions
    foldCount = settings.folds
    self.weights = weights.map { weights in positions.map { weights[$0] } }
    let kept = columns.map { column in
      GroupColumn(name: column.name, groups: column.groups, codes: positions.map { column.codes[$0] })
    }
    let folds = Self.dealt(kept, rows: positions.count, folds: settings.folds, stream: stream.split("folds"))
    self.folds = folds

    var tasks: [Task] = []
    attributes = kept.enumerated().map { index, column in
      let attribute = Self.attribute(column, index, folds, settings.folds, firstTask: tasks.count)
      tasks += attribute.tasks
      return attribute.attribute
    }
    self.tasks = tasks
  }

  private static func dealt(_ columns: [GroupColumn], rows: Int, folds: Int, stream: RandomStream) -> [UInt8] {
    var stream = stream
    var order = (0..<rows).map { $0 }
    stream.shuffle(&order)
    // A stable order by cell: within a cell the rows stay shuffled, and the dealing goes on from cell to cell.
    var place = [Int](repeating: 0, count: rows)
    for (index, row) in order.enumerated() { place[row] = index }
    order.sort { a, b in
      for column in columns where column.codes[a] != column.codes[b] { return column.codes[a] < column.codes[b] }
      return place[a] < place[b]
    }
    var dealt = [UInt8](repeating: 0, count: rows)
    for (index, row) in order.enumerated() { dealt[row] = UInt8(index % folds) }
    return dealt
  }

  private static func attribute(
    _ column: GroupColumn, _ index: Int, _ folds: [UInt8], _ foldCount: Int, firstTask: Int
  ) -> (attribute: Attribute, tasks: [Task]) {
    let groups = column.groups.count
    var sizes = [Int](repeating: 0, count: groups)
    var inFold = [Int](repeating: 0, count: groups * foldCount)
    var known = [Int](repeating: 0, count: foldCount)
    for (row, code) in column.codes.enumerated() where code >= 0 {
      sizes[Int(code)] += 1
      inFold[Int(code) * foldCount + Int(folds[row])] += 1
      known[Int(folds[row])] += 1
    }
    func result(_ codes: [Int], _ reasons: [Int: String], _ reason: String?) -> (Attribute, [Task]) {
      let tasks = codes.map { group in
        Task(
          attribute: index, group: group,
          targets: column.codes.map { $0 < 0 ? -1 : Int($0) == group ? 1 : 0 })
      }
      let attribute = Attribute(
        column: column, sizes: sizes, tasks: firstTask..<firstTask + tasks.count, reasons: reasons, reason: reason)
      return (attribute, tasks)
    }
    let present = sizes.indices.filter { sizes[$0] > 0 }
    guard present.count > 1 else {
      let only = present.first.map { "all rows belong to the group '\(column.groups[$0])'" }
      return result([], [:], only ?? "no row's group is known")
    }
    var reasons: [Int: String] = [:]
    for group in present {
      let fewest = (0..<foldCount).map { fold in
        min(inFold[group * foldCount + fold], known[fold] - inFold[group * foldCount + fold])
      }
      if (fewest.min() ?? 0) < 2 {
        let isGroup = (0..<foldCount).contains { inFold[group * foldCount + $0] < 2 }
        reasons[group] =
          "\(foldCount) folds need at least 2 rows each inside and outside the group '\(column.groups[group])', and "
          + (isGroup ? "it has \(sizes[group])" : "only \(known.reduce(0, +) - sizes[group]) lie outside")
      }
    }
    let codes = (present.count == 2 ? [present[1]] : present).filter { reasons[$0] == nil }
    return result(codes, reasons, codes.isEmpty ? reasons[present[present.count - 1]] : nil)
  }

  /// The rows of each fold of which a task's group is known, ascending.
  func rowsByFold(_ task: Task) -> [[Int32]] {
    var rows = [[Int32]](repeating: [], count: foldCount)
    for row in 0..<count where task.targets[row] >= 0 { rows[Int(folds[row])].append(Int32(row)) }
    return rows
  }
}
