import MetricExpressions
import Mitigation
import OrderedJSON

/// A step of `mitigation`: its name, and what it is told.
public struct MitigationConfiguration: Sendable, Hashable {
  /// The steps.
  public enum Name: String, CaseIterable, Sendable {
    case reweighing
    case ruleWeights
    case resampling
    case correlationRemover
    case adversary
    case penalties
    case exponentiatedGradient
    case gridSearch
    case thresholds
    case rejectOption
  }

  /// What a reduction trains.
  public enum Learner: String, CaseIterable, Sendable {
    /// Logistic regression.
    case logistic
    /// The configuration's classifier.
    case classifier
  }

  /// A penalty and its weight.
  public struct Term: Sendable, Hashable {
    /// The penalties; see `Mitigation.Penalty`.
    public enum Name: String, CaseIterable, Sendable {
      case demographicParityGap
      case equalOpportunityGap
      case equalizedOddsGap
      case meanDiscrepancy
      case independence
      case mutualInformation
      case absoluteCorrelation
      case counterfactualPairing
    }

    /// The kernels of the mean discrepancy.
    public enum Kernel: String, CaseIterable, Sendable {
      case gaussian
      case laplacian
    }

    public var penalty: Name = .demographicParityGap
    public var weight = 1.0
    public var kernel: Kernel = .gaussian
    public var length = 0.1
    public var rows: Penalty.Rows = .all
    public var width = 1.0
    public var distance: Penalty.Distance = .absolute
    public var attribute: String?
  }

  public var name: Name = .reweighing
  public var attributes: [String]?
  public var oneLabelGroups: Reweighing.OneLabelGroups = .refuse
  public var rules: [String] = []
  public var choice: Resampling.Choice = .uniform
  public var alpha = 1.0
  public var penalties: [Term] = []
  public var epochs = 20
  public var batchSize = 256
  public var parity: RateParity = .demographicParity
  public var atMost = 0.02
  public var learner: Learner = .logistic
  public var iterations = 50
  public var size = 10
  public var limit = 2.0
  public var criterion: ThresholdCriterion = .demographicParity
  public var objective: DecisionObjective = .accuracy
  public var randomized = false
  public var tolerance = 0.01
  public var attribute: String?
  public var favoured: [String]?
  public var bound = 0.05

  /// The step.
  ///
  /// - Throws: `ExpressionError` for a rule.
  func step(attributes known: [String]) throws -> MitigationStep {
    switch name {
    case .reweighing: return .reweighing(Reweighing(attributes: attributes, oneLabelGroups: oneLabelGroups))
    case .ruleWeights: return .ruleWeights(RuleWeights(try rules.map { try WeightRule($0) }))
    case .resampling: return .resampling(Resampling(choice, attributes: attributes))
    case .correlationRemover: return .correlationRemover(alpha: alpha, attributes: attributes)
    case .adversary: return .adversary
    case .penalties: return .penalties(penalties.map(\.term), attributes: attributes)
    case .exponentiatedGradient:
      return .exponentiatedGradient(
        ExponentiatedGradient(multiplierBound: 1 / max(atMost, 1e-3), iterations: iterations), parity, atMost: atMost,
        attributes: attributes)
    case .gridSearch:
      return .gridSearch(
        ReductionGridSearch(size: size, limit: limit), parity, atMost: atMost, attributes: attributes)
    case .thresholds:
      return .thresholds(
        ThresholdOptimizer(
          criterion, objective: objective, isRandomized: randomized, tolerance: tolerance, attributes: attributes))
    case .rejectOption:
      return .rejectOption(
        RejectOption(
          criterion, attribute: attribute ?? known.first ?? "", favoured: favoured, atMost: bound,
          objective: objective))
    }
  }
}

