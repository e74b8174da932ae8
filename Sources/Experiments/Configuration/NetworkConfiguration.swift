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

  /// What an attribute weighs where the configuration does not say: the notebook's values on Adult, and with other
  /// adversaries what their authors or libraries take.
  static func standard(for attributes: [String], adversary: AdversaryConfiguration.Name?) -> LambdaConfiguration {
    .byAttribute(
      attributes.map { attribute in
        switch adversary {
        case .prediction, nil: NamedValue(attribute, attribute == "race" ? 130 : 30)
        case .aif360: NamedValue(attribute, 0.1)
        default: NamedValue(attribute, 1)
        }
      })
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
