import FairnessMetrics
import MetricExpressions
import Mitigation
import OrderedJSON
import TabularData

/// What a run must reach, and how it gets there.
public struct ConstraintsConfiguration: Sendable, Equatable {
  /// The ways to meet constraints.
  public enum Method: String, CaseIterable, Sendable {
    /// Two networks predict the label and the groups from the features; a layer above them corrects the decision. Takes
    /// the place of the game.
    case layer
    /// The classifier is trained under the constraints, against a player of multipliers; no adversary plays.
    case rates
    /// The game is played, and λ of each attribute is sought while it goes on.
    case game
  }

  /// How an iterate of a training is chosen, on the validation rows where there are any.
  public enum Choice: String, CaseIterable, Sendable {
    /// The smallest error rate among iterates that meet the constraints.
    case bestFeasible
    /// The best compromise of ranks by error rate and by violation.
    case rank
    /// The mixture of iterates that meets the constraints in expectation with the smallest expected error rate.
    case mixture
  }

  /// The conditions that must hold, all of them; at least one.
  public var require: [MetricCondition]

  /// How they are met.
  public var method: Method = .layer

  /// How much each constraint is tightened, in standard errors of its estimate.
  public var margin = 1.0

  /// How the iterate is chosen, by methods that have iterates.
  public var choose: Choice = .bestFeasible

  /// Whether the decision may differ by the groups that the conditions speak of, which are then read at prediction.
  public var readsSensitive = false

  /// The parts of the training rows; each is predicted by networks trained on the others.
  public var folds = 5

  /// The fewest rows that a rate in a constraint may be about.
  public var minimumRows = 30

  /// The networks that predict label and groups.
  public var networks = Networks()

  /// How a classifier is trained under the constraints.
  public var rates = RatesConfiguration()
  /// How the game seeks λ.
  public var game = Search()

  /// How the game seeks λ.
  public struct Search: Sendable, Equatable {
    /// Every so many epochs the validation rows are looked at: λ moves, and an iterate is kept.
    public var interval = 1

    /// λ at the beginning, in units of H(Y)/H(Z).
    public var initialLambda = 0.0

    /// How far λ moves per unit of violation.
    public var lambdaRate = 1.0

    /// The largest λ.
    public var lambdaBound = 100.0

    public init() {}
  }

  /// The networks that predict label and groups, and their training.
  public struct Networks: Sendable, Equatable {
    /// The widths of the hidden layers; nil for 32, 32, 32, and 16 alone below 10,000 rows, where more learns noise.
    public var hidden: [Int]?

    /// The non-linearity after each hidden layer.
    public var activation: ActivationName = .relu

    /// The chance in 0..<1 that a hidden unit is left out of a training step.
    public var dropout = 0.1

    /// The passes over the rows; nil for as many as make about 200,000 rows in all, 6 at least and 40 at most.
    public var epochs: Int?

    /// The rows of a mini-batch; nil for about a 128th of the rows, 64 at least and 256 at most.
    public var batchSize: Int?

    /// Adam's learning rate at the first step; it falls along half a cosine to 0.
    public var learningRate = 0.002

    public init() {}
  }

  public init(_ require: [MetricCondition]) {
    self.require = require
  }
}

// MARK: - Keys

extension ConstraintsConfiguration {
  private typealias Field = ConfigurationField<ConstraintsConfiguration>

