import FairnessMetrics
import MetricExpressions
import OrderedJSON
import TabularData
import Wording

extension EvaluationSpecification {
  /// Reads an evaluation file: the options of the command line as keys of one object.
  ///
  /// ```json
  /// {"label": "income", "positive": [">50K"], "scores": ["score"], "groups": ["sex", "race"],
  ///  "slices": [["sex"], ["sex", "race"]], "thresholds": [0.5], "require": ["p_percent_rule(sex) >= 0.8"]}
  /// ```
  ///
  /// - Throws: `EvaluationError` with the file, the line and the path of keys.
  public init(file bytes: [UInt8], source: String) throws {
    self.init()
    let root: JSONNode
    do throws(JSONError) {
      root = try JSONReader.read(bytes, source: source, allowsComments: true)
    } catch {
      throw EvaluationError(.badSpecification, at: "\(error.place)", error.message)
    }
    guard case .object(let members) = root.content else {
      throw EvaluationError(.badSpecification, at: "\(root.place)", "the evaluation should be an object.")
    }
    for member in members {
      guard let key = Key(rawValue: member.key) else {
        let keys = Key.allCases.map(\.rawValue)
        let remedy =
          NearestName.find(member.key, among: keys).map { "Did you mean '\($0)'?" }
          ?? "Its keys are \(keys.joined(separator: ", "))."
        throw EvaluationError(
          .badSpecification, at: "\(member.place)", "the evaluation has no key \(JSON.quoted(member.key)). \(remedy)")
      }
      try set(key, SpecificationNode(member.node, path: member.key))
    }
    let models: [Key] = [.scores, .decisions, .classes, .predictedClass]
    let given = models.filter { key in members.contains { $0.key == key.rawValue } }
    if given.count > 1 {
      throw EvaluationError(
        .badSpecification, at: "\(root.place)",
        "\(given.map(\.rawValue).joined(separator: " and ")) exclude each other. Keep one of them.")
    }
    if root[Key.regression.rawValue]?.value == .bool(true), case .scores(let columns) = predictions {
      predictions = .numbers(columns)
    }
  }

  private enum Key: String, CaseIterable {
    case schema = "$schema"
    case label, positive, scores, decisions, classes, predictedClass, regression, logits, scoreRange, weights, missing
    case groups, bins, multiValued, soft, slices, thresholds, metrics, require, failIf, packs, packColumns
    case worstSlices, compare, intervals, confidence, draws, seed, minimumRows, exactRows
  }

