import Wording

extension LabelCoder {
  /// What no fitted coder has, in words, such as one read from a file that was changed; nil where all is in order.
  package var fault: String? {
    if kind != .binary {
      return positive.isEmpty && negative.isEmpty ? kind.fault : "it has both classes and values that count as 1 or 0"
    }
    if positive.isEmpty || negative.isEmpty { return "a class has no value" }
    return (positive + negative).firstRepeated.map { "value \(Excerpt.quoted($0)) occurs twice" }
  }
}

extension SensitiveCoder {
  /// What no fitted coder has, in words, such as one read from a file that was changed; nil where all is in order.
  package var fault: String? {
    if groups.count < 2 { return "it has \(groups.count) group\(groups.count == 1 ? "" : "s")" }
    if let name = groups.firstRepeated { return "group \(Excerpt.quoted(name)) occurs twice" }
    if let privileged, !groups.indices.contains(privileged) {
      return "group \(privileged) is privileged, of \(groups.count) groups"
    }
    if let bins, bins.isEmpty || !bins.allSatisfy(\.isFinite) || !zip(bins, bins.dropFirst()).allSatisfy({ $0 < $1 }) {
      return "its bins do not rise"
    }
    return nil
  }
}

extension Schema {
  /// What no table's schema has, in words, such as one read from a file that was changed; nil where all is in order.
  package var fault: String? {
    columns.map(\.name).firstRepeated.map { "column \(Excerpt.quoted($0)) occurs twice" }
  }
}
