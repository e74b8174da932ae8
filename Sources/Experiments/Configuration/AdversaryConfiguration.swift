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
    /// Gives a continuous attribute a density.
    case mixtureDensity
    /// Seeks the functions of prediction and attribute that are correlated most.
    case maximalCorrelation
    /// Sees the prediction; the classifier is pressed where it shows most, by weights in closed form.
    case broad
    /// The same with the weights of a network.
    case road
    /// Sees features and label, and no attribute: adversarially reweighted learning.
    case reweighting

    /// Whether the classifier's gradient is projected.
    var projects: Bool {
      switch self {
      case .projection, .aif360, .fairlearn, .fairlearnTorch: true
      default: false
      }
    }

    /// What it looks at where that is not the prediction.
    var sees: String? {
      switch self {
      case .gradientReversal, .laftr: "the last hidden layer"
      case .reweighting: "the features and the label"
      default: nil
      }
    }
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

  /// Sensitive attributes that are crossed, each cross another attribute of the game.
  public var crosses: [[String]] = []

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

  /// The Gaussians in the density of a continuous attribute.
  public var components = 5

  /// How far weights may be from equal: the smaller, the more of them is local.
  public var temperature = 1.0

  /// What the loss of LAFTR's decoder is multiplied by; 0 for no decoder.
  public var reconstruction = 0.0

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
    turns = name == .mixtureDensity || name == .maximalCorrelation ? .passes : .batches
    lambdaInAdversaryLoss = false
    diagnostics = name.projects
    switch name {
    case .prediction, .projection, .broad, .road, .reweighting: break
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
    case .mixtureDensity: hidden = [20, 20]
    case .maximalCorrelation:
      hidden = [15, 15, 15]
      activation = .tanh
    }
  }
}

// MARK: - Keys

extension AdversaryConfiguration {
  private typealias Field = ConfigurationField<AdversaryConfiguration>

  private static func only(_ names: Name...) -> Field.Condition {
    .init(
      text: "name is \(names.map(\.rawValue).joined(separator: " or "))",
      holds: { owner in owner.name.map(names.contains) ?? false })
  }

  static let section = ConfigurationSection<AdversaryConfiguration>(
    defaults: AdversaryConfiguration(),
    fields: [
      Field(
        "name", \.name, .optional(.choice),
        "The kind of adversary. Of the prediction: prediction, the article's; projection, Zhang's, which takes out of "
          + "the classifier's gradient what would help the adversary; aif360, fairlearn and fairlearnTorch, the projection "
          + "as these libraries compute it, layer by layer, the last with a product that is not the formula's. Of the last "
          + "hidden layer: gradientReversal, and laftr with absolute losses that balance the groups. For continuous attributes: "
          + "mixtureDensity, which gives them a density, and maximalCorrelation, which seeks the functions of prediction and "
          + "attribute that are correlated most. By weights for rows: broad and road, which press where the prediction shows "
          + "a group most, by a closed form or a network; reweighting, which knows no attribute and weighs up rows on which "
          + "the classifier does badly. Null: none, which is plain training, and the keys below mean nothing."),
      Field(
        "criterion", \.criterion, .choice,
        "What the game aims at: demographicParity; equalizedOdds, where the adversary sees the label too; "
          + "equalOpportunity, where it plays on the rows with label 1."),
      Field(
        "turns", \.turns, .choice,
        "In which order the players move in an epoch of the game: passes, the adversary over all rows, then the "
          + "classifier as training.classifierBatch says; batches, both on every mini-batch, by gradients taken before "
          + "either moves. The default goes by the kind: passes for prediction, mixtureDensity and maximalCorrelation, else "
          + "batches."),
      Field("hidden", \.hidden, .layerWidths, "The widths of the hidden layers."),
      Field("activation", \.activation, .choice, "The non-linearity after each hidden layer."),
      Field(
        "input", \.input, .choice,
        "What it sees of the prediction: the probability; the logit before the sigmoid; or sharpened, the sigmoid of the "
          + "logit times 1 + |c|, with a learned c."),
      Field(
        "crosses", \.crosses,
        .list(.list(.text(.notEmpty), minimum: 2, maximum: 8, distinct: true), maximum: 16, distinct: true),
        "Sensitive attributes to be crossed, such as [[\"race\", \"sex\"]]: each combination of their groups is a group of "
          + "another attribute of the game, 'race,sex', which lambda weighs too; with 0 for race and sex, it alone counts."
      ),
      Field(
        "components", \.components, .integer(1...100), onlyWhere: only(.mixtureDensity),
        "The Gaussians in the density of a continuous attribute."),
      Field(
        "temperature", \.temperature, .number(.atLeast(0.01)), onlyWhere: only(.broad, .road),
        "How far the weights of rows may be from equal, in nats: the smaller, the more of the pressure is local."),
      Field(
        "reconstruction", \.reconstruction, .number(.atLeast(0)), onlyWhere: only(.laftr),
        "What the loss of a decoder is multiplied by, which gives the features back from the last hidden layer; 0: none."
      ),
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
