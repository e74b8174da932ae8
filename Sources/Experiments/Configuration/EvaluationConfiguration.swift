import FairnessEvaluation
import OrderedJSON

/// What is measured, and when: the keys of an evaluation file that make sense in a run, and how often a run measures.
public struct EvaluationConfiguration: Sendable, Equatable {
  /// What the evaluation at the end of a run measures and demands; label, predictions and weights mean nothing here.
  public var specification: EvaluationSpecification

  /// Every how many epochs all splits are evaluated; 0 only after pre-training and at the end.
  public var everyEpochs = 1

  /// The draws of the bootstrap where the configuration does not say: fewer than for an evaluation alone, for a run
  /// evaluates every state of the classifier on every split.
  static let standardDraws = 500

  public init() {
    specification = EvaluationSpecification()
    specification.draws = Self.standardDraws
    specification.slices = [["race"], ["sex"], ["race", "sex"]]
  }

  /// Scores at or above a threshold are selected; the first is the threshold of the decisions.
  public var thresholds: [Double] {
    get { specification.thresholds }
    set { specification.thresholds = newValue }
  }

  /// Sets of columns whose values, or crosses of values, are judged apart.
  public var slices: [[String]] {
    get { specification.slices }
    set { specification.slices = newValue }
  }
}

extension EvaluationConfiguration {
  private typealias Field = ConfigurationField<EvaluationConfiguration>

  static let section = ConfigurationSection<EvaluationConfiguration>(
    defaults: EvaluationConfiguration(),
    fields: EvaluationSpecification.judgementFields(
      thresholds: .closed(0, 1),
      slices: "Left out: each sensitive attribute and all of them crossed, and each other column named here, alone and "
        + "crossed with each attribute."
    ).map { $0.inside(\.specification) } + [
      Field(
        "everyEpochs", \.everyEpochs, .integer(0...1_000_000),
        "Every how many epochs all splits are measured without intervals; 0: only after pre-training and at the end.")
    ])

  /// What is judged apart where the configuration does not say: each attribute and all of them crossed, and each other
  /// column that groups are made of, alone and crossed with each attribute.
  static func standardSlices(for attributes: [String], others: [String] = []) -> [[String]] {
    // A cross of many attributes has more cells than rows.
    attributes.map { [$0] } + (2...3 ~= attributes.count ? [attributes] : [])
      + others.filter { !attributes.contains($0) }.flatMap { other in [[other]] + attributes.map { [other, $0] } }
  }

  /// Fills in what follows from the data, and refuses what does not fit together.
  ///
  /// - Parameters:
  ///   - data: Where the label and the sensitive attributes stand.
  ///   - node: The section; nil where the file leaves it out.
  mutating func complete(for data: DataConfiguration, _ node: JSONNode?, _ path: ConfigurationPath) throws {
    if node?["slices"] == nil {
      slices = Self.standardSlices(for: data.groupNames, others: specification.groups.map(\.name))
    }
    do throws(EvaluationError) {
      let states = ["pretrained", "final"].map { column(of: $0, label: data.label.column) }
      _ = try specification(
        label: data.label.column,
        predictions: data.label.kind == .continuous ? .numbers(states) : .scores(states), weights: data.weights
      ).resolved()
    } catch {
      throw ConfigurationError(
        at: node?.place ?? JSONPlace(source: "evaluation"), keyPath: path.keys.joined(separator: "."),
        "\(path): \(error)", detail: error.detail)
    }
  }

  /// The column in which the scores of a state stand beside those of the rows: of its name, unless one of them has it.
  ///
  /// - Parameter label: The column of the label.
  func column(of state: String, label: String) -> String {
    var labelled = specification
    labelled.label = label
    return labelled.freeColumn(state)
  }

  /// The evaluation of some states of the classifier.
  ///
  /// - Parameters:
  ///   - label: The column of the label.
  ///   - predictions: The names of the states, under which their scores or numbers stand, or the classes.
  ///   - weights: The column of the rows' weights; nil where all weigh the same.
  func specification(
    label: String, predictions: EvaluationSpecification.Predictions, weights: String?
  ) -> EvaluationSpecification {
    var result = specification
    result.label = label
    result.predictions = predictions
    result.weights = weights
    // One state alone is compared with nothing.
    if result.modelNames.count < 2 { result.comparison = nil }
    return result
  }
}
