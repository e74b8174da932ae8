import FairnessMetrics
import OrderedJSON
import RunRecords

/// What a state of a classifier does at one threshold, counted from the spread of its scores.
package struct OperatingPoint: Sendable {
  /// In what two classifiers are made equal before they are compared, so that a moved threshold does not pass for a
  /// better model.
  package enum Condition: String, Sendable, CaseIterable {
    case selectionRate
    case falsePositiveRate

    /// What a reader calls it.
    package var title: String { self == .selectionRate ? "as many selected" : "the same false positive rate" }
  }

  package let threshold: Double
  package let selectionRate: Double?
  package let falsePositiveRate: Double?
  package let accuracy: Double?
  /// For each attribute the smallest selection rate over the largest, and the largest gap in true positive rates.
  package let attributes: [(name: String, ratio: Double?, gap: Double?)]

  /// The point of a state at the multiple `index` of 1/bins.
  package init(_ state: ScoresRecord.State, bins: Int, index: Int, attributes names: [String]) {
    let whole = Self.whole(state)
    threshold = Double(index) / Double(bins)
    selectionRate = whole?.selectionRate(index)
    falsePositiveRate = whole?.falsePositiveRate(index)
    accuracy = whole?.accuracy(index)
    attributes = names.map { name in
      let groups = state.distributions.filter { $0.slice.terms.count == 1 && $0.slice.terms[0].column == name }
        .map { ThresholdCounts($0) }.filter { $0.rows > 0 }
      let selected = groups.compactMap { $0.selectionRate(index) }
      let found = groups.compactMap { $0.truePositiveRate(index) }
      let highest = selected.max() ?? 0
      return (
        name, selected.count > 1 && highest > 0 ? (selected.min() ?? 0) / highest : nil,
        found.count > 1 && found.count == groups.count ? (found.max() ?? 0) - (found.min() ?? 0) : nil
      )
    }
  }

  /// The index at which a state comes closest to a rate over all rows; of equally close ones, the nearest to a threshold.
  ///
  /// - Returns: Nil where the rate does not exist.
  package static func index(
    of state: ScoresRecord.State, bins: Int, matching condition: Condition, _ rate: Double, near threshold: Double
  ) -> Int? {
    guard let whole = whole(state) else { return nil }
    var best: (index: Int, distance: Double, far: Double)?
    for index in 0...bins {
      let found = condition == .selectionRate ? whole.selectionRate(index) : whole.falsePositiveRate(index)
      guard let found else { return nil }
      let (distance, far) = (abs(found - rate), abs(Double(index) / Double(bins) - threshold))
      if let best, (best.distance, best.far) <= (distance, far) { continue }
      best = (index, distance, far)
    }
    return best?.index
  }

  private static func whole(_ state: ScoresRecord.State) -> ThresholdCounts? {
    state.distributions.first { $0.slice.terms.isEmpty }.map { ThresholdCounts($0) }
  }

  /// The point under the keys of a report.
  package var json: JSON {
    func number(_ value: Double?) -> JSON { value.map { .number(JSONNumber($0)) } ?? .null }
    return [
      "threshold": number(threshold), "selectionRate": number(selectionRate),
      "falsePositiveRate": number(falsePositiveRate), "accuracy": number(accuracy),
      "attributes": .object(
        attributes.map {
          JSON.Member($0.name, ["pPercentRule": number($0.ratio), "equalOpportunityDifference": number($0.gap)])
        }),
    ]
  }
}
