import Wording

extension FeatureEncoder {
  /// What no fitted encoder has, in words, such as one read from a file that was changed; nil where all is in order.
  ///
  /// An encoder without a fault encodes every table without a trap, and into finite numbers.
  package var fault: String? {
    if columns.isEmpty { return "it has no columns" }
    if let name = columns.map(\.name).firstRepeated { return "column \(Excerpt.quoted(name)) occurs twice" }
    for column in columns {
      let fault =
        switch column.encoding {
        case .numeric(let numeric): numeric.fault
        case .categorical(let categorical): categorical.fault
        }
      if let fault { return "column \(Excerpt.quoted(column.name)) \(fault)" }
    }
    return nil
  }
}

extension FeatureEncoder.Numeric {
  fileprivate var fault: String? {
    if !(scale > 0) { return "has the scale \(scale)" }
    if let common, !Float((common - mean) / scale).isFinite { return "has the common number \(common)" }
    if !fill.isFinite || !mean.isFinite || !Float((fill - mean) / scale).isFinite {
      return "has a mean or filling that is not finite"
    }
    return pieces?.fault
  }
}

extension FeatureEncoder.Categorical {
  fileprivate var fault: String? {
    if categories.isEmpty { return "has no categories" }
    if let name = categories.firstRepeated { return "has the category \(Excerpt.quoted(name)) twice" }
    if isKnown.count != categories.count {
      return "has \(categories.count) categories, and says of \(isKnown.count) whether they are known"
    }
    if !(0...1).contains(droppedCount) { return "drops \(droppedCount) categories" }
    let width = categories.count - droppedCount
    for (name, values) in [("means", means), ("offsets", offsets), ("scales", scales)] where values.count != width {
      return "has \(values.count) \(name) for \(width) indicators"
    }
    if let scale = scales.first(where: { !($0 > 0) }) { return "has the scale \(scale)" }
    for (mean, (offset, scale)) in zip(means, zip(offsets, scales)) {
      guard [0, 1, mean].allSatisfy({ Float(($0 - offset) / scale).isFinite }) else {
        return "has an indicator that is not finite"
      }
    }
    return nil
  }
}

extension Sequence where Element: Hashable {
  /// The first element that stood there before.
  var firstRepeated: Element? {
    var seen: Set<Element> = []
    return first { !seen.insert($0).inserted }
  }
}
