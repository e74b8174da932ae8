import OrderedJSON

/// Everything that an experiment is told: its data, its two networks, its training, its evaluation and its records.
///
/// Every key has a default, and `json` spells them all out. Reading what `json` wrote gives an equal configuration.
public struct ExperimentConfiguration: Sendable, Equatable {
  /// The largest seed: the largest whole number that every reader of JSON keeps exactly, 2⁵³ − 1.
  public static let largestSeed = 9_007_199_254_740_991

  /// The name, under which the run's folder stands.
  public var name = "experiment"

  /// The seed from which every random number follows.
  public var seed = 7

  /// The rows.
  public var data = DataConfiguration()

  /// The network that predicts the label.
  public var classifier = ClassifierConfiguration()

  /// The network that tries to read the sensitive attributes off the prediction.
  public var adversary = AdversaryConfiguration()

  /// How long and in which portions the networks train.
  public var training = TrainingConfiguration()

  /// What the run must reach; nil where λ alone decides.
  public var constraints: ConstraintsConfiguration?

  /// What is done for parity before, in and after training, in order; empty for the game alone, or plain training.
  public var mitigation: [MitigationConfiguration] = []

  /// What is measured, and when.
  public var evaluation = EvaluationConfiguration()

  /// The audit at the end of the run.
  public var audit = AuditConfiguration()

  /// What its makers say of the model; nil for nothing.
  public var card: CardConfiguration?

  /// Where the records go.
  public var output = OutputConfiguration()

  public init() {}

  /// Reads a configuration and checks it.
  ///
  /// - Throws: `ConfigurationError` with the place of the first fault.
  public init(_ node: JSONNode) throws(ConfigurationError) {
    do {
      self = try Self.section.codec.read(node, ConfigurationPath())
    } catch let error as ConfigurationError {
      throw error
    } catch {
      // The codecs throw nothing else.
      throw ConfigurationError(at: node.place, "\(error)")
    }
  }

  /// The resolved configuration: every key, every default spelled out.
  public var json: JSON { Self.section.codec.write(self) }
}

extension ExperimentConfiguration {
  private typealias Field = ConfigurationField<ExperimentConfiguration>

  static let section = ConfigurationSection<ExperimentConfiguration>(
    defaults: ExperimentConfiguration(),
    fields: [
      Field(
        "name", \.name, .text(.name), "The name of the experiment, under which the folders of its runs stand."),
      Field(
        "seed", \.seed, .integer(0...largestSeed),
        "The seed from which every random number follows: equal seed, equal bytes."),
      Field("data", \.data, DataConfiguration.section.codec, "The rows, and how they become features."),
      Field(
        "classifier", \.classifier, ClassifierConfiguration.section.codec, "The network that predicts the label."),
      Field(
        "adversary", \.adversary, AdversaryConfiguration.section.codec,
        "The network that tries to read the sensitive attributes off the prediction, and its part in the game."),
      Field(
        "training", \.training, TrainingConfiguration.section.codec,
        "How long and in which portions the networks train."),
      Field(
        "constraints", \.constraints,
        .optional(ConstraintsConfiguration.section.codec, sample: ConstraintsConfiguration.sample),
        "What the run must reach, and how it gets there; null: nothing, the game is played with the lambdas given."),
      Field(
        "mitigation", \.mitigation, .list(MitigationConfiguration.section.codec, maximum: 100),
        "What is done for parity, in order: steps before training, one way of training at most, one decision after it at "
          + "most. Where no step trains, the adversary does, or without one the classifier is trained plainly."),
      Field(
        "evaluation", \.evaluation, EvaluationConfiguration.section.codec, "What is measured, and when."),
      Field(
        "audit", \.audit, AuditConfiguration.section.codec,
        "The audit by fresh adversaries at the end of a run: what can still be read off the predictions."),
      Field(
        "card", \.card, .optional(CardConfiguration.section.codec, sample: CardConfiguration.sample),
        "The answers to the questions of the five steps from the problem to the use, which are printed in the model card "
          + "and the report; null: none is given, and they say \"not answered\"."),
      Field("output", \.output, OutputConfiguration.section.codec, "Where the records go."),
    ],
    ignoredKeys: ["$schema"],
    finish: { configuration, node, path in
      // What follows from the attributes is filled in here, for only here both are known.
      try configuration.checkCrosses(node, path)
      let attributes = configuration.data.sensitiveNames + configuration.crossNames
      if let lambda = node["adversary"]?["lambda"] {
        configuration.adversary.lambda = try configuration.adversary.lambda.spelledOut(
          for: attributes, areKnown: configuration.data.knownColumns != nil, lambda,
          path.appending("adversary").appending("lambda"))
      } else {
        configuration.adversary.lambda = .standard(for: attributes, adversary: configuration.adversary.name)
      }
      try configuration.checkLabelKind(node, path)
      try configuration.evaluation.complete(
        for: configuration.data, node["evaluation"], path.appending("evaluation"))
      let whole = node
      try configuration.completeForMitigation(whole, path)
      try configuration.completeForAdversary(whole, path)
      if node["audit"]?["enabled"] == nil || configuration.audit.enabled == nil {
        configuration.audit.enabled = configuration.constraints != nil
      }
      if let constraints = configuration.constraints, let node = node["constraints"] {
        try constraints.check(
          for: configuration.data, threshold: configuration.evaluation.decisionThreshold, node,
          path.appending("constraints"))
        if constraints.method == .game {
          try configuration.completeForTarget(whole, path)
        }
      }
    })
}
