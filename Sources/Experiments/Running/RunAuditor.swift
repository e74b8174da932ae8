import AdversarialGame
import Auditing
import FairnessMetrics
import LinearAlgebra
import ModelFiles
import RunRecords
import TabularData

/// Audits the saved model of a run on rows that it was not trained on.
public struct RunAuditor: Sendable {
  /// What an audit found.
  public struct Result: Sendable {
    /// What fresh adversaries read off the model.
    public var audit: AuditReport
    /// How well the features predict the sensitive attributes.
    public var proxies: ProxyReport
    /// The rows that were audited: the name of a split, or the path of a file.
    public var rows: String
    /// What the reader of the results should know.
    public var notices: [String]
  }

  /// Rows with everything that an audit reads.
  fileprivate struct Rows {
    var name: String
    var features: Matrix<Float>
    /// The labels, or nil where they are not known of all rows.
    var labels: [Bool]?
    var sensitive: [SensitiveColumn]
    var weights: [Double]?
    var game: [GameAdversary]
    var notices: [String] = []
  }

  private let folder: RunFolder
  private let model: SavedModel

  /// Reads the model of a run.
  ///
  /// - Throws: `RecordError`, `ModelFileError`.
  public init(run: String) throws {
    folder = try RunFolder(existing: run)
    model = try SavedModel(folder: folder.file("model"))
  }

  /// Audits the model.
  ///
  /// - Parameters:
  ///   - path: A CSV file of rows, plain or gzipped, with the columns of the training data and the sensitive ones; nil
  ///     for the run's own test rows (without these its validation rows), which are read again from its data.
  ///   - columnNames: The names of the file's columns where it has no header line.
  ///   - settings: Of the audit; the seed and the row limit hold for the proxies too.
  /// - Throws: `DataError`, `RecordError`, `ConfigurationError`, `ModelFileError`.
  public func audit(
    _ path: String? = nil, columnNames: [String]? = nil, settings: AuditSettings = AuditSettings()
  ) throws -> Result {
    let rows = try path.map { try self.rows(of: $0, columnNames) } ?? heldOutRows()
    let logits = model.scorer.logits(rows.features, base: model.encoder.baseRow, sensitive: rows.sensitive)
    if let row = logits.firstIndex(where: { !$0.isFinite }) {
      throw ModelFileError(
        .badData, at: folder.file("model"),
        "gives row \(row) of \(rows.name) a score that is not a number. The model is damaged. Use another copy.")
    }
    let (audit, proxies) = Self.audit(model, rows, settings)
    return Result(audit: audit, proxies: proxies, rows: rows.name, notices: rows.notices)
  }

  /// Audits a model that is at hand on encoded rows that it was not trained on: what a run can do at its end.
  ///
  /// - Parameter game: What is known of the game's own adversaries on these rows.
  public static func audit(
    _ model: SavedModel, on rows: Dataset, game: [GameAdversary], settings: AuditSettings = AuditSettings()
  ) -> (audit: AuditReport, proxies: ProxyReport) {
    audit(model, Rows("", rows, game), settings)
  }

  private static func audit(
    _ model: SavedModel, _ rows: Rows, _ settings: AuditSettings
  ) -> (audit: AuditReport, proxies: ProxyReport) {
    let base = model.encoder.baseRow
    let scores = model.scores(rows.features, sensitive: rows.sensitive)
    let rule = DecisionRule<Float>(threshold: model.threshold)
    let views = AuditView.ofClassifier(
      scores: scores, logits: model.scorer.logits(rows.features, base: base, sensitive: rows.sensitive),
      decisions: scores.map { rule.selects($0) }, labels: rows.labels,
      hidden: model.scorer.representation(rows.features, base: base))
    let attributes = rows.sensitive.map { GroupColumn(name: $0.name, groups: $0.groups, codes: $0.codes) }
    let audit = FreshAdversaryAudit(settings)(
      views: views, attributes: attributes, weights: rows.weights, game: rows.game)
    var proxySettings = settings
    proxySettings.families = [.boostedTrees()]
    let proxies = ProxyAudit(proxySettings)(
      features: rows.features, groups: featureGroups(of: model), attributes: attributes, weights: rows.weights)
    return (audit, proxies)
  }

  /// The original columns and their features.
  private static func featureGroups(of model: SavedModel) -> [FeatureGroup] {
    var start = 0
    return model.encoder.columns.map { column in
      defer { start += column.width }
      return FeatureGroup(name: column.name, columns: start..<start + column.width)
    }
  }

  // MARK: - Rows

  /// The run's rows that took no part in training, read and split again as the run did.
  private func heldOutRows() throws -> Rows {
    let file = try ConfigurationFile(path: folder.file("config.json"))
    let origin = try folder.environment().configurationFolder
    let summary = try folder.summary()
    let seed = UInt64(file.configuration.seed)
    let loaded = try file.configuration.data.load(
      seed: seed, located: { $0.hasPrefix("/") || origin == "." ? $0 : "\(origin)/\($0)" })
    let recipe = file.configuration.data.recipe(seed: seed)
    let data: PreparedData
    switch loaded.tables {
    case .whole(let table): data = try recipe.prepare(table, missingMarkers: loaded.missingMarkers)
    case .parts(let parts): data = try recipe.prepare(parts, missingMarkers: loaded.missingMarkers)
    }
    guard data.encoder == model.encoder else {
      throw DataError(
        .badData, at: folder.path,
        "was trained on other rows than its data hold now. Name a file of held-out rows with --data.")
    }
    let splits: [(TabularData.SplitName, RunRecords.SplitName)] = [(.test, .test), (.validation, .validation)]
    guard let (split, record) = splits.first(where: { data[$0.0] != nil }), let dataset = data[split] else {
      throw DataError(
        .badData, at: folder.path, "has neither test nor validation rows. Name a file of held-out rows with --data.")
    }
    let evaluation = (summary[.selected] ?? summary[.final])?[record]
    let game = (evaluation?.attributes ?? []).compactMap { attribute in
      attribute.adversaryAUC?.value.map { GameAdversary(attribute: attribute.name, evidence: .area($0)) }
    }
    return Rows(split.rawValue, dataset, game)
  }

  /// The rows of a file. Nothing is known of how the game's adversary does on them.
  private func rows(of path: String, _ columnNames: [String]?) throws -> Rows {
    var format = CSVFormat()
    format.columnNames = columnNames
    format.comment = "|"
    let table = try CSVReader(format: format, options: model.schema.readingOptions).read(path)
    let (features, warnings) = try model.encoder.encode(table)
    let all = Array(0..<table.rowCount)
    var sensitive: [SensitiveColumn] = []
    for coder in model.sensitive { sensitive.append(try coder.attribute(of: table, rows: all)) }
    var notices = warnings.map(\.description)
    var labels: [Bool]?
    if table[model.label.column] != nil {
      let found = try model.label.labels(of: table, rows: all)
      labels = found.contains(nil) ? nil : found.map { $0 == 1 }
    }
    if labels == nil {
      notices.append(
        "\(path): the label '\(model.label.column)' is not known of all rows, so the view of score with label is left out."
      )
    }
    return Rows(
      name: path, features: features, labels: labels, sensitive: sensitive, weights: nil, game: [], notices: notices)
  }
}

extension RunAuditor.Rows {
  fileprivate init(_ name: String, _ dataset: Dataset, _ game: [GameAdversary]) {
    self.init(
      name: name, features: dataset.features, labels: dataset.labels.map { $0 > 0.5 }, sensitive: dataset.sensitive,
      weights: dataset.weights?.map { Double($0) }, game: game)
  }
}
