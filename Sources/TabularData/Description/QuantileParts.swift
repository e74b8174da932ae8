/// Numbers cut into parts of about equally many, at their own quantiles; equal numbers are in one part.
struct QuantileParts {
  /// The least number of each part but the first, rising.
  private var bounds: [Double] = []

  /// - Parameters:
  ///   - values: The numbers; NaN, a missing one, is in no part.
  ///   - count: The most parts.
  init(_ values: [Double], count: Int) {
    let sorted = values.filter { !$0.isNaN }.sorted()
    guard !sorted.isEmpty else { return }
    for index in 1..<count {
      let bound = sorted[index * sorted.count / count]
      if bounds.last.map({ $0 < bound }) ?? true { bounds.append(bound) }
    }
  }

  /// The number of parts.
  var count: Int { bounds.count + 1 }

  /// The part of a number, counted from 0; nil for NaN.
  func part(of value: Double) -> Int? {
    if value.isNaN { return nil }
    var (low, high) = (0, bounds.count)
    while low < high {
      let middle = (low + high) / 2
      if bounds[middle] <= value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
