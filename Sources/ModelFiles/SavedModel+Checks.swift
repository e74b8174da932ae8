import Mitigation
import NeuralNetworks
import TabularData

extension SavedModel {
  /// The most hidden layers that are read: far more than anyone trains.
  private static let maximumLayers = 1000

  /// What is wrong with a description although it can be decoded, in words; nil where all is in order.
  static func fault(in description: Description) -> String? {
    if let fault = description.schema.fault { return "schema: \(fault)" }
    if let fault = description.encoder.fault { return "encoder: \(fault)" }
    for column in description.encoder.columns {
      let wanted: ColumnType =
        switch column.encoding {
        case .numeric: .numeric
        case .categorical: .categorical
        }
      let found = description.schema[column.name]
      if found != wanted {
        let type = found?.rawValue ?? "absent"
        return "encoder: column '\(column.name)' is \(wanted.rawValue), and \(type) in the schema"
      }
    }
    if let fault = description.label.fault { return "label: \(fault)" }
    for attribute in description.sensitive {
      if let fault = attribute.fault { return "sensitive attribute '\(attribute.column)': \(fault)" }
    }
    if Set(description.sensitive.map(\.column)).count != description.sensitive.count {
      return "sensitive: a column occurs twice"
    }
    let threshold = description.threshold
    if !(threshold >= 0 && threshold <= 1) { return "the threshold \(threshold) is not in 0...1" }
    let features = description.encoder.featureCount
    if let fault = fault(in: description.network, features: features) { return fault }
    let kind = description.label.kind
    if description.network.outputs != kind.outputs {
      return kind == .binary
        ? "the network has \(description.network.outputs) outputs for a binary label"
        : "the network has \(description.network.outputs) outputs for a label that needs \(kind.outputs)"
    }
    if kind != .binary, description.correction != nil || description.mixture != nil || description.processing != nil {
      return "it decides by more than its network about a label that is not binary"
    }
    guard description.format == description.neededFormat else {
      return "what it describes has the format \(description.neededFormat), not \(description.format)"
    }
    if description.correction != nil && description.mixture != nil {
      return "there are a correction and a mixture, of which a model has one at most"
    }
    if let fault = description.processing.flatMap({ fault(in: $0, features: features, description.sensitive) }) {
      return "processing: \(fault)"
    }
    return description.mixture.flatMap { fault(in: $0) }
      ?? description.correction.flatMap { fault(in: $0, features: features, description.sensitive) }
  }

  private static func fault(in mixture: Description.Mixture) -> String? {
    let probabilities = mixture.probabilities
    if probabilities.isEmpty || probabilities.count > maximumLayers {
      return "mixture: there are \(probabilities.count) networks"
    }
    if let probability = probabilities.first(where: { !($0 >= 0 && $0 <= 1) }) {
      return "mixture: the probability \(probability) is not in 0...1"
    }
    let sum = probabilities.reduce(0, +)
    return abs(sum - 1) < 1e-6 ? nil : "mixture: the probabilities sum to \(sum)"
  }

  private static func fault(
    in correction: Description.Correction, features: Int, _ sensitive: [SensitiveCoder]
  ) -> String? {
    if let fault = fault(in: correction.groups, features: features) { return "correction: \(fault)" }
    let cells = correction.groups.outputs
    if cells < 2 || cells % 2 != 0 { return "correction: the network has \(cells) outputs for groups under two labels" }
    if correction.cellCosts.count != cells {
      return "correction: there are \(correction.cellCosts.count) costs for \(cells) cells"
    }
    if !correction.cellCosts.allSatisfy(\.isFinite) { return "correction: a cost is not finite" }
    if correction.members < 1 || correction.members > maximumLayers {
      return "correction: there are \(correction.members) pairs of networks"
    }
    return correction.reads.flatMap { fault(in: $0, cells: cells, sensitive) }
  }

  private static func fault(in reads: ReadGroups, cells: Int, _ sensitive: [SensitiveCoder]) -> String? {
    if reads.columns.isEmpty { return "correction: it reads groups, and names no column" }
    for (index, column) in reads.columns.enumerated() {
      guard let coder = sensitive.first(where: { $0.column == column.name }), coder.groups == column.groups else {
        return "correction: it reads the column '\(column.name)', which is no sensitive attribute with these groups"
      }
      if reads.columns[..<index].contains(where: { $0.name == column.name }) {
        return "correction: it reads the column '\(column.name)' twice"
      }
    }
    if 2 * reads.combinations.count != cells {
      return "correction: there are \(reads.combinations.count) combinations of groups for \(cells) cells"
    }
    for codes in reads.combinations {
      guard codes.count == reads.columns.count,
        zip(codes, reads.columns).allSatisfy({ $0 >= -1 && Int($0) < $1.groups.count })
      else { return "correction: a combination of groups is none of the columns read" }
    }
    return Set(reads.combinations).count == reads.combinations.count
      ? nil : "correction: a combination of groups occurs twice"
  }

  private static func fault(in network: Description.Network, features: Int) -> String? {
    if network.inputs != features {
      return "the network has \(network.inputs) inputs for \(features) features"
    }
    if features == 0 { return "there are no features" }
    if let width = network.hidden.first(where: { $0 < 1 }) { return "a hidden layer has \(width) units" }
    if network.hidden.count > maximumLayers {
      return "\(network.hidden.count) hidden layers are more than \(maximumLayers)"
    }
    if !(network.dropout >= 0 && network.dropout < 1) { return "the dropout \(network.dropout) is not in 0..<1" }
    return nil
  }
}

extension SavedModel.Description {
  /// The oldest format that says what is described, so that older versions go on reading what they can.
  var neededFormat: Int {
    label.kind != .binary
      ? 5 : processing != nil ? 4 : mixture != nil || correction?.reads != nil ? 3 : correction != nil ? 2 : 1
  }

  /// The number of weights of all networks; nil where it exceeds `limit`.
  func parameterCount(atMost limit: Int) -> Int? {
    guard let label = network.parameterCount(atMost: limit) else { return nil }
    if let mixture {
      // Far from overflow, see below.
      let sum = mixture.probabilities.count * label
      return sum <= limit ? sum : nil
    }
    guard let correction else { return label }
    guard let groups = correction.groups.parameterCount(atMost: limit) else { return nil }
    // Both are at most the size of a file in memory, and members at most a thousand: far from overflow.
    let sum = correction.members * (label + groups)
    return sum <= limit ? sum : nil
  }
}

extension SavedModel.Description.Network {
  /// The number of weights; nil where it exceeds `limit`. Known before anything is allocated, so that a file of a few
  /// bytes cannot ask for all memory.
  func parameterCount(atMost limit: Int) -> Int? {
    let sizes = [inputs] + hidden + [outputs]
    var sum = 0
    for (width, next) in zip(sizes, sizes.dropFirst()) {
      // A layer of `next` units has a weight for each of `width` inputs, and a bias each.
      guard width < limit else { return nil }
      let (count, overflow) = (width + 1).multipliedReportingOverflow(by: next)
      guard !overflow, count <= limit - sum else { return nil }
      sum += count
    }
    return sum
  }
}
