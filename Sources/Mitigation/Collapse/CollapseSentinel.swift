import AdversarialGame
import FairnessMetrics
import TabularData

/// Watches a game for collapse: a classifier that decides every row alike looks perfectly fair.
///
/// What it compares with is what a predictor that knows nothing would have, the entropies H(Y) and H(Z), and how the
/// classifier stood before the game: one that hardly ever selected a row then has not collapsed when it does so now. Signs
/// that may pass by themselves, for games swing, count after some readings in a row; a loss that is not finite, or many
/// times H(Y), at once. A value: a checkpoint is a copy.
public struct CollapseSentinel: Sendable, Hashable, Codable {
  /// What counts as a sign.
  public struct Settings: Sendable, Hashable, Codable {
    /// Readings in a row with a sign that make a collapse.
    public var patience = 3

    /// The label loss that counts as divergence, in units of H(Y).
    public var divergence = 4.0

    /// Decisions are nearly constant where the rarer one has less than this share of the rarer label's rows, or than half
    /// of what it had before the game.
    public var decisionShare = 0.05

    /// Scores are nearly constant where their standard deviation is less than this, or than a tenth of what it was before
    /// the game.
    public var scoreDeviation = 0.01

    /// How many times the usual length of a gradient counts as an explosion.
    public var gradientFactor = 1000.0

    public init() {}
  }

  /// What a reading says.
  public enum Verdict: Sendable, Hashable {
    case healthy
    /// There are signs, which may pass.
    case suspicious([CollapseSign])
    case collapsed([CollapseSign])
  }

  public let settings: Settings

  /// H(Y) and H(Z) for each attribute, in nats; nil where all rows are of one group.
  private let labelEntropy: Double?
  private let attributeEntropies: [Double?]
  /// The share of the rarer decision and the deviation of the scores below which there is a sign.
  private struct Floors: Sendable, Hashable, Codable {
    var decisions: Double
    var deviation: Double
  }
  private let floors: Floors
  /// What players must have that are worth going back to: those at the edge of a collapse would fall over it again.
  private let clearFloors: Floors
  /// Whether the classifier ranked better than chance before the game.
  private let rankedBefore: Bool

  private var signsInARow = 0
  /// The lengths of the last gradients of healthy readings.
  private var gradientNorms: [Double] = []
  private static let normsKept = 15
  private static let fewestNorms = 5
  /// An AUC that is hardly better than chance.
  private static let chance = 0.6

  /// - Parameters:
  ///   - start: The reading before the game, on the rows that later readings are about.
  ///   - labels: How many rows have each label.
  ///   - groups: How many rows each group of each attribute has.
  public init(start: GameReading, labels: [Double], groups: [[Double]], settings: Settings = .init()) {
    self.settings = settings
    labelEntropy = LossScale.entropy(labels)
    attributeEntropies = groups.map { LossScale.entropy($0) }
    let total = labels.reduce(0, +)
    let rarer = total > 0 ? (labels.min() ?? 0) / total : 0
    let share = start.evaluation.evaluation.selectionRate.value.map { min($0, 1 - $0) } ?? 0
    floors = Floors(
      decisions: min(settings.decisionShare * rarer, share / 2),
      deviation: min(settings.scoreDeviation, start.scoreDeviation / 10))
    clearFloors = Floors(
      decisions: min(4 * settings.decisionShare * rarer, share / 2),
      deviation: min(4 * settings.scoreDeviation, start.scoreDeviation / 3))
    rankedBefore = (start.evaluation.evaluation.rocAUC.value ?? 0) > Self.chance
  }

  /// The sentinel for readings on some rows.
  public init(start: GameReading, rows: Dataset, settings: Settings = .init()) {
    self.init(
      start: start, labels: LossScale.labelWeights(of: rows),
      groups: rows.sensitive.map { LossScale.groupWeights(of: $0, balanced: false) }, settings: settings)
  }

  /// Takes a reading and says what it means.
  public mutating func inspect(_ reading: GameReading) -> Verdict {
    let signs = signs(of: reading)
    if signs.isEmpty {
      signsInARow = 0
      if let norm = reading.gradientNorm {
        gradientNorms.append(norm)
        if gradientNorms.count > Self.normsKept { gradientNorms.removeFirst() }
      }
      return .healthy
    }
    signsInARow += 1
    return signsInARow >= settings.patience || signs.contains(where: \.isCertain)
      ? .collapsed(signs) : .suspicious(signs)
  }

  /// Begins anew after players have been put back.
  public mutating func reset() { signsInARow = 0 }

  /// What speaks against going back to players with this reading: signs, or being close to one.
  public func doubts(about reading: GameReading) -> [CollapseSign] { signs(of: reading, below: clearFloors) }

  /// The signs in a reading alone.
  func signs(of reading: GameReading) -> [CollapseSign] { signs(of: reading, below: floors) }

  private func signs(of reading: GameReading, below floors: Floors) -> [CollapseSign] {
    let evaluation = reading.evaluation.evaluation
    let losses = [reading.labelLoss] + reading.attributeLosses
    guard losses.allSatisfy(\.isFinite), reading.gradientNorm?.isFinite != false, reading.scoreDeviation.isFinite else {
      return [.notFinite]
    }
    var signs: [CollapseSign] = []
    if let labelEntropy, reading.labelLoss > settings.divergence * labelEntropy {
      signs.append(.diverged(ratio: reading.labelLoss / labelEntropy))
    }
    if let rate = evaluation.selectionRate.value {
      let minority = min(rate, 1 - rate)
      if minority < floors.decisions { signs.append(.constantDecisions(selected: rate > 0.5, minority: minority)) }
    }
    if reading.scoreDeviation < floors.deviation { signs.append(.constantScores(deviation: reading.scoreDeviation)) }
    if rankedBefore, knowsNothing(reading) { signs.append(.nothingLeft) }
    if let norm = reading.gradientNorm {
      if norm == 0 {
        signs.append(.gradientVanished)
      } else if let usual = usualNorm, usual > 0, norm > settings.gradientFactor * usual {
        signs.append(.gradientExploded(ratio: norm / usual))
      }
    }
    return signs
  }

  /// Whether both losses are where knowing nothing would leave them, and the scores rank like chance: losses alone rise
  /// that high for a while in games that end well.
  private func knowsNothing(_ reading: GameReading) -> Bool {
    guard let labelEntropy, let auc = reading.evaluation.evaluation.rocAUC.value, auc < Self.chance,
      reading.labelLoss >= 0.98 * labelEntropy
    else { return false }
    return zip(reading.attributeLosses, attributeEntropies).allSatisfy { loss, entropy in
      entropy.map { loss >= 0.98 * $0 } ?? true
    }
  }

  /// The median length of the gradients of healthy readings; nil for too few.
  private var usualNorm: Double? {
    guard gradientNorms.count >= Self.fewestNorms else { return nil }
    return gradientNorms.sorted()[gradientNorms.count / 2]
  }
}
