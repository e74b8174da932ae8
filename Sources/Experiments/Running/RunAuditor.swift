import AdversarialGame
import Auditing
import FairnessMetrics
import LinearAlgebra
import ModelFiles
import RunRecords
import TabularData
import Wording

/// Audits the saved model of a run on rows that it was not trained on.
public struct RunAuditor: Sendable {
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
  private let configuration: ConfigurationFile

  /// Reads the model of a run.
  ///
  /// - Throws: `RecordError`, `ModelFileError`, `ConfigurationError`.
  public init(run: String) throws {
    folder = try RunFolder(existing: run)
    model = try SavedModel(folder: folder.file("model"))
    configuration = try ConfigurationFile(path: folder.file("config.json"))
  }

  /// The settings that the run's configuration gives.
  public var settings: AuditSettings { configuration.configuration.auditSettings }

  /// Audits the model.
  ///
  /// - Parameters:
  ///   - path: A CSV file of rows, plain or gzipped, with the columns of the training data and the sensitive ones; nil
  ///     for the run's own test rows (without these its validation rows), which are read again from its data.
  ///   - columnNames: The names of the file's columns where it has no header line.
  ///   - settings: Of the audit; the seed and the row limit hold for the proxies too. Nil for those of the run.
  /// - Throws: `DataError`, `RecordError`, `ConfigurationError`, `ModelFileError`.
  public func audit(
    _ path: String? = nil, columnNames: [String]? = nil, settings: AuditSettings? = nil
  ) throws -> AuditRecord {
    let settings = settings ?? self.settings
    let rows = try path.map { try self.rows(of: $0, columnNames) } ?? heldOutRows()
    let logits = model.scorer.logits(rows.features, base: model.encoder.baseRow, sensitive: rows.sensitive)
    if let place = logits.firstIndex(where: { !$0.isFinite }) {
      let row = place / model.label.kind.outputs
      throw ModelFileError(
        .badData, at: folder.file("model"),
        "gives row \(row) of \(rows.name) a score that is not a number. The model is damaged. Use another copy.")
    }
    return Self.audit(model, rows, settings, threads: nil)
  }

  /// Audits a model that is at hand on encoded rows that it was not trained on: what a run does at its end.
  ///
  /// - Parameters:
  ///   - name: The rows' split.
  ///   - evaluation: The model's evaluation on these rows, which tells how the game's own adversary does.
  ///   - threads: At least 1; nil for one on each processor. The result does not depend on it.
  static func audit(
    _ model: SavedModel, on rows: Dataset, named name: String, evaluation: ClassifierEvaluation?,
    settings: AuditSettings, threads: Int?
  ) -> AuditRecord {
    audit(model, Rows(name, rows, evaluation), settings, threads: threads)
  }

  private static func audit(
    _ model: SavedModel, _ rows: Rows, _ settings: AuditSettings, threads: Int?
  ) -> AuditRecord {
    let base = model.encoder.baseRow
    let scores = model.scores(rows.features, sensitive: rows.sensitive)
    let hidden = model.scorer.representation(rows.features, base: base, sensitive: rows.sensitive)
    let views: [AuditView]
    if model.label.kind == .binary {
      let rule = DecisionRule<Float>(threshold: model.threshold)
      views = AuditView.ofClassifier(
        scores: scores, logits: model.scorer.logits(rows.features, base: base, sensitive: rows.sensitive),
        decisions: scores.map { rule.selects($0) }, labels: rows.labels, hidden: hidden)
    } else {
      views = Self.views(of: scores, model.label.kind, hidden: hidden)
    }
    let attributes = rows.sensitive.map(\.groupColumn)
    let audit = FreshAdversaryAudit(settings, threads: threads)(
      views: views, attributes: attributes, weights: rows.weights, game: rows.game)
    var proxySettings = settings
    proxySettings.families = [.boostedTrees()]
    let proxies = ProxyAudit(proxySettings, threads: threads)(
      features: rows.features, groups: featureGroups(of: model), attributes: attributes, weights: rows.weights)
    return AuditRecord(data: rows.name, audit: audit, proxies: proxies, notices: rows.notices)
  }

