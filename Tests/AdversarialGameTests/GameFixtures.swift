import AdversarialGame
import Autograd
import LinearAlgebra
import NeuralNetworks
import TabularData

/// What the tests of the game share: data, small players, and a way to let them play.
enum GameFixtures {
  /// Uneven rows with two features columns that depend on label and group, and a binary attribute `sex`.
  ///
  /// - Parameters:
  ///   - attributes: How many binary attributes there are, each with groups of its own.
  ///   - missing: Every so many rows the first attribute is missing; 0 for never.
  static func dataset(rows: Int, features: Int = 3, attributes: Int = 1, missing: Int = 0, seed: UInt64 = 1) -> Dataset
  {
    var stream = RandomStream(seed: seed)
    var values: [Float] = []
    var labels: [Float] = []
    var codes = [[Int32]](repeating: [], count: attributes)
    for row in 0..<rows {
      let label = stream.below(2)
      labels.append(Float(label))
      for index in 0..<attributes {
        let isMissing = index == 0 && missing > 0 && row % missing == 0
        codes[index].append(isMissing ? -1 : Int32(stream.below(2)))
      }
      for feature in 0..<features {
        values.append(Float(stream.normal() + (feature == 0 ? Double(label) : Double(codes[0][row]) / 2)))
      }
    }
    return Dataset(
      features: Matrix(rows: rows, columns: features, values: values), labels: labels,
      sensitive: codes.enumerated().map {
        SensitiveColumn(name: "attribute \($0)", groups: ["a", "b"], privileged: $0 == 0 ? 1 : nil, codes: $1)
      }, sourceRows: Array(0..<rows))
  }

  /// Rows in which the label depends on a proxy of the group: a classifier that predicts it well gives the group away.
  static func plantedDataset(rows: Int, seed: UInt64) -> Dataset {
    var stream = RandomStream(seed: seed)
    var values: [Float] = []
    var labels: [Float] = []
    var codes: [Int32] = []
    for _ in 0..<rows {
      let group = stream.below(2)
      let proxy = stream.normal() + (group == 1 ? 1.2 : -1.2)
      let merit = stream.normal()
      codes.append(Int32(group))
      values += [Float(proxy), Float(merit)]
      labels.append(1.5 * proxy + 1.5 * merit + stream.normal() > 0 ? 1 : 0)
    }
    return Dataset(
      features: Matrix(rows: rows, columns: 2, values: values), labels: labels,
      sensitive: [SensitiveColumn(name: "group", groups: ["b", "a"], privileged: 1, codes: codes)],
      sourceRows: Array(0..<rows))
  }

  static let network = Perceptron(inputs: 3, hidden: [8, 8], outputs: 1, dropout: 0.2)

  /// Settings for a game of a few steps.
  static var settings: GameSettings {
    var settings = GameSettings()
    settings.batchSize = 16
    settings.classifierEpochs = 2
    settings.adversaryEpochs = 2
    settings.gameEpochs = 4
    return settings
  }

  static func adversary(for dataset: Dataset, hidden: [Int] = [8]) -> PredictionAdversary {
    PredictionAdversary(attributes: SensitiveAttribute.attributes(of: dataset.sensitive), hidden: hidden)
  }

  /// Trains on a data set, with λ for each attribute; nil for no adversary.
  static func play(
    _ dataset: Dataset, lambda: [Double]?, adversary: (any Adversary)? = nil, network: Perceptron = network,
    objective: GameObjective? = nil, settings: GameSettings = settings, others: [(name: String, dataset: Dataset)] = [],
    seed: UInt64 = 7, onEpoch: (EpochReport) throws -> GameTrainer.Decision = { _ in .proceed }
  ) throws -> GameTrainer.Outcome {
    let opponent: (any Adversary)? = lambda == nil ? nil : adversary ?? Self.adversary(for: dataset)
    let trainer = try GameTrainer(
      network: network, adversary: opponent, objective: objective ?? GameObjective(lambda: lambda ?? []),
      splits: [("train", dataset)] + others, settings: settings, seed: seed)
    return try trainer.train(onEpoch: onEpoch)
  }
}

extension GameTrainer.Outcome {
  /// The bits of the classifier's weights, so that −0 and 0 differ too.
  var classifierBits: [UInt32] { classifier.parameters.values.map(\.bitPattern) }

  /// The bits of the adversary's weights.
  var adversaryBits: [UInt32]? { adversary?.values.map(\.bitPattern) }
}

/// An adversary that guesses the same for every row: one logit for each column of targets, from 0.
struct ConstantAdversary: Adversary {
  let columns: Int

  func initialParameters(using stream: inout RandomStream) -> Parameters<Float> {
    var parameters = Parameters<Float>()
    parameters.append("bias", Matrix(rows: 1, columns: columns, repeating: 0))
    return parameters
  }

  func outputs<Scalar>(for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>) -> Tensor<Scalar> {
    view.logits.scaled(by: 0) + weights["bias"]
  }
}

/// An adversary that looks at the label only, and never learns: its outputs are `label · slope + offset`.
struct LabelAdversary: Adversary {
  let slope: [Float]
  let offset: [Float]

  func initialParameters(using stream: inout RandomStream) -> Parameters<Float> {
    var parameters = Parameters<Float>()
    parameters.append("slope", Matrix(rows: 1, columns: slope.count, values: slope))
    parameters.append("offset", Matrix(rows: 1, columns: offset.count, values: offset))
    return parameters
  }

  func outputs<Scalar>(for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>) -> Tensor<Scalar> {
    matmul(view.labels, weights["slope"]) + weights["offset"]
  }
}

/// A logistic adversary that looks at the classifier's last hidden layer.
struct RepresentationAdversary: Adversary {
  let layer: Linear

  func initialParameters(using stream: inout RandomStream) -> Parameters<Float> {
    layer.initialParameters(using: &stream)
  }

  func outputs<Scalar>(for view: AdversaryView<Scalar>, _ weights: ParameterTensors<Scalar>) -> Tensor<Scalar> {
    layer(view.representation, weights)
  }
}
