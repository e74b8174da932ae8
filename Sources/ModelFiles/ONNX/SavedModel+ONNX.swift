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

extension SavedModel {
  /// The model as an ONNX file that takes the raw columns of rows and gives their probabilities: nothing is left to be
  /// prepared, so that what is served cannot drift from what was trained.
  ///
  /// One input for each column that the decision reads, `[n, 1]`, under the column's name: numeric ones of doubles, with
  /// NaN for a missing cell; categorical ones of strings, with an empty string or one of the schema's markers for a
  /// missing cell. The output `probability`, `[n, 1]` of floats, is the score. Categories that no training row has are
  /// treated as they are by this model. A name that a column has too gets an underscore.
  ///
  /// Where the label has several classes, the output is `probabilities`, `[n, k]`, and the decision the index of the largest,
  /// in the order of the property `classes`; where it is a number, it is `prediction`, `[n, 1]`.
  ///
  /// The numbers agree with the model's to about 10⁻⁶: matrix products may be summed in another order.
  ///
  /// - Parameters:
  ///   - withDecision: Whether there is a second output, `decision`: 1 where the score is at least the threshold. About a
  ///     number there is nothing to decide.
  ///   - version: The version of the tool, which the file names.
  /// - Throws: `ModelFileError` for a mixture of networks, which draws one by a hash of the row, and for a model with
  ///   steps of `mitigation` around its networks.
  public func onnx(withDecision: Bool, version: String) throws(ModelFileError) -> [UInt8] {
    let columns = encoder.columns.map(\.name) + readColumns
    var graph = ONNXGraph(name: "model", reserved: columns)
    let features = ONNXEncoding.features(encoder, schema: schema, in: &graph)
    func free(_ name: String) -> String { columns.contains(name) ? free(name + "_") : name }
    let score: ONNXGraph.Value
    switch scorer {
    case .network(let classifier):
      let logits = ONNXNetwork(classifier.network, classifier.parameters).outputs(features, in: &graph)
      switch classifier.label {
      case .binary: score = graph("Sigmoid", [logits])
      case .categorical(let classes):
        let probabilities = graph("Softmax", [logits], ["axis": .integer(1)])
        graph.output(probabilities, free("probabilities"), .float, columns: classes.count)
        if withDecision {
          let largest = graph("ArgMax", [logits], ["axis": .integer(1), "keepdims": .integer(1)])
          graph.output(largest, free("decision"), .int64)
        }
        return file(
          graph, "How likely each class of \(label.column) is, from raw columns.",
          [("classes", Self.listed(classes))], version)
      case .continuous(let mean, let deviation):
        let scaled = graph("Mul", [graph.cast(logits, to: .double), graph.number(deviation)])
        let prediction = graph.cast(graph("Add", [scaled, graph.number(mean)]), to: .float)
        graph.output(prediction, free("prediction"), .float)
        return file(graph, "\(label.column), predicted from raw columns.", [], version)
      }
    case .corrected(let classifier):
      let groups = classifier.reads.map { reads in
        ONNXEncoding.combinations(reads, coders: sensitive, schema: schema, in: &graph)
      }
      score = ONNXDecision(classifier).score(features, groups: groups, in: &graph)
    case .mixture(let classifier, _):
      throw ModelFileError(
        .badData, at: Self.descriptionFile,
        "decides about each row by one of \(classifier.members.count) networks, drawn by a hash of the row, which ONNX "
          + "cannot compute. Train for a model that decides by one: with constraints.choose \"bestFeasible\", or with another \"mitigation\" "
          + "than one that draws.")
    case .processed:
      throw ModelFileError(
        .badData, at: Self.descriptionFile,
        "has steps of mitigation before or after its networks that read \(readColumns.joined(separator: " and ")), which "
          + "are not written as ONNX. Use `equipoise predict`, or train with `constraints`, whose decisions can leave.")
    }
    graph.output(score, free("probability"), .float)
    if withDecision {
      // Compared as `equipoise predict` does, in doubles.
      let bound = graph.number(threshold)
      let isSelected = graph("GreaterOrEqual", [graph.cast(score, to: .double), bound])
      graph.output(graph.cast(isSelected, to: .int64), free("decision"), .int64)
    }
    let positive = label.positive.joined(separator: " or ")
    return file(
      graph, "How likely \(label.column) is \(positive), from raw columns.",
      [("positive", positive), ("threshold", "\(threshold)")], version)
  }

  /// Names as a list in JSON.
  private static func listed(_ names: [String]) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    guard let text = try? encoder.encode(names) else { preconditionFailure("SavedModel: names that are no JSON") }
    return String(decoding: text, as: UTF8.self)
  }

  private func file(
    _ graph: ONNXGraph, _ description: String, _ properties: [(String, String)], _ version: String
  ) -> [UInt8] {
    graph.file(
      producer: "Equipoise", version: version, describedAs: description,
      properties: [("label", label.column)] + properties + [("features", "\(encoder.featureCount)")])
  }
}

/// A perceptron as nodes.
struct ONNXNetwork {
  private let network: Perceptron
  private let parameters: Parameters<Float>

  init(_ network: Perceptron, _ parameters: Parameters<Float>) {
    self.network = network
    self.parameters = parameters
  }

  /// The outputs (logits), `[n, k]`; dropout is off.
  func outputs(_ features: ONNXGraph.Value, in graph: inout ONNXGraph) -> ONNXGraph.Value {
    var value = features
    let last = network.layers.count - 1
    for index in network.layers.indices {
      let weight = parameters["layers.\(index).weight"]
      let bias = parameters["layers.\(index).bias"]
      value = graph(
        "Gemm",
        [
          value, graph.constant(weight.values, [weight.rows, weight.columns]),
          graph.constant(bias.values, [bias.columns]),
        ])
      if index < last { value = graph(network.activation.onnxOperator, [value]) }
    }
    return value
  }
}

extension Activation {
  /// The operator of this name; `LeakyRelu` has the same slope unless told otherwise.
  fileprivate var onnxOperator: String {
    switch self {
    case .relu: "Relu"
    case .leakyReLU: "LeakyRelu"
    case .tanh: "Tanh"
    case .sigmoid: "Sigmoid"
    case .softplus: "Softplus"
    }
  }
}
