/// The last predictions, until their outcomes come: as many as it has room for, and of each no more than outcomes need.
package struct PredictionLog: Sendable {
  /// What is remembered of a prediction.
  package struct Entry: Sendable, Hashable {
    /// Whether the row was selected.
    package var decision: Bool
    /// The group in each watched column; −1 where the row had none.
    package var groups: [Int32]

    package init(decision: Bool, groups: [Int32]) {
      self.decision = decision
      self.groups = groups
    }
  }

  /// What became of an outcome.
  package enum Answer: Sendable, Hashable {
    case found(Entry)
    /// The prediction has its outcome already.
    case repeated
    /// It was made too long ago, or never.
    case unknown
  }

  private let capacity: Int
  private let attributes: Int
  /// By number modulo the capacity: 0 for no entry or one with its outcome, 1 for turned down, 2 for selected.
  private var states: [UInt8]
  private var groups: [Int16]

  /// The number that the next prediction gets.
  package private(set) var next: UInt64 = 0

  package init(capacity: Int, attributes: Int) {
    self.capacity = capacity
    self.attributes = attributes
    states = [UInt8](repeating: 0, count: capacity)
    groups = [Int16](repeating: -1, count: capacity * attributes)
  }

  /// Remembers a prediction, and forgets the oldest where there is no room. Returns its number.
  package mutating func add(decision: Bool, groups row: some Collection<Int32>) -> UInt64 {
    defer { next += 1 }
    guard capacity > 0 else { return next }
    let slot = Int(next % UInt64(capacity))
    states[slot] = decision ? 2 : 1
    for (attribute, group) in row.enumerated() { groups[slot * attributes + attribute] = Int16(clamping: group) }
    return next
  }

  /// Takes out the prediction of a number.
  package mutating func take(_ number: UInt64) -> Answer {
    guard number < next, next - number <= UInt64(capacity) else { return .unknown }
    let slot = Int(number % UInt64(capacity))
    guard states[slot] != 0 else { return .repeated }
    defer { states[slot] = 0 }
    return .found(
      Entry(
        decision: states[slot] == 2,
        groups: (0..<attributes).map { Int32(groups[slot * attributes + $0]) }))
  }
}
