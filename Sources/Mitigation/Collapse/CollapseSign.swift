/// A sign that a game is collapsing: that the classifier is on its way to saying nothing, or breaks.
public enum CollapseSign: Sendable, Hashable, Codable {
  /// A loss or a gradient is NaN or infinite.
  case notFinite
  /// The classifier's loss is many times that of a predictor that knows nothing; `ratio` is `L_y / H(Y)`.
  case diverged(ratio: Double)
  /// All rows but a small share get the same decision; `minority` is that share.
  case constantDecisions(selected: Bool, minority: Double)
  /// All rows have nearly the same score; `deviation` is the scores' standard deviation.
  case constantScores(deviation: Double)
  /// Neither player knows anything: `L_y ≥ H(Y)`, every `L_z ≥ H(Z)`, and the scores rank no better than chance.
  case nothingLeft
  /// The gradient is many times as long as it was; `ratio` is by how much.
  case gradientExploded(ratio: Double)
  /// The gradient is 0, so that nothing will ever change.
  case gradientVanished

  /// Whether there is no way back from it without help, so that one reading decides.
  var isCertain: Bool {
    switch self {
    case .notFinite, .diverged: true
    default: false
    }
  }
}

extension CollapseSign: CustomStringConvertible {
  /// The sign as a clause for people.
  public var description: String {
    switch self {
    case .notFinite: "a loss is not finite"
    case .diverged(let ratio): "the label loss is \(Self.short(ratio)) times that of a constant prediction"
    case .constantDecisions(let selected, let minority):
      minority == 0
        ? "\(selected ? "every" : "no") row is selected"
        : "all but \(Self.short(minority * 100)) % of the rows are \(selected ? "selected" : "rejected")"
    case .constantScores(let deviation):
      "the scores hardly differ (standard deviation \(Self.short(deviation)))"
    case .nothingLeft: "neither network does better than a constant prediction"
    case .gradientExploded(let ratio): "the gradient grew \(Self.short(ratio)) times as long"
    case .gradientVanished: "the gradient is 0"
    }
  }

  /// Two digits that matter.
  private static func short(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return "\(value)" }
    var scale = 1.0
    while abs(value) * scale < 10 && scale < 1e12 { scale *= 10 }
    let rounded = (value * scale).rounded() / scale
    return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int(rounded))" : "\(rounded)"
  }
}
