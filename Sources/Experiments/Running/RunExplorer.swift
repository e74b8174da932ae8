import FairnessMetrics
import ModelFiles
import OrderedJSON
import RunRecords
import TabularData

/// The rows and the model of a run as data for the explorer of its page.
///
/// The rows are those by which the run is judged, read again from its data. The page evaluates the model itself, so that a
/// row can be changed and its new score seen.
public struct RunExplorer: Sendable {
  /// What of the rows goes into the page. What does not is nowhere in it.
  public struct Options: Sendable {
    /// The most rows; of more, evenly spaced ones are taken.
    public var rows = 100_000
    /// Whether rows tell their sensitive attributes.
    public var includesSensitive = true
    /// Whether rows tell columns of free text; see `isFreeText`.
    public var includesText = true

    public init() {}
  }

  /// Why a page has the rows and no model to change them by.
  enum WithoutModel: String {
    /// Scoring needs more than the row's features: sensitive columns, that change them or decide.
    case readsSensitive
    /// A network is drawn for each row.
    case drawn
    /// The model reads columns that are left out, and its categories would tell what was left out.
    case leftOut
  }

  private let folder: RunFolder
  private let model: SavedModel
  private let options: Options

  /// Reads the model of a run.
  ///
  /// - Throws: `RecordError`, `ModelFileError`.
  public init(run: String, options: Options = Options()) throws {
    folder = try RunFolder(existing: run)
    model = try SavedModel(folder: folder.file("model"))
    try model.requireBinaryLabel(
      because: "the explorer shows a score in 0...1 and its threshold", remedy: "Make the page without rows: --rows 0.",
      at: folder.file("model"))
    self.options = options
  }

  /// The data of the explorer; see `Sources/ReportPages/Page/explorer.js` for what reads them.
  ///
  /// - Throws: `DataError`, `RecordError`, `ConfigurationError`, `ModelFileError`.
  public func json() throws -> JSON {
    let held = try HeldOutRows(folder, model: model, remedy: "Make the page without rows: --rows 0.")
    let all = held.dataset.rows
    let count = min(all, options.rows)
    let chosen = (0..<count).map { count == all ? $0 : Int(Double($0) * Double(all) / Double(count)) }
    let scores = model.scores(held.dataset.features, sensitive: held.dataset.sensitive)
    var hidden: [String] = []
    var columns: [JSON] = []
    var isWhole = true
    // Those without groups too: their columns hold each row's number.
    let sensitive = Set(held.dataset.sensitive.map(\.name) + held.dataset.continuous.map(\.name))
    for column in model.encoder.columns {
      let cells = try held.loaded.column(column.name)
      let isLeftOut =
        sensitive.contains(column.name) && !options.includesSensitive || !options.includesText && Self.isFreeText(cells)
      if isLeftOut {
        hidden.append(column.name)
        isWhole = false
      } else {
        columns.append(Self.json(column.name, cells, rows: chosen.map { held.dataset.sourceRows[$0] }))
      }
    }
    if !options.includesSensitive { hidden += sensitive.filter { !hidden.contains($0) }.sorted() }
    let before = try scoresBefore(held)
    let page = isWhole ? ModelJSON(model)?.json : nil
    // The page is given the decisions: compared as JavaScript reads the numbers, a score at the threshold could fall on
    // the other side.
    let rule = DecisionRule<Float>(threshold: model.threshold)
    func decisions(_ scores: [Float]) -> JSON { .array(chosen.map { rule.selects(scores[$0]) ? 1 : 0 }) }
    return [
      "split": .string(held.split.rawValue), "total": .number(JSONNumber(all)),
      "rows": .array(chosen.map { .number(JSONNumber(held.dataset.sourceRows[$0])) }),
      "columns": .array(columns), "hidden": .array(hidden.map(JSON.string)),
      "groups": .array(
        options.includesSensitive
          ? held.dataset.sensitive.map { column in
            Self.json(column.name, .categorical(codes: column.codes, categories: column.groups), rows: chosen)
          } : []),
      "labels": .array(chosen.map { held.dataset.labels[$0] > 0.5 ? 1 : 0 }),
      "scores": .array(chosen.map { .number(JSONNumber(scores[$0])) }),
      "before": before.map { before in .array(chosen.map { .number(JSONNumber(before[$0])) }) } ?? .null,
      "threshold": .number(JSONNumber(model.threshold)), "decisions": decisions(scores),
      "decisionsBefore": before.map(decisions) ?? .null,
      // Who has which value of an attribute is what a page without them must not tell.
      "flips": options.includesSensitive
        ? try AttributeFlips(model, held, configuration: held.configuration, rows: chosen, scores: scores).json() : [],
      "model": page ?? .null,
      "withoutModel": page == nil ? .string(withoutModel.rawValue) : .null,
      "reads": .array(model.readColumns.map(JSON.string)),
    ]
  }

  /// Why the page has no model where it has none. What kind of model it is comes first, as that holds whatever is left out.
  private var withoutModel: WithoutModel {
    if !model.readColumns.isEmpty { return .readsSensitive }
    return model.scorer.isDrawn ? .drawn : .leftOut
  }

  /// The scores before anything was done about the groups, in the order of the rows; nil where they are not known.
  private func scoresBefore(_ held: HeldOutRows) throws -> [Float]? {
    guard FileAccess.exists(folder.file("predictions.csv")) else { return nil }
    let file = try PredictionsFile(
      csv: FileAccess.read(folder.file("predictions.csv")), at: folder.file("predictions.csv"))
    guard let before = file.scoresBefore else { return nil }
    let places = file.splits.indices.filter { file.splits[$0] == held.split }
    return places.count == held.dataset.rows ? places.map { before[$0] } : nil
  }

  /// Whether a column looks like what people wrote: a cell of more than 64 characters, or more than half of many
  /// categories different from all others.
  static func isFreeText(_ cells: Table.Cells) -> Bool {
    guard case .categorical(let codes, let categories) = cells else { return false }
    return categories.contains { $0.count > 64 } || categories.count > 200 && 2 * categories.count > codes.count
  }

  /// A column: numbers, or categories of which only those that occur are named.
  private static func json(_ name: String, _ cells: Table.Cells, rows: [Int]) -> JSON {
    switch cells {
    case .numeric(let values):
      return [
        "name": .string(name),
        "values": .array(rows.map { values[$0].isFinite ? .number(JSONNumber(values[$0])) : .null }),
      ]
    case .categorical(let codes, let categories):
      var place = [Int](repeating: -1, count: categories.count)
      var names: [String] = []
      let found = rows.map { row -> JSON in
        guard codes[row] >= 0 else { return -1 }
        let code = Int(codes[row])
        if place[code] < 0 {
          place[code] = names.count
          names.append(categories[code])
        }
        return .number(JSONNumber(place[code]))
      }
      return ["name": .string(name), "names": .array(names.map(JSON.string)), "codes": .array(found)]
    }
  }
}