  /// The views of a label with several classes, or of a number: all that is predicted as `score`, the class decided as
  /// `decision`, and the last hidden layer.
  private static func views(of scores: [Float], _ kind: LabelKind, hidden: Matrix<Float>?) -> [AuditView] {
    let rows = scores.count / kind.outputs
    var views = [AuditView(name: "score", values: Matrix(rows: rows, columns: kind.outputs, values: scores))]
    if case .categorical(let classes) = kind {
      var decisions = Matrix<Float>(rows: rows, columns: classes.count, repeating: 0)
      for (row, code) in MulticlassEvaluation.decisions(scores: scores, classes: classes.count).enumerated()
      where code >= 0 {
        decisions.values[row * classes.count + Int(code)] = 1
      }
      views.append(AuditView(name: "decision", values: decisions))
    }
    if let hidden { views.append(AuditView(name: "hidden layer", values: hidden, isSeenByGame: false)) }
    return views
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
    let summary = try folder.summary()
    let held = try HeldOutRows(folder, model: model, remedy: "Name a file of held-out rows with --data.")
    return Rows(held.split.rawValue, held.dataset, (summary[.selected] ?? summary[.final])?[held.split])
  }

  /// The rows of a file. Nothing is known of how the game's adversary does on them.
  private func rows(of path: String, _ columnNames: [String]?) throws -> Rows {
    var format = CSVFormat()
    format.columnNames = columnNames
    format.comment = "|"
    let table = try CSVReader(format: format, options: model.schema.readingOptions).read(path)
    let lacking = model.sensitive.map(\.column).filter { table[$0] == nil }
    if !lacking.isEmpty {
      let names = lacking.map { "'\($0)'" }.joined(separator: ", ")
      throw DataError(
        .badData, at: path,
        "lacks the sensitive column\(lacking.count == 1 ? "" : "s") \(names), which an audit tries to read off the "
          + "predictions. Give it a file that has \(lacking.count == 1 ? "it" : "them").")
    }
    let (features, warnings) = try model.encoder.encode(table)
    let all = Array(0..<table.rowCount)
    var sensitive: [SensitiveColumn] = []
    for coder in model.sensitive { sensitive.append(try coder.attribute(of: table, rows: all)) }
    var notices = warnings.map(\.description)
    var labels: [Bool]?
    var unknown: [String] = []
    if model.label.kind == .binary, table[model.label.column] != nil {
      let found = try model.label.labels(of: table, rows: all)
      unknown = try model.label.unknownValues(of: table)
      labels = found.contains(nil) || !unknown.isEmpty ? nil : found.map { $0 == 1 }
    }
    if !unknown.isEmpty {
      notices.append(
        "\(path): the label '\(model.label.column)' has values that the model's data did not have, such as "
          + "\(Excerpt.list(unknown)), so the view of score with label is left out. Spell them as those data do.")
    } else if model.label.kind == .binary && labels == nil {
      notices.append(
        "\(path): the label '\(model.label.column)' is not known of all rows, so the view of score with label is left out."
      )
    }
    return Rows(
      name: path, features: features, labels: labels, sensitive: sensitive, weights: nil, game: [], notices: notices)
  }
}

extension RunAuditor.Rows {
  fileprivate init(_ name: String, _ dataset: Dataset, _ evaluation: ClassifierEvaluation?) {
    let game = (evaluation?.attributes ?? []).compactMap { attribute in
      attribute.adversaryAUC?.value.map { GameAdversary(attribute: attribute.name, evidence: .area($0)) }
    }
    self.init(
      name: name, features: dataset.features,
      labels: dataset.labelKind == .binary ? dataset.labels.map { $0 > 0.5 } : nil,
      sensitive: dataset.sensitive, weights: dataset.weights?.map { Double($0) }, game: game)
  }
}

extension ExperimentConfiguration {
  /// How the audit at the end of a run is made.
  var auditSettings: AuditSettings { audit.settings(confidence: evaluation.specification.confidence) }
}
