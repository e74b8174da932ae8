import Mitigation
import OrderedJSON
import TabularData
import Wording

/// The non-linearity after each hidden layer.
public enum ActivationName: String, CaseIterable, Sendable {
  case relu
  case leakyRelu
  case tanh
  case sigmoid
}

/// The network that predicts the label.
public struct ClassifierConfiguration: Sendable, Equatable {
  /// The widths of the hidden layers, from the features on; none makes logistic regression.
  public var hidden = [32, 32, 32]

  /// The non-linearity after each hidden layer.
  public var activation: ActivationName = .relu

  /// The chance in 0..<1 that a hidden unit is left out of a training step.
  public var dropout = 0.2

  /// How its parameters follow their gradients.
  public var optimizer = OptimizerConfiguration()

  public init() {}
}

/// The network that tries to read the sensitive attributes off the prediction, and its part in the game.
public struct AdversaryConfiguration: Sendable, Equatable {
  /// The kinds of adversary.
  public enum Name: String, CaseIterable, Sendable {
    /// Sees the prediction and nothing else.
    case prediction
  }

  /// What the adversary sees of the prediction.
  public enum Input: String, CaseIterable, Sendable {
    /// The probability, in 0...1.
    case probability
    /// The logit, before the sigmoid.
    case logit
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

  /// How its parameters follow their gradients.
  public var optimizer = OptimizerConfiguration()

  public init() {}
}

/// The weight λ ≥ 0 of each sensitive attribute in the game.
public enum LambdaConfiguration: Sendable, Equatable {
  /// One weight for every attribute. A decoded configuration never has it: it is spelled out by attribute.
  case everyAttribute(Double)
  /// A weight by the attribute's name.
  case byAttribute([NamedValue<Double>])

  /// The weight of an attribute, or nil where none is named.
  public subscript(attribute: String) -> Double? {
    switch self {
    case .everyAttribute(let lambda): lambda
    case .byAttribute(let lambdas): lambdas.first { $0.name == attribute }?.value
    }
  }
}

// MARK: - Keys

extension ConfigurationCodec<[Int]> {
  static var layerWidths: Self { .list(.integer(1...65_536), maximum: 64) }
}

extension ClassifierConfiguration {
  private typealias Field = ConfigurationField<ClassifierConfiguration>

  static let section = ConfigurationSection<ClassifierConfiguration>(
    defaults: ClassifierConfiguration(),
    fields: [
      Field(
        "hidden", \.hidden, .layerWidths,
        "The widths of the hidden layers, from the features on; [] makes logistic regression."),
      Field("activation", \.activation, .choice, "The non-linearity after each hidden layer."),
      Field(
        "dropout", \.dropout, .number(.halfOpen(0, 1)),
        "The chance that a hidden unit is left out of a training step; it is never on while measuring."),
      Field(
        "optimizer", \.optimizer, OptimizerConfiguration.section.codec, "How its parameters follow their gradients."),
    ])
}

extension AdversaryConfiguration {
  private typealias Field = ConfigurationField<AdversaryConfiguration>

  static let section = ConfigurationSection<AdversaryConfiguration>(
    defaults: AdversaryConfiguration(),
    fields: [
      Field(
        "name", \.name, .optional(.choice),
        "The kind of adversary: prediction sees the prediction and nothing else. Null: none, which is plain training, "
          + "and the keys below mean nothing."),
      Field("hidden", \.hidden, .layerWidths, "The widths of the hidden layers."),
      Field("activation", \.activation, .choice, "The non-linearity after each hidden layer."),
      Field(
        "input", \.input, .choice, "What it sees of the prediction: the probability, or the logit before the sigmoid."),
      Field(
        "lambda", \.lambda, LambdaConfiguration.codec,
        "The weight of each sensitive attribute in the game: one number for all, or an object with a number for each. "
          + "Left out: race 130 and sex 30, any other attribute 30."),
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
        "optimizer", \.optimizer, OptimizerConfiguration.section.codec, "How its parameters follow their gradients."),
    ])
}

extension LambdaConfiguration {
  static let codec: ConfigurationCodec<LambdaConfiguration> = .anyOf([
    .init(
      codec: ConfigurationCodec<Double>.number(.atLeast(0)).map(LambdaConfiguration.everyAttribute, { $0[""] ?? 0 }),
      sample: .everyAttribute(30),
      isMeant: { if case .object = $0.content { false } else { true } },
      holds: { if case .everyAttribute = $0 { true } else { false } }),
    .init(
      codec: ConfigurationCodec<[NamedValue<Double>]>.map(.number(.atLeast(0))).map(
        LambdaConfiguration.byAttribute, { if case .byAttribute(let lambdas) = $0 { lambdas } else { [] } }),
      sample: .byAttribute([NamedValue("race", 130), NamedValue("sex", 30)]),
      isMeant: { if case .object = $0.content { true } else { false } },
      holds: { if case .byAttribute = $0 { true } else { false } }),
  ])

  /// What an attribute weighs where the configuration does not say: the notebook's values on Adult.
  static func standard(for attributes: [String]) -> LambdaConfiguration {
    .byAttribute(attributes.map { NamedValue($0, $0 == "race" ? 130 : 30) })
  }

  /// The weights by attribute, in the attributes' order; each attribute needs one, and no other name may have one.
  ///
  /// - Parameter areKnown: Whether the attributes are known to be columns of the rows; otherwise a name that differs may
  ///   be misspelt in `data.sensitive` as well.
  func spelledOut(
    for attributes: [String], areKnown: Bool, _ node: JSONNode, _ path: ConfigurationPath
  ) throws -> LambdaConfiguration {
    if case .byAttribute(let lambdas) = self {
      for lambda in lambdas where !attributes.contains(lambda.name) {
        let remedy =
          NearestName.find(lambda.name, among: attributes).map { name in
            let other = areKnown ? "" : " Or is it data.sensitive that is misspelt?"
            return "Did you mean '\(name)'?\(other)"
          }
          ?? "The attributes of data.sensitive are \(attributes.joined(separator: ", "))."
        throw path.failure(
          at: node.place,
          "has a weight for \(excerpt(.string(lambda.name))), which is no sensitive attribute. \(remedy)")
      }
    }
    return .byAttribute(
      try attributes.map { attribute in
        guard let lambda = self[attribute] else {
          throw path.failure(
            at: node.place,
            "has no weight for the sensitive attribute \(excerpt(.string(attribute))). "
              + "Add it; 0 leaves the attribute out of the game.")
        }
        return NamedValue(attribute, lambda)
      })
  }
}
