import FairnessMetrics
import MetricExpressions
import TabularData

/// What is to be evaluated, and how: columns, slices, metrics, thresholds, gates.
public struct EvaluationSpecification: Sendable, Hashable {
  /// What a model says of each row.
  public enum Predictions: Sendable, Hashable {
    /// Columns of scores, one for each model.
    case scores([String])
    /// Columns of decisions, 0 or 1 or as the label is written, one for each model.
    case decisions([String])
    /// A column of scores for each class of the label, judged one class against the rest.
    case classScores([ClassScore])
    /// A column that names the class predicted, judged one class against the rest.
    case classNames(column: String, classes: [String])
    /// Columns of predicted numbers, one for each model.
    case numbers([String])
  }

  /// A class and the column of its scores.
  public struct ClassScore: Sendable, Hashable {
    public var name: String
    public var column: String

    public init(_ name: String, column: String) {
      self.name = name
      self.column = column
    }
  }

  /// What scores mean.
  public enum ScoreScale: Sendable, Hashable {
    /// Probabilities of a positive label, in 0...1.
    case probabilities
    /// Log odds; the evaluation uses `1 / (1 + e^−s)`, and thresholds are probabilities.
    case logits
    /// Numbers in a range that are no probabilities; they rank rows, and thresholds are numbers of that range.
    case range(Double, Double)
  }

  /// A condition, and whether it must hold or must not.
  public struct GateDeclaration: Sendable, Hashable {
    public var condition: MetricCondition
    /// Whether the gate fails where the condition holds.
    public var failsIfMet: Bool

    public init(_ condition: MetricCondition, failsIfMet: Bool) {
      self.condition = condition
      self.failsIfMet = failsIfMet
    }

    /// Reads a condition such as `p_percent_rule(sex) >= 0.8`.
    ///
    /// - Throws: `EvaluationError` without a place, with the condition and a caret under its fault as detail.
    public init(_ text: String, failsIfMet: Bool) throws(EvaluationError) {
      do throws(ExpressionError) {
        self.init(try MetricCondition(text), failsIfMet: failsIfMet)
      } catch {
        throw EvaluationError(.usage, error.message, detail: error.excerpt)
      }
    }

    /// The condition as it was written.
    public var text: String { condition.text }

    /// How messages name the gate.
    var place: String { "the gate '\(condition.text)'" }
  }

  /// Tables that a law or guideline asks for.
  public enum Pack: String, Sendable, Hashable, CaseIterable {
    case fourFifths = "four-fifths"
    case newYorkLocalLaw144 = "nyc-ll144"
  }

  /// A search for the slices treated worst.
  public struct WorstSlices: Sendable, Hashable {
    public var depth: Int
    public var minimumRows: Int

    public init(depth: Int, minimumRows: Int = 30) {
      self.depth = depth
      self.minimumRows = minimumRows
    }
  }

  /// The column of the label, or of the true number.
  public var label = "label"

  /// The values of the label that are positive; nil where it is 0 or 1.
  public var positive: [String]?

  /// What the model says.
  public var predictions = Predictions.scores(["score"])

  /// What scores mean.
  public var scale = ScoreScale.probabilities

  /// The column of row weights; nil for 1 each.
  public var weights: String?

  /// The columns to slice by.
  public var groups: [GroupSource] = []

  /// The slices: each list of columns makes one for every combination of their groups. The whole always comes first.
  public var slices: [[String]] = []

  /// The decision thresholds, in the order given; a row is selected when its score is at least that. Gates use the
  /// first.
  public var thresholds: [Double] = [0.5]

  /// The metrics that tables show; nil for the usual ones.
  public var metrics: [MetricName]?

  /// The gates.
  public var gates: [GateDeclaration] = []

  /// The legal tables.
  public var packs: [Pack] = []

  /// The columns of sex and of race/ethnicity for Local Law 144.
  public var packColumns: (sex: String, race: String)? {
    get { packColumnNames.map { ($0[0], $0[1]) } }
    set { packColumnNames = newValue.map { [$0.sex, $0.race] } }
  }
  private var packColumnNames: [String]?

  /// The search for the worst slices; nil for none.
  public var worstSlices: WorstSlices?

  /// How models are matched for comparison; nil for no comparison.
  public var comparison: ModelComparison.Condition?

  /// Whether intervals and tests are wanted.
  public var intervals = true

  /// The confidence of intervals, inside 0...1.
  public var confidence = 0.95

  /// The draws of the bootstrap, and its seed.
  public var draws = 1000
  public var seed = 0

  /// The number of rows below which a slice is called tiny.
  public var minimumRows = 30

  /// The largest number of rows that are kept in memory for exact ranks; more are judged by histograms.
  public var exactRows = 20_000_000