  private mutating func set(_ key: Key, _ node: SpecificationNode) throws(EvaluationError) {
    switch key {
    case .schema: break
    case .label: label = try node.text()
    case .positive: positive = try node.texts()
    case .scores: predictions = .scores(try node.texts())
    case .decisions: predictions = .decisions(try node.texts())
    case .classes:
      var scores: [ClassScore] = []
      for (name, column) in try node.members() { scores.append(ClassScore(name, column: try column.text())) }
      predictions = .classScores(scores)
    case .predictedClass:
      predictions = .classNames(
        column: try node.member("column").text(), classes: try node.member("classes").texts())
    case .regression: _ = try node.boolean()
    case .logits:
      if try node.boolean() { scale = .logits }
    case .scoreRange:
      let ends = try node.numbers()
      guard ends.count == 2 else { throw node.failure("should be two numbers, the lower first") }
      scale = .range(ends[0], ends[1])
    case .weights: weights = try node.text()
    case .missing: missingMarkers += try node.texts()
    case .groups:
      for name in try node.texts() where !groups.contains(where: { $0.name == name }) {
        groups.append(GroupSource(name))
      }
    case .bins, .multiValued, .soft:
      for (name, value) in try node.members() { put(GroupSource(name, try making(key, name, value))) }
    case .slices:
      slices = []
      for slice in try node.elements() { slices.append(try slice.texts()) }
    case .thresholds: thresholds = try node.numbers()
    case .metrics:
      var names: [MetricName] = []
      for element in try node.elements() {
        let text = try element.text()
        guard let metric = MetricName(text) else {
          let nearest = NearestName.find(text, among: MetricName.suggestions).map { ". Did you mean '\($0)'?" }
          throw element.failure("names no metric: '\(text)'\(nearest ?? "")")
        }
        names.append(metric)
      }
      metrics = names
    case .require, .failIf:
      for element in try node.elements() {
        gates.append(GateDeclaration(try element.condition(), failsIfMet: key == .failIf))
      }
    case .packs:
      for element in try node.elements() {
        guard let pack = Pack(rawValue: try element.text()) else {
          throw element.failure("should be one of \(Pack.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        packs.append(pack)
      }
    case .packColumns:
      packColumns = (try node.member("sex").text(), try node.member("race").text())
    case .worstSlices: worstSlices = WorstSlices(depth: try node.integer())
    case .compare: comparison = try node.comparison()
    case .intervals: intervals = try node.boolean()
    case .confidence: confidence = try node.number()
    case .draws: draws = try node.integer()
    case .seed: seed = try node.integer()
    case .minimumRows: minimumRows = try node.integer()
    case .exactRows: exactRows = try node.integer()
    }
  }

  private func making(
    _ key: Key, _ name: String, _ value: SpecificationNode
  ) throws(EvaluationError) -> GroupSource.Making {
    switch key {
    case .bins:
      guard let bins = NumericBins(edges: try value.numbers()), !bins.edges.isEmpty else {
        throw value.failure("should be ascending numbers to cut at")
      }
      return .bins(bins)
    case .multiValued:
      let separator = try value.text()
      guard !separator.isEmpty else { throw value.failure("should be the separator, such as \"|\"") }
      return .multiValued(separator: separator)
    default:
      return .soft(columns: try value.member("columns").texts(), threshold: try value.member("threshold").number())
    }
  }

  /// Puts a way of making groups in the place of plain values.
  private mutating func put(_ source: GroupSource) {
    if let index = groups.firstIndex(where: { $0.name == source.name }) {
      groups[index] = source
    } else {
      groups.append(source)
    }
  }
}

/// A value of an evaluation file, with its path for messages.
private struct SpecificationNode {
  private let node: JSONNode
  private let path: String

  init(_ node: JSONNode, path: String) {
    self.node = node
    self.path = path
  }

  func failure(_ message: String) -> EvaluationError {
    EvaluationError(.badSpecification, at: "\(node.place)", "\(path) \(message).")
  }

  private func mismatch(_ expected: String) -> EvaluationError {
    let text = node.value.serialized(.compact)
    return failure("should be \(expected), found \(text.count > 60 ? text.prefix(57) + "…" : text)")
  }

  func text() throws(EvaluationError) -> String {
    guard let text = node.value.text, !text.isEmpty else { throw mismatch("a text") }
    return text
  }

  func number() throws(EvaluationError) -> Double {
    guard let number = node.value.double, number.isFinite else { throw mismatch("a number") }
    return number
  }

  func integer() throws(EvaluationError) -> Int {
    guard let integer = node.value.integer, integer >= 0 else { throw mismatch("a whole number of at least 0") }
    return integer
  }

  func boolean() throws(EvaluationError) -> Bool {
    guard case .bool(let value) = node.content else { throw mismatch("true or false") }
    return value
  }

  func elements() throws(EvaluationError) -> [SpecificationNode] {
    guard case .array(let elements) = node.content else { throw mismatch("a list") }
    return elements.enumerated().map { SpecificationNode($1, path: "\(path).\($0)") }
  }

  func texts() throws(EvaluationError) -> [String] {
    var texts: [String] = []
    for element in try elements() { texts.append(try element.text()) }
    return texts
  }

  func numbers() throws(EvaluationError) -> [Double] {
    var numbers: [Double] = []
    for element in try elements() { numbers.append(try element.number()) }
    return numbers
  }

  func members() throws(EvaluationError) -> [(String, SpecificationNode)] {
    guard case .object(let members) = node.content else { throw mismatch("an object") }
    return members.map { ($0.key, SpecificationNode($0.node, path: "\(path).\($0.key)")) }
  }

  func member(_ key: String) throws(EvaluationError) -> SpecificationNode {
    guard let member = node[key] else { throw failure("lacks the key '\(key)'") }
    return SpecificationNode(member, path: "\(path).\(key)")
  }

  func condition() throws(EvaluationError) -> MetricCondition {
    let text = try text()
    do throws(ExpressionError) {
      return try MetricCondition(text)
    } catch {
      throw EvaluationError(
        .badSpecification, at: "\(node.place)", "\(path): \(error.message)", detail: error.excerpt)
    }
  }

  /// `"fpr"`, `"selection"`, or `{"cost": [1, 5]}`.
  func comparison() throws(EvaluationError) -> ModelComparison.Condition {
    switch node.value.text {
    case "fpr": return .falsePositiveRate
    case "selection": return .selectionRate
    default:
      guard node["cost"] != nil else { throw mismatch("\"fpr\", \"selection\" or {\"cost\": [1, 5]}") }
      let costs = try member("cost").numbers()
      guard costs.count == 2, costs.allSatisfy({ $0 >= 0 }), costs[0] + costs[1] > 0 else {
        throw failure("should give the costs of a false positive and of a false negative")
      }
      return .cost(falsePositive: costs[0], falseNegative: costs[1])
    }
  }
}
