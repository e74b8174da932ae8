import AdversarialGame
import Autograd
import LinearAlgebra
import Mitigation
import NeuralNetworks
import TabularData

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A trained classifier with everything that scoring new rows needs: raw columns in, probability out; where the label has
/// several classes the probability of each, and where it is a number, a number.
///
/// Two files: `weights.safetensors`, and `model.json` with the schema, the fitted encoder, the architecture, the label
/// and the decision threshold. A model that is read again scores every row as it did before, to the last bit, on the
/// same machine.
public struct SavedModel: Sendable, Equatable {
  /// The file of the weights.
  public static let weightsFile = "weights.safetensors"

  /// The file of everything else.
  public static let descriptionFile = "model.json"

  /// What scores encoded rows.
  public var scorer: Scorer

  /// The encoder, fitted on the training rows.
  public var encoder: FeatureEncoder

  /// The types of the columns and the markers of missing cells.
  public var schema: Schema

  /// The label's column and classes.
  public var label: LabelCoder

  /// The sensitive attributes, which scoring does not need, and evaluation does.
  public var sensitive: [SensitiveCoder]

  /// A row is selected when its probability is at least this; means nothing where the label is not binary.
  public var threshold: Double

  public init(
    scorer: Scorer, encoder: FeatureEncoder, schema: Schema, label: LabelCoder, sensitive: [SensitiveCoder],
    threshold: Double
  ) {
    self.scorer = scorer
    self.encoder = encoder
    self.schema = schema
    self.label = label
    self.sensitive = sensitive
    self.threshold = threshold
  }

  /// The sensitive columns without which nothing can be scored.
  public var readColumns: [String] { scorer.readColumns }

  /// The sensitive attributes in these columns, in the order of the model.
  package var readAttributes: [SensitiveCoder] {
    let columns = readColumns
    return sensitive.filter { columns.contains($0.column) }
  }

  /// The scores of encoded rows, in 0...1, or the predictions of a label that is not binary; see `Scorer.scores`.
  ///
  /// - Parameter sensitive: The rows' sensitive columns, among them `readColumns`.
  public func scores(_ features: Matrix<Float>, sensitive: [SensitiveColumn] = []) -> [Float] {
    scorer.scores(features, base: encoder.baseRow, sensitive: sensitive)
  }

  /// What needs a column of `readColumns`, as it follows the name in a message.
  package var needOfReadColumn: String {
    ", which this model reads: it was trained with "
      + (scorer.isProcessed ? "a step of mitigation that needs it" : "constraints.readsSensitive")
  }

  /// The columns that are read of rows to be scored: the features', then those that the decision reads besides.
  package var columnRequests: [ColumnRequest] {
    var requests = encoder.columns.map { column -> ColumnRequest in
      switch column.encoding {
      case .numeric: ColumnRequest(column.name, .number)
      case .categorical: ColumnRequest(column.name, .category)
      }
    }
    for name in readColumns where !requests.contains(where: { $0.name == name }) {
      requests.append(ColumnRequest(name, schema[name] == .numeric ? .number : .category, need: needOfReadColumn))
    }
    return requests
  }

  /// What is said of rows in which the decision cannot read a column.
  package static func unknownGroupWarning(column: String, rows: Int, at source: String) -> DataWarning {
    DataWarning(
      at: source,
      "\(rows) rows have no known group in '\(column)', which the decision reads; they are decided by their other "
        + "columns alone.")
  }

  /// The sensitive columns of a table's rows that scoring reads.
  ///
  /// - Throws: `DataError` where the table lacks one.
  public func readSensitive(of table: Table) throws(DataError) -> [SensitiveColumn] {
    var columns: [SensitiveColumn] = []
    for coder in readAttributes {
      guard table[coder.column] != nil else {
        throw DataError(
          .badData, at: table.source,
          "lacks the column '\(coder.column)'\(needOfReadColumn). Add the column, or use a model that does not "
            + "read it.")
      }
      columns.append(try coder.attribute(of: table, rows: Array(0..<table.rowCount)))
    }
    return columns
  }

  /// What `model.json` holds.
  struct Description: Codable {
    struct Network: Codable {
      var inputs: Int
      var hidden: [Int]
      var outputs: Int
      var activation: Activation
      var dropout: Double