  /// Cells that count as missing, beside empty ones.
  public var missingMarkers = ["?"]

  /// What labels and decisions mean in the domain, for explanations of the metrics; nil for none.
  public var words: DomainWords?

  public init() {}

  /// One column alone, then every two of them together.
  public static func defaultSlices(_ columns: [String]) -> [[String]] {
    var slices = columns.map { [$0] }
    for (index, first) in columns.enumerated() {
      for second in columns[(index + 1)...] { slices.append([first, second]) }
    }
    return slices
  }

  /// Whether the predictions are numbers of a regression.
  public var isRegression: Bool {
    if case .numbers = predictions { true } else { false }
  }

  /// Whether there are scores, and not decisions alone.
  public var hasScores: Bool {
    switch predictions {
    case .scores, .classScores: true
    case .decisions, .classNames, .numbers: false
    }
  }

  /// Whether statistics of the scores are wanted: there are scores, and the metrics named are not all of decisions.
  var needsScoreStatistics: Bool {
    guard hasScores else { return false }
    guard let metrics else { return true }
    return (metrics.map(\.basis) + gates.flatMap(\.condition.terms).map(\.basis)).contains(.scores)
  }

  /// The names of what is evaluated: columns, or classes.
  public var modelNames: [String] {
    switch predictions {
    case .scores(let names), .decisions(let names), .numbers(let names): names
    case .classScores(let classes): classes.map(\.name)
    case .classNames(_, let classes): classes
    }
  }
}

extension EvaluationSpecification {
  /// Fills in what follows from the rest, and refuses what does not fit together.
  ///
  /// Columns that gates speak of become columns to slice by. Without slices there is one for each column, and one for
  /// each pair.
  public func resolved() throws(EvaluationError) -> EvaluationSpecification {
    var result = self
    let usage = { (place: String, message: String) in EvaluationError(.usage, at: place, message) }
    for gate in gates {
      for column in gate.condition.columns where !result.groups.contains(where: { $0.name == column }) {
        result.groups.append(GroupSource(column))
      }
    }
    let declared = groups.map(\.name)
    if slices.isEmpty { result.slices = Self.defaultSlices(declared) }
    for slice in slices {
      for column in slice where !result.groups.contains(where: { $0.name == column }) {
        result.groups.append(GroupSource(column))
      }
    }
    if let (sex, race) = packColumns {
      for column in [sex, race] where !result.groups.contains(where: { $0.name == column }) {
        result.groups.append(GroupSource(column))
      }
    } else if packs.contains(.newYorkLocalLaw144) {
      let names = result.groups.map(\.name)
      guard let sex = names.first(where: { ["sex", "gender"].contains($0.lowercased()) }),
        let race = names.first(where: { $0.lowercased().hasPrefix("race") || $0.lowercased().hasPrefix("ethnic") })
      else {
        throw usage(
          "--pack nyc-ll144", "needs the columns of sex and race/ethnicity. Name them: --pack nyc-ll144:sex,race.")
      }
      result.packColumns = (sex, race)
    }
    if packs.contains(.fourFifths), result.groups.isEmpty {
      throw usage("--pack four-fifths", "compares groups. Name their columns with --groups.")
    }
    if packs.contains(.newYorkLocalLaw144), let weights {
      throw usage(
        "--pack nyc-ll144",
        "counts applicants, and the rule knows no weights. Leave out the weights in '\(weights)', or the pack.")
    }
    if packs.contains(.newYorkLocalLaw144), let (sex, race) = result.packColumns {
      for source in result.groups where [sex, race].contains(source.name) {
        switch source.making {
        case .values, .bins: break
        case .multiValued, .soft:
          throw usage("--pack nyc-ll144", "cannot count overlapping groups. Name columns with one group a row.")
        }
      }
    }
    try result.checkNames(usage)
    try result.checkNumbers(usage)
    try result.checkGates()
    return result
  }

  /// A column beside those that are read: of the name that is wanted, unless one of them has it.
  package func freeColumn(_ wanted: String) -> String {
    let taken = Set([label] + groups.flatMap(\.dataColumns) + slices.joined() + [weights].compactMap { $0 })
    return taken.contains(wanted) ? freeColumn(wanted + " of the model") : wanted
  }

