import FairnessEvaluation
import OrderedJSON
import RunRecords

/// An evaluation file: what `equipoise evaluate` is to judge of a file of predictions, and how.
///
/// ```json
/// {"label": "income", "positive": [">50K"], "scores": ["score"], "groups": ["sex", "race"],
///  "slices": [["sex"], ["sex", "race"]], "thresholds": [0.5], "require": ["p_percent_rule(sex) >= 0.8"]}
/// ```
public struct EvaluationFile: Sendable, Equatable {
  /// What the file says.
  public var specification: EvaluationSpecification

  /// A file that says nothing: every default.
  public init() {
    specification = EvaluationSpecification()
  }

  /// Reads a file.
  ///
  /// - Throws: `ConfigurationError` with the file, the line and the path of keys.
  public init(path: String) throws(ConfigurationError) {
    try self.init(ConfigurationFile.bytes(path), source: path)
  }

  /// Reads the content of a file.
  public init(_ bytes: [UInt8], source: String) throws(ConfigurationError) {
    do {
      let tree = try JSONReader.read(bytes, source: source, allowsComments: true)
      specification = try Self.section.codec.read(tree, ConfigurationPath(root: "the evaluation"))
    } catch let error as JSONError {
      throw ConfigurationError(error)
    } catch let error as ConfigurationError {
      throw error
    } catch {
      // The codecs throw nothing else.
      throw ConfigurationError(at: JSONPlace(source: source), "\(error)")
    }
  }

  /// The evaluation in full, every default spelled out.
  public var json: JSON { Self.section.codec.write(specification) }

  /// The JSON Schema (draft 2020-12) of an evaluation file.
  public static var schema: JSON {
    section.codec.shape.documentSchema(title: "Evaluation file of 'equipoise evaluate'")
  }

  /// An evaluation file with every key at its default and a comment that explains it.
  public static var commentedExample: String {
    section.codec.shape.commentedExample(
      section.codec.write(EvaluationSpecification()),
      title: "An evaluation file for 'equipoise evaluate --spec'. Every key may be left out; what stands here is the "
        + "default.")
  }

  /// Whether a file is an evaluation file rather than the configuration of an experiment: its `$schema` says so, or
  /// more of its keys do.
  public static func isMeant(by bytes: [UInt8]) -> Bool {
    guard let tree = try? JSONReader.read(bytes, source: "", allowsComments: true), let members = tree.value.members
    else { return false }
    if let schema = tree["$schema"]?.value.text { return schema.hasSuffix("evaluation.schema.json") }
    func count(_ keys: [String]) -> Int { members.count { keys.contains($0.key) } }
    return count(section.fields.map { $0.key }) > count(ExperimentConfiguration.section.fields.map { $0.key })
  }

  private typealias Field = ConfigurationField<EvaluationSpecification>

