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
    if description.network.outputs != 1 {
      return "the network has \(description.network.outputs) outputs for a binary label"
    }
    guard (description.correction != nil) == (description.format >= 2) else {
      return
        "the format \(description.format) belongs to models \(description.format < 2 ? "without" : "with") a correction"
    }
    return description.correction.flatMap { fault(in: $0, features: features) }
  }

  private static func fault(in correction: Description.Correction, features: Int) -> String? {
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
    return nil
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
  /// The number of weights of all networks; nil where it exceeds `limit`.
  func parameterCount(atMost limit: Int) -> Int? {
    guard let label = network.parameterCount(atMost: limit) else { return nil }
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
