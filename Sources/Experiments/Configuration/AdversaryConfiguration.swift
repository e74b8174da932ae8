import Mitigation
import OrderedJSON

/// The network that tries to read the sensitive attributes off the prediction, and its part in the game.
public struct AdversaryConfiguration: Sendable, Equatable {
  /// The kinds of adversary.
  public enum Name: String, CaseIterable, Sendable {
    /// Sees the prediction and nothing else: the article's.
    case prediction
    /// The same, the classifier's gradient projected over all parameters: Zhang's.
    case projection
    /// The projection as AIF360 computes it.
    case aif360
    /// The projection as fairlearn computes it on TensorFlow.
    case fairlearn
    /// The projection as fairlearn computes it on PyTorch.
    case fairlearnTorch
    /// Sees the last hidden layer, through gradient reversal.
    case gradientReversal
    /// Sees the last hidden layer, by LAFTR's losses.
    case laftr

    /// Whether the classifier's gradient is projected.
    var projects: Bool {
      switch self {
      case .projection, .aif360, .fairlearn, .fairlearnTorch: true
      case .prediction, .gradientReversal, .laftr: false
      }
    }

    /// Whether it looks at the prediction, and not at the last hidden layer.
    var seesPrediction: Bool { self != .gradientReversal && self != .laftr }
  }

  /// What the game aims at.
  public enum Criterion: String, CaseIterable, Sendable {
    /// Independence of the prediction and the attributes.
    case demographicParity
    /// Independence under each label.
    case equalizedOdds
    /// Independence among the rows with label 1.
    case equalOpportunity
  }

  /// In which order the players move in an epoch of the game.
  public enum Turns: String, CaseIterable, Sendable {
    /// A pass of the adversary, then the steps of the classifier.
    case passes
    /// Both step on every mini-batch.
    case batches
  }

  /// What the adversary sees of the prediction.
  public enum Input: String, CaseIterable, Sendable {
    /// The probability, in 0...1.
    case probability
    /// The logit, before the sigmoid.
    case logit
    /// The probability with a learned sharpness.
    case sharpened
  }

  /// How the losses of the attributes become one number.
  public enum Reduction: String, CaseIterable, Sendable {
    /// Over rows and attributes alike: with k attributes, each λ counts 1/k.
    case mean
    /// Over the attributes, of the mean over rows.
    case sum
  }

  /// How rows of rare groups weigh in the adversary's loss.
  public enum ClassWeights: String, CaseIterable, Sendable {
    /// Every row alike.
    case none
    /// For each attribute, groups in inverse proportion to their training rows.
    case balanced
  }

  /// The kind of adversary; nil for none, which is plain training: the unaware baseline.
  public var name: Name? = .prediction

  /// What the game aims at.
  public var criterion: Criterion = .demographicParity

  /// In which order the players move.
  public var turns: Turns = .passes

  /// The widths of the hidden layers.
  public var hidden = [32, 32, 32]

  /// The non-linearity after each hidden layer.
  public var activation: ActivationName = .relu

  /// What it sees of the prediction.
  public var input: Input = .probability

  /// The weight of each attribute in the game, in the order of `data.sensitive`.
  public var lambda: LambdaConfiguration = .byAttribute([NamedValue("race", 130), NamedValue("sex", 30)])

  /// How λ changes over the epochs of the game.
  public var lambdaSchedule: LambdaSchedule = .constant

  /// Whether λ also weighs the attributes in the adversary's own loss.
  public var lambdaInAdversaryLoss = true

  /// How the losses of the attributes become one number.
  public var reduction: Reduction = .mean

  /// How rows of rare groups weigh.
  public var classWeights: ClassWeights = .none

  /// Whether the classifier's dropout is on while the adversary trains.
  public var classifierDropout = true

  /// Whether the epochs' records compare the classifier's two gradients.
  public var diagnostics = false

  /// How its parameters follow their gradients.
  public var optimizer = OptimizerConfiguration()

  public init() {}

