import AdversarialGame
import Mitigation
import NeuralNetworks
import TabularData

extension ExperimentConfiguration {
  /// The classifier's architecture for a number of features and a kind of label.
  func network(features: Int, label: LabelKind = .binary) -> Perceptron {
    Perceptron(
      inputs: features, hidden: classifier.hidden, outputs: label.outputs, activation: classifier.activation.activation,
      dropout: classifier.dropout)
  }

  /// The adversary for the attributes of the data; nil where none plays.
  ///
  /// - Parameters:
  ///   - features: The number of features, which is the width of the last hidden layer where there is none.
  ///   - label: What the classifier predicts; an adversary that sees predictions reads all its outputs.
  func adversary(
    for attributes: [SensitiveAttribute], features: Int, label: LabelKind = .binary
  ) -> (any Adversary)? {
    let predictions = label.outputs
    let seesLabels = adversary.criterion == .equalizedOdds
    let activation = adversary.activation.activation
    let input: PredictionAdversary.Input =
      switch adversary.input {
      case .probability: .probability
      case .logit: .logit
      case .sharpened: .sharpened
      }
    switch adversary.name {
    case nil: return nil
    case .prediction, .projection, .aif360, .fairlearn, .fairlearnTorch:
      let isCrossed = adversary.name == .projection || adversary.name == .aif360
      return PredictionAdversary(
        attributes: attributes, hidden: adversary.hidden, activation: activation,
        input: input,
        labels: !seesLabels ? .unseen : isCrossed ? .crossed : .beside, predictions: predictions)
    case .gradientReversal, .laftr:
      return HiddenLayerAdversary(
        attributes: attributes, width: classifier.hidden.last ?? features, hidden: adversary.hidden,
        activation: activation, loss: adversary.name == .laftr ? .absolute : .crossEntropy, seesLabels: seesLabels,
        decoder: adversary.reconstruction > 0 ? (features, adversary.hidden, adversary.reconstruction) : nil)
    case .mixtureDensity:
      return MixtureDensityAdversary(
        attributes: attributes, components: adversary.components, hidden: adversary.hidden, activation: activation,
        input: input, seesLabels: seesLabels, predictions: predictions)
    case .maximalCorrelation:
      return MaximalCorrelationAdversary(
        attributes: attributes, hidden: adversary.hidden, activation: activation, input: input, seesLabels: seesLabels,
        predictions: predictions)
    case .broad, .road:
      let base = PredictionAdversary(
        attributes: attributes, hidden: adversary.hidden, activation: activation, input: input,
        labels: seesLabels ? .beside : .unseen)
      return LocallyWeightedAdversary(
        base, attributes: attributes, temperature: adversary.temperature, width: classifier.hidden.last ?? features,
        weighting: adversary.name == .road ? .network(hidden: adversary.hidden) : .closedForm)
    case .reweighting: return ReweightingAdversary(attributes: attributes, features: features)
    }
  }

  /// What the classifier makes of its two gradients.
  private var classifierUpdate: ClassifierUpdate {
    switch adversary.name {
    case .projection: .projected(.allParameters)
    case .aif360, .fairlearn: .projected(.eachTensor)
    case .fairlearnTorch: .projected(.eachTensorByInnerSums)
    default: .combined
    }
  }

  /// λ for each attribute, in the order of the data, and how losses combine.
  func objective(for attributes: [SensitiveAttribute]) -> GameObjective {
    GameObjective(
      lambda: adversary.name == nil ? [] : attributes.map { adversary.lambda[$0.name] ?? 0 },
      reduction: adversary.reduction == .mean ? .mean : .sum,
      lambdaInAdversaryLoss: adversary.lambdaInAdversaryLoss)
  }

  /// How the game is played.
  var gameSettings: GameSettings {
    var settings = GameSettings()
    settings.batchSize = training.batchSize
    settings.dropLast = training.dropLast
    settings.classifierEpochs = training.classifierEpochs
    settings.adversaryEpochs = training.adversaryEpochs
    settings.gameEpochs = adversary.name == nil ? 0 : training.gameEpochs
    settings.classifierBatch =
      switch training.classifierBatch {
      case .last: .last
      case .random: .random
      case .all: .all
      case .full: .full
      }
    settings.classifierBatchesPerEpoch = training.classifierBatchesPerEpoch
    settings.criterion =
      switch adversary.criterion {
      case .demographicParity: .demographicParity
      case .equalizedOdds: .equalizedOdds
      case .equalOpportunity: .equalOpportunity
      }
    settings.turns = adversary.turns == .passes ? .passes : .batches
    settings.update = classifierUpdate
    settings.diagnosesGradients = adversary.diagnostics
    settings.dropoutInAdversaryPass = adversary.classifierDropout
    settings.balancesGroups = adversary.classWeights == .balanced
    settings.classifierOptimizer = classifier.optimizer.settings
    settings.adversaryOptimizer = adversary.optimizer.settings
    settings.threshold = evaluation.decisionThreshold
    settings.evaluationInterval = evaluation.everyEpochs
    return settings
  }

  /// What follows the schedules of λ and the learning rates, and watches over a game whose λ is given.
  ///
  /// - Parameter rows: The training rows.
  func schedules(for attributes: [SensitiveAttribute], rows: Dataset) -> ScheduledGame {
    ScheduledGame(
      objective: objective(for: attributes), lambdaSchedule: adversary.lambdaSchedule, pace: training.pace,
      response: training.onCollapse ?? .warn, rows: rows)
  }

  /// How the game seeks λ for constraints.
  func targetedGameSettings(_ constraints: ConstraintsConfiguration) -> TargetedGameSettings {
    var settings = TargetedGameSettings()
    settings.margin = constraints.margin
    settings.interval = constraints.game.interval
    settings.initialLambda = constraints.game.initialLambda
    settings.lambdaRate = constraints.game.lambdaRate
    settings.lambdaBound = constraints.game.lambdaBound
    settings.pace = training.pace
    settings.response = training.onCollapse ?? .rollBack
    settings.balancesGroups = adversary.classWeights == .balanced
    return settings
  }
}

extension EvaluationConfiguration {
  /// The threshold of decisions, p%-rules and the epoch reports: the first one listed.
  var decisionThreshold: Double { thresholds.first ?? 0.5 }
}

extension ActivationName {
  var activation: Activation {
    switch self {
    case .relu: .relu
    case .leakyRelu: .leakyReLU
    case .tanh: .tanh
    case .sigmoid: .sigmoid
    }
  }
}

extension OptimizerConfiguration {
  var settings: OptimizerSettings {
    let rule: UpdateRule =
      switch name {
      case .adam: .adam(beta1: beta1, beta2: beta2, epsilon: epsilon)
      case .sgd: .sgd(momentum: momentum)
      case .adagrad: .adagrad(epsilon: epsilon)
      }
    return OptimizerSettings(
      rule, learningRate: learningRate, schedule: decay.schedule, weightDecay: weightDecay, gradientClip: gradientClip)
  }
}

extension LearningRateDecay? {
  /// The schedule; nil is none that changes.
  var schedule: LearningRateSchedule {
    guard let decay = self else { return .constant }
    return switch decay.schedule {
    case .exponential: .exponential(factor: decay.rate, steps: decay.steps, staircase: decay.staircase)
    case .inverseTime: .inverseTime(factor: decay.rate, steps: decay.steps, staircase: decay.staircase)
    }
  }
}