      init(_ network: Perceptron) {
        inputs = network.inputs
        hidden = network.hidden
        outputs = network.outputs
        activation = network.activation
        dropout = network.dropout
      }

      var perceptron: Perceptron {
        Perceptron(inputs: inputs, hidden: hidden, outputs: outputs, activation: activation, dropout: dropout)
      }
    }

    /// What corrects the decision of `network`, which predicts the label.
    struct Correction: Codable {
      /// What predicts the groups, for each label.
      var groups: Network
      /// The pairs of networks that are averaged.
      var members: Int
      /// What selecting a row of each cell costs.
      var cellCosts: [Double]
      /// The groups that the decision reads; nil for features alone.
      var reads: ReadGroups?
    }

    /// Of which networks one is drawn for each row.
    struct Mixture: Codable {
      /// The chance of each network.
      var probabilities: [Double]
      /// Names the hash by which they are drawn.
      var seed: UInt64
    }

    var format: Int
    var network: Network
    /// Nil where the networks' score is the model's; models with a correction have format 2, or 3 where it reads groups.
    var correction: Correction?
    /// Nil where there is one network; mixtures have format 3.
    var mixture: Mixture?
    /// What happens before and after the networks; such models have format 4. Those of a label that is not binary have
    /// format 5.
    var processing: ScoreProcessing?
    var encoder: FeatureEncoder
    var schema: Schema
    var label: LabelCoder
    var sensitive: [SensitiveCoder]
    var threshold: Double
  }

  private static let newestFormat = 5

  /// The files by name. Equal models give equal bytes.
  public var files: [(name: String, bytes: [UInt8])] {
    let network: Perceptron
    var correction: Description.Correction?
    var mixture: Description.Mixture?
    var weights: Parameters<Float>
    switch scorer.unprocessed {
    case .processed: preconditionFailure("SavedModel: a scorer processed twice")
    case .network(let classifier):
      network = classifier.network
      weights = classifier.parameters
    case .corrected(let classifier):
      let predictor = classifier.predictor
      network = predictor.labelNetwork
      correction = .init(
        groups: .init(predictor.groupNetwork), members: predictor.members.count,
        cellCosts: classifier.decision.cellCosts, reads: classifier.reads)
      weights = Parameters()
      for (index, member) in predictor.members.enumerated() {
        weights.append("members.\(index).label", member.label)
        weights.append("members.\(index).groups", member.groups)
      }
    case .mixture(let classifier, let seed):
      network = classifier.mostProbable.network
      mixture = .init(probabilities: classifier.members.map(\.probability), seed: seed)
      weights = Parameters()
      for (index, member) in classifier.members.enumerated() {
        weights.append("members.\(index)", member.classifier.parameters)
      }
    }
    var description = Description(
      format: 1, network: .init(network), correction: correction, mixture: mixture, processing: scorer.processing,
      encoder: encoder, schema: schema,
      label: label, sensitive: sensitive, threshold: threshold)
    description.format = description.neededFormat
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let text = try? encoder.encode(description) else {
      // All numbers of a fitted encoder are finite, and nothing else can fail.
      preconditionFailure("SavedModel: a number of the encoder is not finite")
    }
    return [
      (Self.descriptionFile, Array(text) + [UInt8(ascii: "\n")]),
      (Self.weightsFile, Safetensors.encode(weights, metadata: ["format": "equipoise-\(description.format)"])),
    ]
  }

