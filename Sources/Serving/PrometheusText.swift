import OrderedJSON

/// Prometheus's text format, version 0.0.4: families of samples with their help and type.
package struct PrometheusText {
  package enum Kind: String {
    case counter, gauge, histogram
  }

  package private(set) var text = ""

  package init() {}

  /// Starts a family.
  package mutating func family(_ name: String, _ kind: Kind, _ help: String) {
    text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
  }

  /// Adds a sample; its labels are names and values. What is not finite is left out: a statistic that does not exist has no sample.
  package mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Double) {
    guard value.isFinite else { return }
    text += name
    if !labels.isEmpty {
      text += "{" + labels.map { "\($0.0)=\"\(Self.escaped($0.1, quotes: true))\"" }.joined(separator: ",") + "}"
    }
    text += " \(JSONNumber(value).text)\n"
  }

  /// Adds the samples of a histogram.
  package mutating func histogram(
    _ name: String, _ labels: [(String, String)], _ histogram: BucketCounts
  ) {
    var sum = 0
    for (bound, count) in zip(histogram.bounds, histogram.counts) {
      sum += count
      sample("\(name)_bucket", labels + [("le", JSONNumber(bound).text)], Double(sum))
    }
    sample("\(name)_bucket", labels + [("le", "+Inf")], Double(histogram.total))
    sample("\(name)_sum", labels, histogram.sum)
    sample("\(name)_count", labels, Double(histogram.total))
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\"" where quotes: escaped += "\\\""
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}

/// How many values lie up to each of some bounds.
package struct BucketCounts: Sendable, Hashable {
  /// The upper ends, rising; a value above all of them counts in the total alone.
  package let bounds: [Double]
  /// The values of each bucket, not summed up.
  package private(set) var counts: [Int]
  package private(set) var total = 0
  package private(set) var sum = 0.0

  package init(bounds: [Double]) {
    self.bounds = bounds
    counts = [Int](repeating: 0, count: bounds.count)
  }

  package mutating func add(_ value: Double) {
    total += 1
    sum += value
    var (low, high) = (0, bounds.count)
    while low < high {
      let middle = (low + high) / 2
      if value <= bounds[middle] { high = middle } else { low = middle + 1 }
    }
    if low < bounds.count { counts[low] += 1 }
  }
}
