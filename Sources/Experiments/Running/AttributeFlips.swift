import FairnessMetrics
import ModelFiles
import OrderedJSON
import TabularData

/// What becomes of scores and decisions where a person's sensitive attribute is another one.
///
/// Two questions that are easily mistaken for each other. *The column alone*: everything else stays as it is; a model that
/// does not read the column answers that nothing changes, and may treat groups unlike all the same, for other columns
/// follow the attribute. *The person*: what follows from the attribute changes with it. That has an answer only where the
/// rows come from a causal model, as those of the census simulator do.
struct AttributeFlips {
  /// How an attribute was changed.
  enum Way: String {
    /// In its column alone.
    case column
    /// With all that follows from it, by the simulator.
    case person
  }

  private let model: SavedModel
  private let held: HeldOutRows
  private let configuration: ExperimentConfiguration
  /// The rows, as indices into the held-out ones.
  private let rows: [Int]
  private let scores: [Float]

  /// The rows that are shown of each flip, those whose scores change most.
  private static let shown = 5

  init(
    _ model: SavedModel, _ held: HeldOutRows, configuration: ExperimentConfiguration, rows: [Int], scores: [Float]
  ) {
    self.model = model
    self.held = held
    self.configuration = configuration
    self.rows = rows
    self.scores = scores
  }

  /// One entry for each attribute, value and way; an attribute that the model does not read has the way `column` without
  /// counts.
  func json() throws -> JSON {
    guard case .whole(let table) = held.loaded.tables else { return [] }
    var flips: [JSON] = []
    for attribute in held.dataset.sensitive {
      let isRead =
        model.encoder.columns.contains { $0.name == attribute.name } || model.readColumns.contains(attribute.name)
      if !isRead {
        flips.append(["attribute": .string(attribute.name), "way": .string(Way.column.rawValue), "isRead": false])
      }
      for (code, group) in attribute.groups.enumerated() {
        // Those who are of the group already stay as they are.
        let others = rows.filter { attribute.codes[$0] != Int32(code) }
        guard !others.isEmpty else { continue }
        if isRead, let changed = table.setting(attribute.name, to: group) {
          flips.append(try flip(attribute.name, group, .column, others, changed))
        }
        if let changed = counterfactual(attribute.name, group) {
          flips.append(try flip(attribute.name, group, .person, others, changed))
        }
      }
    }
    return .array(flips)
  }

  /// The simulated rows, had the attribute been another; nil where the rows are no simulated ones, or the value is none
  /// that can be set, such as a range of ages.
  private func counterfactual(_ attribute: String, _ group: String) -> Table? {
    guard case .simulated(let source) = configuration.data.source else { return nil }
    return try? source.counterfactual(attribute, group, runSeed: UInt64(configuration.seed))
  }

  private func flip(_ attribute: String, _ group: String, _ way: Way, _ others: [Int], _ table: Table) throws -> JSON {
    let places = others.map { held.dataset.sourceRows[$0] }
    let features = try model.encoder.encode(table, rows: places).features
    let sensitive = try model.readAttributes
      .map { try $0.attribute(of: table, rows: places) }
    let flipped = model.scores(features, sensitive: sensitive)
    let rule = DecisionRule<Float>(threshold: model.threshold)
    var (toSelected, toRejected, sum) = (0, 0, 0.0)
    for (row, score) in zip(others, flipped) {
      switch (rule.selects(scores[row]), rule.selects(score)) {
      case (false, true): toSelected += 1
      case (true, false): toRejected += 1
      default: break
      }
      sum += Double(score) - Double(scores[row])
    }
    let changes = zip(others, flipped).sorted {
      (abs($0.1 - scores[$0.0]), $1.0) > (abs($1.1 - scores[$1.0]), $0.0)
    }
    return [
      "attribute": .string(attribute), "way": .string(way.rawValue), "isRead": true, "group": .string(group),
      "rows": .number(JSONNumber(others.count)), "toSelected": .number(JSONNumber(toSelected)),
      "toRejected": .number(JSONNumber(toRejected)), "meanChange": .number(JSONNumber(sum / Double(others.count))),
      "largest": .array(
        changes.prefix(Self.shown).map { row, score in
          [
            "row": .number(JSONNumber(held.dataset.sourceRows[row])), "score": .number(JSONNumber(scores[row])),
            "flipped": .number(JSONNumber(score)),
          ]
        }),
    ]
  }
}

extension Table {
  /// The table with one value in all cells of a column; nil where the column holds numbers, or has no such value.
  fileprivate func setting(_ name: String, to value: String) -> Table? {
    guard let index = columns.firstIndex(where: { $0.name == name }),
      case .categorical(let codes, let categories) = columns[index].cells,
      let code = categories.firstIndex(of: value)
    else { return nil }
    var changed = columns
    changed[index].cells = .categorical(
      codes: [Int32](repeating: Int32(code), count: codes.count), categories: categories)
    return Table(columns: changed, source: source, origins: origins)
  }
}
