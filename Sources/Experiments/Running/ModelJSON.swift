import Autograd
import ModelFiles
import NeuralNetworks
import OrderedJSON
import TabularData

/// A model as numbers that a page can evaluate: raw columns in, probability out.
struct ModelJSON {
  private let model: SavedModel

  /// - Returns: Nil for a model whose score is not of the row's features alone: a mixture draws by a hash, and a decision
  ///   may read sensitive columns.
  init?(_ model: SavedModel) {
    guard model.scorer.readColumns.isEmpty else { return nil }
    switch model.scorer {
    case .mixture, .processed: return nil
    case .network, .corrected: break
    }
    self.model = model
  }

  var json: JSON {
    var members: [JSON.Member] = [
      .init("threshold", .number(JSONNumber(model.threshold))),
      .init("columns", .array(model.encoder.columns.map(Self.json))),
    ]
    switch model.scorer {
    case .network(let classifier):
      members.append(.init("network", Self.json(classifier.network, classifier.parameters)))
    case .corrected(let classifier):
      let predictor = classifier.predictor
      members.append(.init("cellCosts", Self.numbers(classifier.decision.cellCosts)))
      members.append(
        .init(
          "members",
          .array(
            predictor.members.map { member in
              [
                "label": Self.json(predictor.labelNetwork, member.label),
                "groups": Self.json(predictor.groupNetwork, member.groups),
              ]
            })))
    case .mixture, .processed: break
    }
    return .object(members)
  }

  private static func json(_ column: FeatureEncoder.Column) -> JSON {
    var members = [JSON.Member("name", .string(column.name))]
    switch column.encoding {
    case .numeric(let numeric):
      members += [
        .init("fill", .number(JSONNumber(numeric.fill))), .init("mean", .number(JSONNumber(numeric.mean))),
        .init("scale", .number(JSONNumber(numeric.scale))),
        .init("knots", numbers(numeric.pieces?.knots ?? [])),
      ]
    case .categorical(let categorical):
      members += [
        .init("categories", .array(categorical.categories.map(JSON.string))),
        .init("known", .array(categorical.isKnown.map(JSON.bool))),
        .init("dropped", .number(JSONNumber(categorical.droppedCount))),
        .init("missing", .string(categorical.missingCategory)), .init("means", numbers(categorical.means)),
        .init("offsets", numbers(categorical.offsets)), .init("scales", numbers(categorical.scales)),
      ]
    }
    return .object(members)
  }

  /// The layers, each with its weights row by row, `[inputs, outputs]`, and its bias.
  private static func json(_ network: Perceptron, _ parameters: Parameters<Float>) -> JSON {
    [
      "activation": .string(network.activation.rawValue),
      "layers": .array(
        network.layers.indices.map { index in
          let (weight, bias) = (parameters["layers.\(index).weight"], parameters["layers.\(index).bias"])
          return [
            "inputs": .number(JSONNumber(weight.rows)), "outputs": .number(JSONNumber(weight.columns)),
            "weight": .array(weight.values.map { .number(JSONNumber($0)) }),
            "bias": .array(bias.values.map { .number(JSONNumber($0)) }),
          ]
        }),
    ]
  }

  private static func numbers(_ values: [Double]) -> JSON { .array(values.map { .number(JSONNumber($0)) }) }
}