  static let section = ConfigurationSection<ConstraintsConfiguration>(
    defaults: ConstraintsConfiguration([]),
    fields: [
      Field(
        "require", \.require, .list(.condition, minimum: 1, maximum: 100, remedy: "Leave 'constraints' out for none."),
        required: true, "The conditions that must hold, all of them, such as \"p_percent_rule(sex) >= 0.8\"."),
      Field(
        "method", \.method, .choice,
        "How they are met. layer: two networks predict the label and the groups from the features, and a layer above "
          + "them corrects the decision; takes the place of the game, so that 'classifier', 'adversary' and 'training' "
          + "are not used. rates: the network of 'classifier' is trained under the constraints, against multipliers "
          + "(proxy-Lagrangian); 'adversary' and 'training' are not used. game: the game is played, and the lambda of each "
          + "attribute is sought while it goes on, by the validation rows; 'lambda', 'lambdaSchedule', "
          + "'lambdaInAdversaryLoss' and 'reduction' of 'adversary' are not used, and other keys of 'classifier', "
          + "'adversary' and 'training' that are left out have defaults that suit the search."),
      Field(
        "margin", \.margin, .number(.closed(0, 10)),
        "How much each constraint is tightened, in standard errors of its estimate: for noise, so that it holds on new "
          + "rows too."),
      Field(
        "choose", \.choose, .choice, onlyWhere: .init(text: "method is not layer", holds: { $0.method != .layer }),
        "How the iterate is chosen, on validation rows where there are any, or else training rows: bestFeasible takes "
          + "the smallest error rate among those that meet the constraints, rank the best compromise of ranks by error "
          + "rate and violation, mixture several with probabilities, one of which decides about each row."),
      Field(
        "readsSensitive", \.readsSensitive, .boolean,
        onlyWhere: .init(text: "method is layer", holds: { $0.method == .layer }),
        "Whether decisions may differ by the groups that the conditions speak of. More accurate, but rows that differ in "
          + "nothing else may be decided differently, and these columns are needed at prediction."),
      Field(
        "folds", \.folds, .integer(2...100), onlyWhere: .init(text: "method is layer", holds: { $0.method == .layer }),
        "The parts of the training rows; each is predicted by networks trained on the others, and the constraints are "
          + "met on these predictions."),
      Field(
        "minimumRows", \.minimumRows, .integer(1...1_000_000_000),
        "The fewest rows that a rate in a constraint may be about; with fewer the run is refused."),
      Field(
        "networks", \.networks, Networks.section.codec,
        onlyWhere: .init(text: "method is layer", holds: { $0.method == .layer }),
        "The networks that predict label and groups."),
      Field(
        "rates", \.rates, RatesConfiguration.section.codec,
        onlyWhere: .init(text: "method is rates", holds: { $0.method == .rates }),
        "How the classifier is trained under the constraints."),
      Field(
        "game", \.game, Search.section.codec, onlyWhere: .init(text: "method is game", holds: { $0.method == .game }),
        "How the game seeks lambda."),
    ])

  /// What is shown where null is the default.
  static var sample: ConstraintsConfiguration? {
    (try? MetricCondition("p_percent_rule(sex) >= 0.8")).map { ConstraintsConfiguration([$0]) }
  }

  /// Refuses conditions that cannot be trained on, or that name what the data do not have.
  ///
  /// - Parameters:
  ///   - data: Where the sensitive attributes stand.
  ///   - threshold: The threshold of the decisions.
  ///   - node: The section.
  func check(
    for data: DataConfiguration, threshold: Double, _ node: JSONNode, _ path: ConfigurationPath
  ) throws {
    var nodes: [JSONNode] = []
    if case .array(let elements) = node["require"]?.content { nodes = elements }
    let requirePath = path.appending("require")
    // Groups are known where the configuration names those that are kept; of others any name may be right.
    let vocabulary = GroupVocabulary(
      data.groupAttributes.map { .init($0.column, groups: $0.bins == nil ? $0.keep : nil) })
    let reduction = ConstraintReduction(columns: placeholders(for: data), rows: Self.placeholderRows)
    let isLayer = method == .layer
    for (index, condition) in require.enumerated() {
      do throws(ExpressionError) {
        try vocabulary.check(condition)
        _ = try reduction.constraints(condition)
      } catch {
        let conditionPath = requirePath.appending(String(index))
        throw ConfigurationError(
          at: index < nodes.count ? nodes[index].place : node.place, keyPath: conditionPath.keys.joined(separator: "."),
          "\(conditionPath): \(error.message)", detail: error.excerpt)
      }
      if isLayer, condition.mentions.contains(where: { if case .threshold = $0.subject { true } else { false } }) {
        throw requirePath.appending(String(index)).failure(
          at: index < nodes.count ? nodes[index].place : node.place,
          "is about a threshold of its own, but a corrected decision has one, 0.5. Leave out 'at'.")
      }
    }
    if let contradiction = MetricCondition.contradiction(among: require) {
      throw requirePath.failure(at: node["require"]?.place ?? node.place, "cannot be met: \(contradiction)")
    }
    if method == .rates, !(threshold > 0 && threshold < 1) {
      throw path.appending("method").failure(
        at: node.place,
        "is rates, which trains decisions at a threshold inside 0...1, but evaluation.thresholds begins with "
          + "\(threshold). Begin it with another.")
    }
    if method == .rates, rates.multipliers.rows == .validation, !data.split.mayHaveValidation {
      throw path.appending("rates").appending("multipliers").appending("rows").failure(
        at: node.place, "is validation, but data.split makes no validation rows. Give them a share, or choose training."
      )
    }
    guard !isLayer || threshold == 0.5 else {
      throw path.appending("method").failure(
        at: node.place,
        "is layer, whose decisions are at 0.5, but evaluation.thresholds begins with \(threshold). Begin it with 0.5.")
    }
  }

