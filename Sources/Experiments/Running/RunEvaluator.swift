import FairnessEvaluation
import FairnessMetrics
import RunRecords
import TabularData

/// Evaluates the states of a run's classifier on every split, as `equipoise evaluate` evaluates a file.
///
/// Of a label with several classes the last state is evaluated, each class against the rest; of a number, its errors.
struct RunEvaluator: Sendable {
  /// A state of the classifier: its name, and its scores of every row of each split, `[n, k]`.
  struct State: Sendable {
    var name: String
    var scores: [[Float]]
  }

  /// The rows of one split: the label and the columns to slice by.
  fileprivate struct Split: Sendable {
    var name: String
    var rows: Int
    var columns: [EvaluationColumn]
    /// The classes of the label that the rows have, where there are several.
    var classes: [String] = []
  }

  /// The column of the class decided, which no column of a table should be called.
  private static let decisions = "class decided"

  private let configuration: EvaluationConfiguration
  private let label: String
  private let title: String
  private let splits: [Split]
  private let kind: LabelKind
  /// The column of the rows' weights among those of a split; nil where all weigh the same.
  private let weights: String?

  /// Gathers what the evaluation asks for, and refuses what it would refuse, before anything is trained.
  ///
  /// - Parameters:
  ///   - title: What reports call the run.
  ///   - label: The column of the label.
  ///   - splits: The splits in order.
  ///   - column: The cells of a column of the table by name, every row of it, those left out of the splits too.
  /// - Throws: `DataError` or `EvaluationError`.
  init(
    _ configuration: EvaluationConfiguration, title: String, label: String, splits: [(name: String, rows: Dataset)],
    column: (String) throws(DataError) -> Table.Cells
  ) throws {
    self.configuration = configuration
    self.label = label
    self.title = title
    kind = splits.first?.rows.labelKind ?? .binary
    var made = splits.map { split in Split(split.name, split.rows, label: label) }
    let final = configuration.column(of: SummaryPhase.final.rawValue, label: label)
    let unweighted = configuration.specification(
      label: label, predictions: Self.predictions(of: [final], kind, classes: made.first?.classes ?? []), weights: nil)
    let weights = splits.first?.rows.weights == nil ? nil : unweighted.freeColumn("row weight")
    self.weights = weights
    if let weights {
      for (index, split) in splits.enumerated() {
        let values = split.rows.weights?.map { Double($0) } ?? [Double](repeating: 1, count: split.rows.rows)
        made[index].columns.append(EvaluationColumn(weights, .numbers(values)))
      }
    }
    let specification = try configuration.specification(
      label: label, predictions: unweighted.predictions, weights: weights
    ).resolved()
    for source in specification.groups {
      for name in source.dataColumns where !made[0].columns.contains(where: { $0.name == name }) {
        let columns = try Self.columns(name, source, splits.map(\.rows), column)
        for (index, column) in columns.enumerated() { made[index].columns.append(column) }
      }
    }
    self.splits = made
    for split in made {
      let runner = try EvaluationRunner(
        configuration.specification(
          label: label, predictions: Self.predictions(of: [final], kind, classes: split.classes), weights: weights
        ).resolved())
      let scores = [Float](repeating: 0, count: split.rows * kind.outputs)
      try runner.check(split.columns + [Self.column(of: final, scores, kind)], named: name(of: split))
    }
  }

  /// What is judged of some states.
  private static func predictions(
    of states: [String], _ kind: LabelKind, classes: [String]
  ) -> EvaluationSpecification.Predictions {
    switch kind {
    case .binary: .scores(states)
    case .categorical: .classNames(column: decisions, classes: classes)
    case .continuous: .numbers(states)
    }
  }

  /// The scores of a state as a column: numbers, or the class decided.
  private static func column(of state: String, _ scores: [Float], _ kind: LabelKind) -> EvaluationColumn {
    guard case .categorical(let classes) = kind else {
      return EvaluationColumn(state, .numbers(scores.map(Double.init)))
    }
    return EvaluationColumn(
      decisions,
      .categories(codes: MulticlassEvaluation.decisions(scores: scores, classes: classes.count), values: classes))
  }

