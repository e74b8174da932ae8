/// What the numbers in `Dataset.labels` are.
public enum LabelKind: Sendable, Hashable, Codable {
  /// 0 or 1.
  case binary

  /// The index of a class, as a number from 0 on.
  ///
  /// - Parameter classes: The names of the classes, two at least and no two equal: numbers in rising order, other names
  ///   in the order of their UTF-8 bytes.
  case categorical(classes: [String])

  /// A number in the unit of the data. What learns it works with `(y − mean) / deviation`.
  ///
  /// - Parameters:
  ///   - mean: The mean over the training rows.
  ///   - deviation: The standard deviation over the same rows, dividing by their number; above 0.
  case continuous(mean: Double, deviation: Double)

  /// The outputs of a network that predicts such a label, k: one for 0 and 1 and for a number, else one for each class.
  public var outputs: Int {
    switch self {
    case .binary, .continuous: 1
    case .categorical(let classes): classes.count
    }
  }

  /// What no fitted label has, in words, such as one read from a file that was changed; nil where all is in order.
  package var fault: String? {
    switch self {
    case .binary: nil
    case .categorical(let classes):
      classes.count < 2
        ? "it has \(classes.count) class\(classes.count == 1 ? "" : "es")"
        : classes.firstRepeated.map { "class '\($0)' occurs twice" }
    case .continuous(let mean, let deviation):
      mean.isFinite && deviation.isFinite && deviation > 0 ? nil : "its mean and deviation standardise nothing"
    }
  }

  /// Whether a number may be a label of this kind.
  package func allows(_ label: Float) -> Bool {
    switch self {
    case .binary: label == 0 || label == 1
    case .categorical(let classes): label >= 0 && label < Float(classes.count) && label == label.rounded()
    case .continuous: label.isFinite
    }
  }
}