  private static let placeholderRows = 2

  /// Columns with the groups that are known or named, so that conditions can be reduced before any row is read.
  private func placeholders(for data: DataConfiguration) -> [SliceColumn] {
    data.groupAttributes.map { attribute in
      var groups = attribute.keep ?? []
      for condition in require {
        for mention in condition.mentions {
          if case .group(column: attribute.column, let name) = mention.subject, !groups.contains(name) {
            groups.append(name)
          }
        }
      }
      for name in ["first", "second"] where groups.count < 2 && !groups.contains(name) { groups.append(name) }
      return SliceColumn(
        GroupColumn(
          name: attribute.column, groups: groups,
          codes: (0..<Self.placeholderRows).map { Int32($0 % groups.count) }))
    }
  }
}

extension ConstraintsConfiguration.Search {
  private typealias Field = ConfigurationField<ConstraintsConfiguration.Search>

  static let section = ConfigurationSection<ConstraintsConfiguration.Search>(
    defaults: .init(),
    fields: [
      Field(
        "interval", \.interval, .integer(1...1_000_000),
        "Every how many epochs the validation rows are looked at: lambda moves, and an iterate is kept."),
      Field(
        "initialLambda", \.initialLambda, .number(.atLeast(0)),
        "Lambda at the beginning. It is in units of H(Y)/H(Z), the entropies of label and attribute, so that it means "
          + "the same for all data."),
      Field(
        "lambdaRate", \.lambdaRate, .number(.above(0)),
        "How far lambda moves at a look, per unit by which a condition is missed."),
      Field("lambdaBound", \.lambdaBound, .number(.above(0)), "The largest lambda."),
    ],
    finish: { search, node, path in
      if search.initialLambda > search.lambdaBound {
        throw path.appending("initialLambda").failure(
          at: node.place, "is \(search.initialLambda), above lambdaBound, \(search.lambdaBound). Lower it.")
      }
    })
}

extension ConstraintsConfiguration.Networks {
  private typealias Field = ConfigurationField<ConstraintsConfiguration.Networks>

  static let section = ConfigurationSection<ConstraintsConfiguration.Networks>(
    defaults: .init(),
    fields: [
      Field(
        "hidden", \.hidden, .optional(.layerWidths, sample: [32, 32, 32]),
        "The widths of the hidden layers, from the features on; [] makes logistic regression; null: [32, 32, 32], and "
          + "[16] below 10,000 training rows, where more learns noise."),
      Field("activation", \.activation, .choice, "The non-linearity after each hidden layer."),
      Field(
        "dropout", \.dropout, .number(.halfOpen(0, 1)),
        "The chance that a hidden unit is left out of a training step."),
      Field(
        "epochs", \.epochs, .optional(.integer(1...1_000_000), sample: 6),
        "The passes over the rows; null: as many as make about 200,000 rows in all, 6 at least and 40 at most."),
      Field(
        "batchSize", \.batchSize, .optional(.integer(1...16_777_216), sample: 256),
        "The rows of a mini-batch; null: about a 128th of the rows, 64 at least and 256 at most."),
      Field(
        "learningRate", \.learningRate, .number(.above(0)),
        "Adam's learning rate at the first step; it falls along half a cosine to 0."),
    ])
}

extension ConfigurationCodec<MetricCondition> {
  /// A condition on metrics.
  fileprivate static var condition: Self {
    let text = ConfigurationCodec<String>.text(.notEmpty)
    return Self(
      shape: text.shape,
      read: { node, path in
        let condition = try text.read(node, path)
        do throws(ExpressionError) {
          return try MetricCondition(condition)
        } catch {
          throw ConfigurationError(
            at: node.place, keyPath: path.keys.joined(separator: "."), "\(path): \(error.message)",
            detail: error.excerpt)
        }
      },
      write: { .string($0.text) })
  }
}