  /// A column of each split. A sensitive attribute comes with the groups that it has in training; any other column is
  /// taken from the table.
  private static func columns(
    _ name: String, _ source: GroupSource, _ splits: [Dataset], _ column: (String) throws(DataError) -> Table.Cells
  ) throws(DataError) -> [EvaluationColumn] {
    if source.making == .values, let first = splits.first?.sensitive.first(where: { $0.name == name }) {
      return splits.map { split in
        let codes = split.sensitive.first { $0.name == name }?.codes ?? []
        return EvaluationColumn(name, .categories(codes: codes, values: first.groups))
      }
    }
    switch try column(name) {
    case .numeric(let values):
      return splits.map { split in EvaluationColumn(name, .numbers(split.sourceRows.map { values[$0] })) }
    case .categorical(let codes, let categories):
      // Only what occurs in the rows that are used: a group that the configuration leaves out is none.
      var occurs = [Bool](repeating: false, count: categories.count)
      for split in splits {
        for row in split.sourceRows where codes[row] >= 0 { occurs[Int(codes[row])] = true }
      }
      var values: [String] = []
      let newCode = categories.indices.map { index -> Int32 in
        guard occurs[index] else { return -1 }
        values.append(categories[index])
        return Int32(values.count - 1)
      }
      return splits.map { split in
        let codes = split.sourceRows.map { codes[$0] < 0 ? -1 : newCode[Int(codes[$0])] }
        return EvaluationColumn(name, .categories(codes: codes, values: values))
      }
    }
  }

  private func name(of split: Split) -> String { "\(title), \(split.name) rows" }

  /// The most draws of the bootstrap on splits by which no gate is judged.
  private static let mostDrawsBesideTheJudged = 200

  /// Evaluates states of the classifier; gates are judged by the last, on the last split.
  ///
  /// - Parameters:
  ///   - states: The states in the order in which they came to be, at least one.
  ///   - inParallel: Whether splits and states are evaluated at the same time. The results do not depend on it.
  ///   - shared: Where runs of this configuration, but for λ, find how the classifier before the game does.
  /// - Throws: `DataError` or `EvaluationError`.
  func evaluate(_ states: [State], inParallel: Bool, shared: SharedStarts.Entry? = nil) throws -> RunEvaluation {
    var classes: [String]?
    var states = states
    if case .categorical(let names) = kind {
      classes = names
      states = states.suffix(1)
    }
    // A comparison needs the states together; otherwise each is a piece of work of its own.
    let portions = configuration.specification.comparison == nil ? states.map { [$0] } : [states]
    let count = splits.count * portions.count
    let results = try Parallel.map(count, threads: inParallel ? count : 1) { index in
      let (split, states) = (index / portions.count, portions[index % portions.count])
      return Result { () throws -> EvaluationReport in
        guard let shared, states.count == 1, states[0].name == SummaryPhase.pretrained.rawValue else {
          return try report(on: split, of: states)
        }
        return try shared.report(on: split, of: states[0]) { try report(on: split, of: states) }
      }
    }.map { try $0.get() }
    return RunEvaluation(
      kept: states.last?.name ?? "final",
      splits: splits.indices.map { index in
        var report = results[index * portions.count]
        for more in results[(index * portions.count + 1)..<((index + 1) * portions.count)] {
          report.models += more.models
        }
        return RunEvaluation.Split(splits[index].name, report)
      }, classes: classes)
  }

  private func report(on index: Int, of states: [State]) throws -> EvaluationReport {
    let split = splits[index]
    let names = states.map { configuration.column(of: $0.name, label: label) }
    var specification = configuration.specification(
      label: label, predictions: Self.predictions(of: names, kind, classes: split.classes), weights: weights)
    if index < splits.count - 1 { specification.draws = min(specification.draws, Self.mostDrawsBesideTheJudged) }
    let scores = zip(names, states).map { Self.column(of: $0, $1.scores[index], kind) }
    var report = try EvaluationRunner(specification).evaluate(split.columns + scores, named: name(of: split))
    for model in report.models.indices {
      if let place = names.firstIndex(of: report.models[model].name) { report.models[model].name = states[place].name }
    }
    return report
  }
}

extension RunEvaluator.Split {
  /// The rows with their label, as the evaluation of its kind reads it.
  fileprivate init(_ name: String, _ rows: Dataset, label: String) {
    switch rows.labelKind {
    case .binary:
      self.init(name: name, rows: rows.rows, columns: [EvaluationColumn(label, flags: rows.labels.map { $0 > 0 })])
    case .categorical(let classes):
      let codes = rows.labels.map { Int32($0) }
      let present = Set(codes)
      self.init(
        name: name, rows: rows.rows, columns: [EvaluationColumn(label, .categories(codes: codes, values: classes))],
        classes: classes.indices.filter { present.contains(Int32($0)) }.map { classes[$0] })
    case .continuous:
      self.init(
        name: name, rows: rows.rows, columns: [EvaluationColumn(label, .numbers(rows.labels.map(Double.init)))])
    }
  }
}

extension LoadedData {
  /// The cells of a column in the rows of all tables, one table under the other.
  func column(_ name: String) throws(DataError) -> Table.Cells {
    switch tables {
    case .whole(let table): return try table.column(named: name).cells
    case .parts(let parts):
      var columns: [Table] = []
      for (_, table) in parts {
        columns.append(
          Table(columns: [try table.column(named: name)], source: table.source, origins: table.origins))
      }
      return try Table.concatenating(columns).columns[0].cells
    }
  }
}