extension MitigationConfiguration.Term {
  fileprivate var term: PenalizedTraining.Term {
    let penalty: Penalty =
      switch penalty {
      case .demographicParityGap: .demographicParityGap
      case .equalOpportunityGap: .equalOpportunityGap
      case .equalizedOddsGap: .equalizedOddsGap
      case .meanDiscrepancy:
        .meanDiscrepancy(kernel == .gaussian ? .gaussian(length: length) : .laplacian(length: length), rows: rows)
      case .independence: .independence(width: width)
      case .mutualInformation: .mutualInformation
      case .absoluteCorrelation: .absoluteCorrelation
      case .counterfactualPairing: .counterfactualPairing(distance)
      }
    return .init(penalty, weight: weight)
  }
}

// MARK: - Keys

extension MitigationConfiguration.Term {
  private typealias Field = ConfigurationField<MitigationConfiguration.Term>

  private static let pairs = Field.Condition(
    text: "penalty is counterfactualPairing", holds: { $0.penalty == .counterfactualPairing })

  static let section = ConfigurationSection<MitigationConfiguration.Term>(
    defaults: MitigationConfiguration.Term(),
    fields: [
      Field(
        "penalty", \.penalty, .choice, required: true,
        "What is added to the loss: the gap of the groups' mean predictions (over all rows, over those with label 1, or "
          + "over each label), their mean discrepancy (MinDiff), the Hilbert-Schmidt independence criterion, the mutual "
          + "information (prejudice remover), the absolute correlation, or, of simulated people, how far a row's logit is "
          + "from that of the same person in the other group (counterfactual logit pairing)."),
      Field("weight", \.weight, .number(.atLeast(0)), "What it is multiplied by, beside a loss in nats a row."),
      Field(
        "kernel", \.kernel, .choice,
        onlyWhere: .init(text: "penalty is meanDiscrepancy", holds: { $0.penalty == .meanDiscrepancy }),
        "How alike two predictions are."),
      Field(
        "length", \.length, .number(.above(0)),
        onlyWhere: .init(text: "penalty is meanDiscrepancy", holds: { $0.penalty == .meanDiscrepancy }),
        "The kernel's length; about the standard deviation of the predictions is a good start."),
      Field(
        "rows", \.rows, .choice,
        onlyWhere: .init(text: "penalty is meanDiscrepancy", holds: { $0.penalty == .meanDiscrepancy }),
        "The rows it is about: all, or those of one label."),
      Field(
        "width", \.width, .number(.above(0)),
        onlyWhere: .init(text: "penalty is independence", holds: { $0.penalty == .independence }),
        "The width of the Gaussian kernel."),
      Field(
        "distance", \.distance, .choice, onlyWhere: pairs,
        "How far two logits are apart: their absolute or their squared difference."),
      Field(
        "attribute", \.attribute, .optional(.text(.notEmpty), sample: "sex"), onlyWhere: pairs,
        "The attribute that is set to its other group, of two; null for the first with groups."),
    ])
}

extension MitigationConfiguration {
  private typealias Field = ConfigurationField<MitigationConfiguration>

  private static func only(_ names: Name...) -> ConfigurationField<MitigationConfiguration>.Condition {
    .init(text: "name is \(names.map(\.rawValue).joined(separator: " or "))", holds: { names.contains($0.name) })
  }