  /// What suits a kind of adversary where a configuration says nothing else.
  init(standard name: Name?) {
    self.name = name
    guard let name, name != .prediction else { return }
    turns = .batches
    lambdaInAdversaryLoss = false
    diagnostics = name.projects
    switch name {
    case .prediction, .projection: break
    case .aif360:
      hidden = []
      input = .sharpened
      criterion = .equalizedOdds
    case .fairlearn, .fairlearnTorch: hidden = []
    case .gradientReversal:
      hidden = [32]
      lambdaSchedule = .ramp
    case .laftr:
      hidden = [32]
      classWeights = .balanced
    }
  }
}

// MARK: - Keys

extension AdversaryConfiguration {
  private typealias Field = ConfigurationField<AdversaryConfiguration>

  static let section = ConfigurationSection<AdversaryConfiguration>(
    defaults: AdversaryConfiguration(),
    fields: [
      Field(
        "name", \.name, .optional(.choice),
        "The kind of adversary. Of the prediction: prediction, the article's; projection, Zhang's, which takes out of "
          + "the classifier's gradient what would help the adversary; aif360, fairlearn and fairlearnTorch, the projection "
          + "as these libraries compute it, layer by layer, the last with a product that is not the formula's. Of the last "
          + "hidden layer: gradientReversal, and laftr with absolute losses that balance the groups. Null: none, which is "
          + "plain training, and the keys below mean nothing."),
      Field(
        "criterion", \.criterion, .choice,
        "What the game aims at: demographicParity; equalizedOdds, where the adversary sees the label too; "
          + "equalOpportunity, where it plays on the rows with label 1."),
      Field(
        "turns", \.turns, .choice,
        "In which order the players move in an epoch of the game: passes, the adversary over all rows, then the "
          + "classifier as training.classifierBatch says; batches, both on every mini-batch, by gradients taken before "
          + "either moves. The default goes by the kind: passes for prediction, else batches."),
      Field("hidden", \.hidden, .layerWidths, "The widths of the hidden layers."),
      Field("activation", \.activation, .choice, "The non-linearity after each hidden layer."),
      Field(
        "input", \.input, .choice,
        "What it sees of the prediction: the probability; the logit before the sigmoid; or sharpened, the sigmoid of the "
          + "logit times 1 + |c|, with a learned c."),
      Field(
        "lambda", \.lambda, LambdaConfiguration.codec,
        "The weight of each sensitive attribute in the game: one number for all, or an object with a number for each. "
          + "With a projection it is alpha. Left out: race 130 and sex 30, any other attribute 30, for prediction; 0.1 for "
          + "aif360, 1 for the others."),
      Field(
        "lambdaSchedule", \.lambdaSchedule, .choice,
        "How lambda changes over the epochs of the game: constant; ramp, from 0 along 2/(1 + exp(-10 p)) - 1, p the "
          + "progress in 0...1; squareRoot, times the root of the epoch, from 1, to go with training.pace inverseTime."),
      Field(
        "lambdaInAdversaryLoss", \.lambdaInAdversaryLoss, .boolean,
        "Whether lambda also weighs the attributes in the adversary's own loss."),
      Field(
        "reduction", \.reduction, .choice,
        "How the losses of the attributes become one number: their mean, so that with k attributes each lambda counts "
          + "1/k, or their sum."),
      Field(
        "classWeights", \.classWeights, .choice,
        "How rows of rare groups weigh in the adversary's loss: alike, or in inverse proportion to their number."),
      Field(
        "classifierDropout", \.classifierDropout, .boolean,
        "Whether the classifier's dropout is on while the adversary trains."),
      Field(
        "diagnostics", \.diagnostics, .boolean,
        "Whether the epochs' records compare the classifier's two gradients, which costs a second derivative where "
          + "nothing is projected: their angle, the share removed, the adversary's losses beside the attributes' "
          + "entropies."),
      Field(
        "optimizer", \.optimizer, OptimizerConfiguration.section.codec, "How its parameters follow their gradients."),
    ],
    start: { node, path in
      guard let name = node["name"] else { return AdversaryConfiguration() }
      let codec: ConfigurationCodec<Name?> = .optional(.choice)
      return AdversaryConfiguration(standard: try codec.read(name, path.appending("name")))
    })
}