  /// Reads a model from its folder.
  ///
  /// - Throws: `ModelFileError` where a file is missing, damaged, or of a newer format: a model that is returned scores
  ///   any table without a trap.
  public init(folder: String) throws(ModelFileError) {
    func bytes(_ name: String) throws(ModelFileError) -> (path: String, bytes: [UInt8]) {
      let path = "\(folder)/\(name)"
      guard let data = FileManager.default.contents(atPath: path) else {
        throw ModelFileError(.noInput, at: path, "cannot be read. Name the folder of a run that came to its end.")
      }
      return (path, Array(data))
    }

    let (descriptionPath, text) = try bytes(Self.descriptionFile)
    guard let version = try? JSONDecoder().decode(FormatOnly.self, from: Data(text)) else {
      throw ModelFileError(.badData, at: descriptionPath, "is no model description. Use another copy.")
    }
    guard version.format >= 1 else {
      throw ModelFileError(
        .badData, at: descriptionPath, "has format \(version.format); formats count from 1. Use another copy.")
    }
    guard version.format <= Self.newestFormat else {
      throw ModelFileError(
        .badData, at: descriptionPath,
        "has format \(version.format); this version reads up to \(Self.newestFormat). Update Equipoise.")
    }
    let description: Description
    do {
      description = try JSONDecoder().decode(Description.self, from: Data(text))
    } catch {
      throw ModelFileError(.badData, at: descriptionPath, "is damaged (\(Self.words(of: error))). Use another copy.")
    }
    if let fault = Self.fault(in: description) {
      throw ModelFileError(.badData, at: descriptionPath, "is damaged (\(fault)). Use another copy.")
    }

    let (weightsPath, weights) = try bytes(Self.weightsFile)
    let matrices = try Safetensors.decode(weights, at: weightsPath).matrices
    // Looked at before a network of that size is made.
    let numbers = matrices.values.reduce(0) { $0 + $1.values.count }
    guard description.parameterCount(atMost: numbers) == numbers else {
      throw ModelFileError(
        .badData, at: weightsPath,
        "holds \(numbers) numbers, and the network that \(descriptionPath) describes has another number of weights. "
          + "The two files belong to different models.")
    }
    func parameters(_ network: Perceptron, _ prefix: String) throws(ModelFileError) -> Parameters<Float> {
      var stream = RandomStream(seed: 0)
      var parameters: Parameters<Float> = network.initialParameters(using: &stream)
      for entry in parameters.entries {
        let name = prefix + entry.name
        guard let matrix = matrices[name], matrix.rows == entry.rows, matrix.columns == entry.columns else {
          throw ModelFileError(
            .badData, at: weightsPath,
            "has no tensor '\(name)' of shape [\(entry.rows), \(entry.columns)], which \(descriptionPath) wants. "
              + "The two files belong to different models.")
        }
        parameters[entry.name] = matrix
      }
      return parameters
    }
    let network = description.network.perceptron
    let scorer: Scorer
    if let correction = description.correction {
      let groups = correction.groups.perceptron
      var members: [CellPredictor.Member] = []
      for index in 0..<correction.members {
        members.append(
          .init(
            label: try parameters(network, "members.\(index).label."),
            groups: try parameters(groups, "members.\(index).groups.")))
      }
      scorer = .corrected(
        PlugInClassifier(
          predictor: CellPredictor(labelNetwork: network, groupNetwork: groups, members: members),
          decision: PlugInDecision(cellCosts: correction.cellCosts), reads: correction.reads))
    } else if let mixture = description.mixture {
      var members: [StochasticClassifier.Member] = []
      for (index, probability) in mixture.probabilities.enumerated() {
        members.append(
          .init(
            Classifier(network: network, parameters: try parameters(network, "members.\(index).")),
            probability: probability))
      }
      scorer = .mixture(StochasticClassifier(members), seed: mixture.seed)
    } else {
      scorer = .network(
        Classifier(network: network, label: description.label.kind, parameters: try parameters(network, "")))
    }
    self.init(
      scorer: description.processing.map { .processed(scorer, $0) } ?? scorer, encoder: description.encoder,
      schema: description.schema, label: description.label,
      sensitive: description.sensitive, threshold: description.threshold)
  }

  /// Refuses a model of another label than 0 and 1.
  ///
  /// - Parameters:
  ///   - purpose: What cannot be done, as a clause: `the explorer of rows shows a probability`.
  ///   - folder: The model's folder, for the message.
  package func requireBinaryLabel(because purpose: String, remedy: String, at folder: String) throws(ModelFileError) {
    let found: String
    switch label.kind {
    case .binary: return
    case .categorical(let classes): found = "has \(classes.count) classes"
    case .continuous: found = "is a number"
    }
    throw ModelFileError(
      .badData, at: folder, "holds a model whose label '\(label.column)' \(found), and \(purpose). \(remedy)")
  }

  private struct FormatOnly: Codable {
    var format: Int
  }

  private static func words(of error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, _): "the key '\(key.stringValue)' is missing"
    // Foundation does not say where such a number stands.
    case DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty:
      "a number is not whole, or too large"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
      DecodingError.dataCorrupted(let context):
      "at '\(context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: "."))'"
    default: "it cannot be decoded"
    }
  }
}