  static let section = ConfigurationSection<MitigationConfiguration>(
    defaults: MitigationConfiguration(),
    fields: [
      Field(
        "name", \.name, .choice, required: true,
        "The step. Before training: reweighing, ruleWeights, resampling, correlationRemover. Training, one of them: "
          + "adversary, which is the game that 'adversary' and 'training' describe; penalties; exponentiatedGradient; "
          + "gridSearch. After training, one of them: thresholds, rejectOption."),
      Field(
        "attributes", \.attributes, .optional(.list(.text(.notEmpty), minimum: 1, distinct: true)),
        onlyWhere: only(
          .reweighing, .resampling, .correlationRemover, .penalties, .exponentiatedGradient, .gridSearch, .thresholds),
        "The sensitive attributes, whose groups are crossed; null for all."),
      Field(
        "oneLabelGroups", \.oneLabelGroups, .choice, onlyWhere: only(.reweighing),
        "What is done where a group has rows of one label only: refuse, or leave their weights."),
      Field(
        "rules", \.rules, .list(.text(.notEmpty), minimum: 1), onlyWhere: only(.ruleWeights),
        "Rules in order, such as \"where label = 0 and sex = Female set weight 0.7\"; the last that fits a row holds."),
      Field(
        "choice", \.choice, .choice, onlyWhere: only(.resampling),
        "Which rows of a cell are doubled or left out: any, or those nearest to the border of a logistic regression."),
      Field(
        "alpha", \.alpha, .number(.closed(0, 1)), onlyWhere: only(.correlationRemover),
        "The share of the linear part that is taken out of the features. Such a model reads the attributes at prediction."
      ),
      Field(
        "penalties", \.penalties, .list(Term.section.codec, minimum: 1), onlyWhere: only(.penalties),
        "What is added to the classifier's loss."),
      Field(
        "epochs", \.epochs, .integer(1...1_000_000),
        onlyWhere: only(.penalties, .exponentiatedGradient, .gridSearch),
        "The passes of a training of the classifier."),
      Field(
        "batchSize", \.batchSize, .integer(1...16_777_216),
        onlyWhere: only(.penalties, .exponentiatedGradient, .gridSearch),
        "The rows of a mini-batch; large enough to hold all groups."),
      Field(
        "parity", \.parity, .choice, onlyWhere: only(.exponentiatedGradient, .gridSearch),
        "The rate that every group is to share with all rows."),
      Field(
        "atMost", \.atMost, .number(.closed(0, 1)), onlyWhere: only(.exponentiatedGradient, .gridSearch),
        "How far a group's rate may be from that of all rows, on the training rows."),
      Field(
        "learner", \.learner, .choice, onlyWhere: only(.exponentiatedGradient, .gridSearch),
        "What is trained again and again: logistic regression, or the configuration's classifier."),
      Field(
        "iterations", \.iterations, .integer(1...100_000), onlyWhere: only(.exponentiatedGradient),
        "The most iterations."),
      Field(
        "size", \.size, .integer(1...10_000), onlyWhere: only(.gridSearch), "The points of the grid of multipliers."),
      Field("limit", \.limit, .number(.above(0)), onlyWhere: only(.gridSearch), "The largest multiplier."),
      Field(
        "criterion", \.criterion, .choice, onlyWhere: only(.thresholds, .rejectOption),
        "What the groups' decisions are to have in common."),
      Field(
        "objective", \.objective, .choice, onlyWhere: only(.thresholds, .rejectOption),
        "What is best among what meets the criterion."),
      Field(
        "randomized", \.randomized, .boolean, onlyWhere: only(.thresholds),
        "Whether a lottery, drawn by a hash of the row, may decide between two thresholds of a group."),
      Field(
        "tolerance", \.tolerance, .number(.closed(0, 1)), onlyWhere: only(.thresholds),
        "Without lotteries: the widest gap that counts as met."),
      Field(
        "attribute", \.attribute, .optional(.text(.notEmpty)), onlyWhere: only(.rejectOption),
        "The sensitive attribute; null for the first."),
      Field(
        "favoured", \.favoured, .optional(.list(.text(.notEmpty), minimum: 1, distinct: true)),
        onlyWhere: only(.rejectOption), "Its favoured groups; null for the privileged one."),
      Field(
        "bound", \.bound, .number(.closed(0, 1)), onlyWhere: only(.rejectOption),
        "The widest gap between groups that counts as met."),
    ],
    finish: { step, node, path in
      let isLacking: [(key: String, lacks: Bool)] = [
        ("rules", step.name == .ruleWeights && step.rules.isEmpty),
        ("penalties", step.name == .penalties && step.penalties.isEmpty),
      ]
      if let key = isLacking.first(where: \.lacks)?.key {
        throw path.failure(at: node.place, "lacks the key '\(key)', without which \(step.name.rawValue) does nothing.")
      }
    })
}

