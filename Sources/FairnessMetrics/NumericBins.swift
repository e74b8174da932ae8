/// Cuts of a numeric column into groups, such as ages into children and adults.
public struct NumericBins: Sendable, Hashable, Codable {
  /// The cuts, ascending; each belongs to the bin above it.
  public let edges: [Double]

  /// Creates bins between cuts.
  ///
  /// - Parameter edges: Finite and strictly ascending; k edges make k + 1 bins. Nil where they are not.
  public init?(edges: [Double]) {
    guard edges.allSatisfy(\.isFinite), zip(edges, edges.dropFirst()).allSatisfy(<) else { return nil }
    self.edges = edges
  }

  /// The bins' names: `< 18`, `18 ..< 65`, `≥ 65`; without edges, `all`.
  public var names: [String] {
    guard let first = edges.first, let last = edges.last else { return ["all"] }
    func text(_ edge: Double) -> String {
      edge == edge.rounded() && abs(edge) < 1e15 ? String(Int(edge)) : String(edge)
    }
    return ["< \(text(first))"] + zip(edges, edges.dropFirst()).map { "\(text($0)) ..< \(text($1))" }
      + ["≥ \(text(last))"]
  }

  /// The column of the bins that numbers fall into; NaN is missing, the infinities are in the outermost bins.
  public func column(name: String, values: [Double]) -> GroupColumn {
    let codes = values.map { value -> Int32 in
      if value.isNaN { return -1 }
      var (low, high) = (0, edges.count)
      while low < high {
        let middle = (low + high) / 2
        if value >= edges[middle] { low = middle + 1 } else { high = middle }
      }
      return Int32(low)
    }
    return GroupColumn(name: name, groups: names, codes: codes)
  }
}