  private func checkNames(_ usage: (String, String) -> EvaluationError) throws(EvaluationError) {
    let names = groups.map(\.name)
    if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
      throw usage("--groups", "makes '\(twice)' twice. Give each column one way to make groups.")
    }
    if modelNames.isEmpty { throw usage("--score", "names no column.") }
    if let twice = modelNames.first(where: { name in modelNames.count { $0 == name } > 1 }) {
      throw usage("--score", "names '\(twice)' twice. Name each column once.")
    }
    var roles: [(String, String)] = [(label, "the label")]
    roles += predictionColumns.map { ($0, "predictions") }
    if let weights { roles.append((weights, "weights")) }
    for source in groups {
      for column in source.dataColumns { roles.append((column, "groups")) }
    }
    for (index, role) in roles.enumerated() {
      if let earlier = roles[..<index].first(where: { $0.0 == role.0 }) {
        throw usage("", "the column '\(role.0)' is to be both \(earlier.1) and \(role.1). Give each column one part.")
      }
    }
    for slice in slices where Set(slice).count != slice.count {
      throw usage("--slices \(slice.joined(separator: ","))", "names a column twice. Name each once.")
    }
  }

  private func checkNumbers(_ usage: (String, String) -> EvaluationError) throws(EvaluationError) {
    let shown = thresholds.map { "\($0)" }.joined(separator: ",")
    guard !thresholds.isEmpty, thresholds.allSatisfy(\.isFinite), Set(thresholds).count == thresholds.count,
      thresholds.count <= 1000
    else { throw usage("--thresholds \(shown)", "should be 1 to 1,000 different numbers.") }
    switch scale {
    case .probabilities, .logits:
      guard thresholds.allSatisfy({ (0...1).contains($0) }) else {
        throw usage("--thresholds \(shown)", "should lie in 0...1, as the scores do. Or give their --score-range.")
      }
    case .range(let low, let high):
      guard low.isFinite, high.isFinite, low < high else {
        throw usage("--score-range \(low),\(high)", "should be two numbers, the lower first.")
      }
      // A width beyond the largest number would leave no score a place in the range.
      guard (high - low).isFinite else {
        throw usage("--score-range \(low),\(high)", "is too wide for numbers. Give the range that the scores have.")
      }
      guard thresholds.allSatisfy({ (low...high).contains($0) }) else {
        throw usage("--thresholds \(shown)", "should lie in the --score-range \(low)...\(high).")
      }
    }
    guard confidence > 0 && confidence < 1 else {
      throw usage("--confidence \(confidence)", "should lie between 0 and 1.")
    }
    guard (2...100_000).contains(draws) else { throw usage("--draws \(draws)", "should lie in 2...100000.") }
    guard minimumRows >= 1 else { throw usage("--minimum-rows \(minimumRows)", "should be at least 1.") }
    if let worstSlices, !(1...6).contains(worstSlices.depth) {
      throw usage("--worst-slices \(worstSlices.depth)", "should lie in 1...6.")
    }
    if case .decisions = predictions, let metrics, !metrics.isEmpty, metrics.allSatisfy({ $0.basis == .scores }) {
      throw usage(
        "--metrics", "names statistics of scores alone, and --decision has none. Name others, or give --score.")
    }
    if isRegression {
      if positive != nil {
        throw usage("--positive", "has no meaning where --regression predicts numbers. Remove one.")
      }
      if !packs.isEmpty { throw usage("--pack", "has no meaning where --regression predicts numbers. Remove one.") }
      if comparison != nil { throw usage("--compare", "has no meaning where --regression predicts numbers.") }
      if worstSlices != nil { throw usage("--worst-slices", "has no meaning where --regression predicts numbers.") }
    }
    if comparison != nil {
      guard case .scores(let names) = predictions, names.count >= 2 else {
        throw usage("--compare", "needs the score columns of two models or more, as in --score old,new.")
      }
    }
  }

  private func checkGates() throws(EvaluationError) {
    for gate in gates {
      for term in gate.condition.terms {
        if (term.basis == .numbers) != isRegression {
          let needed = term.basis == .numbers ? "predicted numbers (--regression)" : "labels, not predicted numbers"
          throw EvaluationError(.usage, at: gate.place, "a metric in it needs \(needed).")
        }
        if let threshold = term.threshold, !isInScale(threshold) {
          throw EvaluationError(
            .usage, at: gate.place, "the threshold \(threshold) lies outside the scores' range.")
        }
      }
    }
  }

  private func isInScale(_ threshold: Double) -> Bool {
    switch scale {
    case .probabilities, .logits: (0...1).contains(threshold)
    case .range(let low, let high): (low...high).contains(threshold)
    }
  }

  /// The columns of the data that hold predictions.
  var predictionColumns: [String] {
    switch predictions {
    case .scores(let columns), .decisions(let columns), .numbers(let columns): columns
    case .classScores(let classes): classes.map(\.column)
    case .classNames(let column, _): [column]
    }
  }

  /// All thresholds that counts are kept at: those of the evaluation, and those that gates name.
  var countedThresholds: [Double] {
    var all = thresholds
    for gate in gates {
      for case let threshold? in gate.condition.terms.map(\.threshold) where !all.contains(threshold) {
        all.append(threshold)
      }
    }
    return all
  }
}