extension ExperimentConfiguration {
  /// Checks the steps of mitigation against one another and the rest, and fills in what follows from them.
  mutating func completeForMitigation(_ node: JSONNode, _ path: ConfigurationPath) throws {
    guard !mitigation.isEmpty else { return }
    let list = path.appending("mitigation")
    let place = (node["mitigation"] ?? node).place
    if constraints != nil {
      throw list.failure(
        at: place, "and constraints both say how parity is reached. Remove one of them.")
    }
    try checkPairing { throw list.failure(at: place, $0) }
    let trains = mitigation.contains { [.penalties, .exponentiatedGradient, .gridSearch].contains($0.name) }
    // A way of training takes the place of the game where the file says nothing about an adversary.
    if trains && node["adversary"]?["name"] == nil { adversary.name = nil }
    if mitigation.contains(where: { $0.name == .adversary }) && adversary.name == nil {
      throw list.failure(at: place, "has the step 'adversary', but adversary.name is null. Name one.")
    }
    if mitigation.contains(where: { $0.name == .thresholds || $0.name == .rejectOption }),
      evaluation.decisionThreshold <= 0
    {
      throw list.failure(
        at: place, "decides by thresholds of its own, for which the first of evaluation.thresholds must be above 0.")
    }
    _ = try mitigationPlan { throw list.failure(at: place, $0) }
  }

  /// The attribute that counterfactual logit pairing sets otherwise; nil where no step has that penalty.
  var pairedAttribute: String? {
    mitigation.flatMap(\.penalties).first { $0.penalty == .counterfactualPairing }
      .flatMap { $0.attribute ?? data.groupNames.first }
  }

  /// Refuses counterfactuals that nobody knows.
  private func checkPairing(_ fail: (String) throws -> Never) throws {
    guard let attribute = pairedAttribute else { return }
    guard case .simulated = data.source else {
      try fail(
        "has the penalty counterfactualPairing, but only simulated people have counterfactuals. Choose "
          + "{\"simulated\": \"census\"} for data.source, or another penalty.")
    }
    let terms = mitigation.flatMap(\.penalties).filter { $0.penalty == .counterfactualPairing }
    guard Set(terms.map { $0.attribute ?? data.groupNames.first }).count == 1 else {
      try fail("pairs by several attributes, and each person has one counterfactual. Name one attribute.")
    }
    guard let found = data.groupAttributes.first(where: { $0.column == attribute }) else {
      try fail(
        "sets \(excerpt(.string(attribute))) otherwise, which is no sensitive attribute with groups. The attributes are "
          + "\(data.groupNames.joined(separator: ", ")).")
    }
    guard found.bins == nil, (found.keep?.count ?? 2) == 2 else {
      try fail(
        "sets \(excerpt(.string(attribute))) to its other group, but it has not two that are values of the column. Keep "
          + "two, or name another attribute.")
    }
  }

  /// The steps with the game among them, where there is one; nil where there is nothing but a game or plain training.
  ///
  /// - Parameter fail: Throws for steps that cannot be done together, with a sentence that goes on after the list's path.
  func mitigationPlan(_ fail: (String) throws -> Never) throws -> MitigationPlan? {
    guard !mitigation.isEmpty else { return nil }
    var steps: [MitigationStep] = []
    for (index, step) in mitigation.enumerated() {
      do {
        steps.append(try step.step(attributes: data.groupNames))
      } catch {
        try fail("has a step \(index + 1), \(step.name.rawValue), that cannot be followed: \(error)")
      }
    }
    if adversary.name != nil && !steps.contains(.adversary) {
      steps.insert(.adversary, at: steps.firstIndex { $0.stage >= .training } ?? steps.endIndex)
    }
    do { return try MitigationPlan(steps) } catch { try fail("cannot be followed: \(error)") }
  }
}
