import OrderedJSON
import RunStore

/// What a sweep is told: a configuration, the keys that take other values in its runs, and how these are chosen.
public struct SweepConfiguration: Sendable, Equatable {
  /// The configuration from which the runs differ.
  public enum Base: Sendable, Hashable {
    /// A file; a relative path starts at the folder of the sweep's file.
    case file(String)
    /// Written out in the sweep's file.
    case inline(JSON)
  }

  /// How points are chosen.
  public enum Design: String, CaseIterable, Sendable {
    /// Every combination of the listed values.
    case grid
    /// Values drawn independently.
    case random
    /// Values that fill the space evenly.
    case sobol
  }

  /// The values that a key takes.
  public enum Values: Sendable, Hashable {
    case list([JSON])
    case range(ValueRange)
  }

  /// The name of the runs; nil: that of the base.
  public var name: String?
  public var base: Base = .file("")
  /// Values that are the same in all runs.
  public var fixed: [NamedValue<JSON>] = []
  public var design: Design = .grid
  public var parameters: [NamedValue<Values>] = []
  /// The number of points of a random or Sobol design.
  public var points: Int?
  /// The seed of a random or Sobol design.
  public var designSeed = 0
  /// The seeds of the runs; empty: that of the base.
  public var seeds: [Int] = []
  /// The statistics that the table shows; nil: accuracy, AUC and p%-rules on the test rows, of a number errors and
  /// distances.
  public var metrics: [String]?
  /// What the front is about; nil: accuracy and the p%-rules, of a number error and distances.
  public var objectives: [RunComparison.Objective]?
  public var halving: HalvingConfiguration?

  public init() {}
}

/// A range from which the values of a key are chosen.
public struct ValueRange: Sendable, Hashable {
  /// How a range is filled.
  public enum Scale: String, CaseIterable, Sendable {
    case linear
    /// Evenly in the logarithm.
    case log
  }

  public var low = 0.0
  public var high = 1.0
  public var scale: Scale = .linear
  /// Whether only whole numbers are chosen.
  public var isInteger = false

  public init() {}

  /// The value at a share of the range, rounded so that people can read it: to four digits, and to more where the range
  /// is narrow beside its values.
  ///
  /// - Parameter share: In 0..<1.
  func value(at share: Double) -> Double {
    // Each whole number has an equal share of the range.
    let (low, high) = isInteger ? (low, high + 1) : (low, high)
    let value =
      scale == .log ? .exp(.log(low) + share * (.log(high) - .log(low))) : low + share * (high - low)
    if isInteger { return min(value.rounded(.down), self.high) }
    return min(max(rounded(value), self.low), self.high)
  }

  private func rounded(_ value: Double) -> Double {
    guard value != 0 else { return 0 }
    let magnitude = min(Double.log10(abs(value)), .log10(high - low)).rounded(.down)
    // Beyond, a power of ten or its product with the value is no number any more; nobody reads such values anyway.
    guard abs(magnitude) < 150 else { return value }
    // Decimal powers up to 22 are exact, and so is the result where dividing or multiplying is rounded once.
    let exponent = 3 - Int(magnitude)
    var power = 1.0
    for _ in 0..<abs(exponent) { power *= 10 }
    return exponent >= 0 ? (value * power).rounded() / power : (value / power).rounded() * power
  }
}

/// Successive halving: all points with little training, the better ones with more.
public struct HalvingConfiguration: Sendable, Equatable {
  /// The statistic that decides, on training or validation rows.
  public var metric = ""
  public var isMaximized = true
  /// The key that says how long a run trains.
  public var resource = "training.gameEpochs"
  /// Its value in the first rung.
  public var initial = 1
  /// Its value in the last rung; nil: that of the base.
  public var maximum: Int?
  /// By how much training grows, and the number of points shrinks, from rung to rung.
  public var factor = 3

  public init() {}

  /// How many of a rung's points go on.
  func kept(of points: Int) -> Int { max(1, (points + factor - 1) / factor) }
}
