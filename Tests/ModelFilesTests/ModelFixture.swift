import AdversarialGame
import Foundation
import LinearAlgebra
import Mitigation
import ModelFiles
import NeuralNetworks
import TabularData
import Testing

/// A small model, and a folder to keep it in.
enum ModelFixture {
  /// Twelve rows with numbers, categories, missing cells, and names that JSON and CSV have to escape.
  static let rows = #"""
    age,job,town,sex,income
    20,a,"x, ""y""",F,no
    25.5,b,é,M,yes
    30,a,/,F,yes
    35,?,é,M,no
    40,a,\\,F,no
    45,b,/,M,yes
    50,a,é,F,yes
    ?,c,x,M,no
    60,a,é,F,no
    65,b,/,M,yes
    70.125,a,x,F,yes
    75,c,é,M,no

    """#

  static func table(_ text: String = rows, options: ReadingOptions = ReadingOptions()) throws -> Table {
    try withFolder { folder in
      let path = "\(folder)/rows.csv"
      try text.write(toFile: path, atomically: false, encoding: .utf8)
      return try CSVReader(options: options).read(path)
    }
  }

  private static func recipe(pieces: Int = 0) -> DataRecipe {
    DataRecipe(
      label: .init(column: "income", positive: ["yes"]), sensitive: [.init(column: "sex", privileged: "M")],
      encoding: EncodingOptions(numericPieces: pieces),
      split: .fractions([.train: 0.5, .test: 0.5], stratify: .label, seed: 1))
  }

  /// The kinds of scorers.
  enum Kind: CaseIterable {
    case network
    case corrected
    case reading
    case mixture
    case processed
  }

  static func model(_ kind: Kind) throws -> SavedModel {
    switch kind {
    case .network: try model()
    case .corrected: try correctedModel()
    case .reading: try correctedModel(readsSex: true)
    case .mixture: try mixture()
    case .processed: try processedModel()
    }
  }

  /// A model whose features lose what correlates with the sex, and whose decisions are by a threshold or a lottery for
  /// each sex.
  static func processedModel() throws -> SavedModel {
    let data = try recipe().prepare(table())
    var model = try model()
    let training = try #require(data[.train])
    let thresholds = GroupThresholds(
      attributes: ["sex"],
      groups: [
        .init(["F"], [.init(.from(0.45))]),
        .init(["M"], [.init(.from(0.6), probability: 0.75), .init(.all, probability: 0.25)]),
      ])
    model.scorer = .processed(
      model.scorer,
      ScoreProcessing(
        removers: [try CorrelationRemover(fitting: training, alpha: 0.5)],
        decision: .init(thresholds, threshold: model.threshold, seed: 3)))
    return model
  }

  /// A model that draws one of three networks with random weights for each row.
  static func mixture() throws -> SavedModel {
    var model = try model()
    guard case .network(let first) = model.scorer else { return model }
    var stream = RandomStream(seed: 8)
    let members = [0.5, 0.25, 0.25].enumerated().map { index, probability in
      StochasticClassifier.Member(
        index == 0 ? first : Classifier(network: first.network, using: &stream), probability: probability)
    }
    model.scorer = .mixture(StochasticClassifier(members), seed: 21)
    return model
  }

  /// A model of two pairs of networks with random weights and a corrected decision, its numbers encoded in pieces.
  static func correctedModel(readsSex: Bool = false) throws -> SavedModel {
    let data = try recipe(pieces: 4).prepare(table())
    var stream = RandomStream(seed: 6)
    let networks = [1, 4].map {
      Perceptron(inputs: data.encoder.featureCount, hidden: [3], outputs: $0, activation: .relu, dropout: 0.1)
    }
    let members = (0..<2).map { _ in
      CellPredictor.Member(
        label: networks[0].initialParameters(using: &stream), groups: networks[1].initialParameters(using: &stream))
    }
    return SavedModel(
      scorer: .corrected(
        PlugInClassifier(
          predictor: CellPredictor(labelNetwork: networks[0], groupNetwork: networks[1], members: members),
          decision: PlugInDecision(cellCosts: [0.3, -0.1, 0.25, -0.5]),
          reads: readsSex
            ? ReadGroups(columns: [.init("sex", groups: ["F", "M"])], combinations: [[0], [1]]) : nil)),
      encoder: data.encoder, schema: data.schema, label: data.label, sensitive: data.sensitive, threshold: 0.5)
  }

  /// A model with random weights, its encoder fitted on `rows`.
  static func model(hidden: [Int] = [4, 3], activation: Activation = .tanh, seed: UInt64 = 5) throws -> SavedModel {
    let data = try recipe().prepare(table())
    var stream = RandomStream(seed: seed)
    let network = Perceptron(
      inputs: data.encoder.featureCount, hidden: hidden, outputs: 1, activation: activation, dropout: 0.25)
    return SavedModel(
      scorer: .network(Classifier(network: network, using: &stream)), encoder: data.encoder, schema: data.schema,
      label: data.label, sensitive: data.sensitive, threshold: 0.7)
  }

  /// Writes the files of a model into a folder, some of them changed.
  static func write(_ model: SavedModel, to folder: String, changing change: (String, [UInt8]) -> [UInt8]? = { $1 })
    throws
  {
    for (name, bytes) in model.files {
      if let bytes = change(name, bytes) { try Data(bytes).write(to: URL(filePath: "\(folder)/\(name)")) }
    }
  }

  /// Makes a folder for the time of a test.
  static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "equipoise-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
  }
}