  static let section = ConfigurationSection<EvaluationSpecification>(
    defaults: EvaluationSpecification(),
    fields: [
      Field("label", \.label, .text(.notEmpty), "The column of the label; of a regression, of the true number."),
      Field(
        "positive", \.positive,
        .optional(.list(.text(.notEmpty), minimum: 1, maximum: 1000, distinct: true), sample: ["yes"]),
        "The values of the label that are positive; null: it is 0 or 1."),
      Field(
        "scores", \.scoreColumns, .optional(columns, sample: ["score"]),
        "The columns of scores, one for each model. Excludes decisions, classes and predictedClass."),
      Field(
        "decisions", \.decisionColumns, .optional(columns, sample: ["decision"]),
        "The columns of decisions, one for each model, in the place of scores."),
      Field(
        "classes", \.classColumns, .optional(.map(.text(.notEmpty)), sample: [NamedValue("high", "score_high")]),
        "The column of scores of each class of the label, judged one class against the rest."),
      Field(
        "predictedClass", \.predictedClass,
        .optional(PredictedClass.section.codec, sample: PredictedClass("predicted", ["high", "low"])),
        "A column that names the class predicted, judged one class against the rest."),
      Field(
        "regression", \.predictsNumbers, .boolean, "Whether label and scores are numbers, whose errors are judged."),
      Field("logits", \.areLogits, .boolean, "Whether the scores are log odds."),
      Field(
        "scoreRange", \.scoreRange,
        .optional(.list(.number(.finite), minimum: 2, maximum: 2, distinct: true), sample: [1, 10]),
        "The range of scores that are no probabilities, the lower end first."),
      Field("weights", \.weights, .optional(.text(.notEmpty), sample: "weight"), "The column of row weights."),
      Field(
        "missing", \.moreMissingMarkers, .list(.text(.notEmpty), maximum: 1000, distinct: true),
        "Cells that count as missing, beside empty ones and \"?\"."),
    ]
      + EvaluationSpecification.judgementFields(
        thresholds: .finite, slices: "Left out: each column of groups, and every two of them crossed.")
      + [
        Field(
          "exactRows", \.exactRows, .integer(0...1_000_000_000),
          "The most rows that are kept in memory for exact ranks; more are judged by histograms as they pass.")
      ],
    ignoredKeys: ["$schema"],
    finish: { specification, node, path in
      let given = ["scores", "decisions", "classes", "predictedClass"].filter { (node[$0]?.value ?? .null) != .null }
      if given.count > 1 {
        throw path.failure(
          at: node.place, "has both \(given.joined(separator: " and ")), which exclude each other. Keep one of them.")
      }
      for (key, isHeeded) in [
        ("regression", specification.isRegression), ("logits", specification.scale == .logits),
      ] where node[key]?.value == .bool(true) && !isHeeded {
        throw path.appending(key).failure(
          at: node[key]?.place ?? node.place,
          key == "logits" ? "excludes scoreRange. Keep one of them." : "needs scores that are numbers.")
      }
    })

  private static let columns = ConfigurationCodec<[String]>.list(
    .text(.notEmpty), minimum: 1, maximum: 1000, distinct: true)
}

// MARK: - Parts of a specification, as keys hold them

extension EvaluationSpecification {
  fileprivate var scoreColumns: [String]? {
    get {
      switch predictions {
      case .scores(let columns), .numbers(let columns): columns
      default: nil
      }
    }
    set { if let newValue { predictions = .scores(newValue) } }
  }

  fileprivate var decisionColumns: [String]? {
    get { if case .decisions(let columns) = predictions { columns } else { nil } }
    set { if let newValue { predictions = .decisions(newValue) } }
  }

  fileprivate var classColumns: [NamedValue<String>]? {
    get {
      guard case .classScores(let classes) = predictions else { return nil }
      return classes.map { NamedValue($0.name, $0.column) }
    }
    set {
      if let newValue { predictions = .classScores(newValue.map { ClassScore($0.name, column: $0.value) }) }
    }
  }

  fileprivate var predictedClass: PredictedClass? {
    get { if case .classNames(let column, let classes) = predictions { PredictedClass(column, classes) } else { nil } }
    set { if let newValue { predictions = .classNames(column: newValue.column, classes: newValue.classes) } }
  }

  fileprivate var predictsNumbers: Bool {
    get { isRegression }
    set { if newValue, case .scores(let columns) = predictions { predictions = .numbers(columns) } }
  }

  fileprivate var areLogits: Bool {
    get { scale == .logits }
    set { if newValue { scale = .logits } }
  }

  fileprivate var scoreRange: [Double]? {
    get { if case .range(let low, let high) = scale { [low, high] } else { nil } }
    set { if let newValue { scale = .range(newValue[0], newValue[1]) } }
  }

  /// The marker "?" always counts.
  fileprivate var moreMissingMarkers: [String] {
    get { missingMarkers.filter { $0 != "?" } }
    set { missingMarkers = ["?"] + newValue.filter { $0 != "?" } }
  }
}

/// A column of predicted classes, and the classes to judge.
private struct PredictedClass: Sendable, Hashable {
  var column: String
  var classes: [String]

  init(_ column: String, _ classes: [String]) {
    self.column = column
    self.classes = classes
  }

  static let section = ConfigurationSection<PredictedClass>(
    defaults: PredictedClass("", []),
    fields: [
      ConfigurationField("column", \.column, .text(.notEmpty), required: true, "The column."),
      ConfigurationField(
        "classes", \.classes, .list(.text(.notEmpty), minimum: 1, maximum: 1000, distinct: true), required: true,
        "The classes to judge."),
    ])
}
