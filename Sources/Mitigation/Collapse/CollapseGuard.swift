import AdversarialGame

/// Keeps a game from collapsing: watches it, keeps the last sound players, and puts them back where it collapses.
///
/// What is put back goes on more carefully, with half the learning rate and half the λ; where the same players have to be
/// put back again, λ falls to a quarter, an eighth and so on. A value: a checkpoint is a copy.
public struct CollapseGuard: Sendable, Codable {
  /// What is done about a collapse.
  public enum Response: String, Sendable, Hashable, Codable, CaseIterable {
    /// It is said, and nothing else: the game is the same, bit for bit.
    case warn
    /// The last sound players are put back, and go on with a lower λ and learning rate. A game that ends with signs of
    /// collapse ends with them, too.
    case rollBack
  }

  /// What was found and done after an epoch.
  public struct Incident: Sendable, Hashable, Codable {
    /// The epoch of the game, from 1.
    public var epoch: Int

    /// Why it counts as a collapse.
    public var signs: [CollapseSign]

    /// The epoch whose players were put back, 0 for those before the game; nil where nothing was done.
    public var restoredEpoch: Int?
  }

  public let response: Response

  /// What the learning rates are multiplied by: ½ for each time that players were put back, 1/16 at least.
  public private(set) var rateFactor = 1.0

  /// What λ is multiplied by, where it is given.
  public private(set) var lambdaFactor = 1.0

  /// What λ fell to, as a share of what it was, when players were last put back.
  public private(set) var lastReduction = 1.0

  /// All incidents, in order. Of a collapse that lasts and is only warned about, the first.
  public private(set) var incidents: [Incident] = []

  /// Whether players were put back so often that the game is better ended.
  public var isExhausted: Bool { restorations >= Self.mostRestorations }

  /// Players without any sign of collapse.
  private struct SoundPlayers: Sendable, Codable {
    var epoch: Int
    var snapshot: GameSnapshot
  }

  private static let mostRestorations = 20
  private var sentinel: CollapseSentinel
  private var lastSound: SoundPlayers?
  private var restorations = 0
  private var isWarnedAbout = false

  /// - Parameter trainer: The game, both players pretrained.
  public init(_ sentinel: CollapseSentinel, response: Response, of trainer: GameTrainer) {
    self.sentinel = sentinel
    self.response = response
    if response == .rollBack { lastSound = SoundPlayers(epoch: 0, snapshot: trainer.snapshot()) }
  }

  /// Whether this watch can be one over a game: the players that it would put back are of it.
  func fits(_ trainer: GameTrainer) -> Bool {
    lastSound.map { trainer.accepts($0.snapshot) } ?? (response == .warn)
  }

  /// Looks at the players after an epoch.
  ///
  /// - Returns: Whether they are without any sign of collapse, and what was done where they collapsed.
  public mutating func inspect(
    _ reading: GameReading, after epoch: Int, of trainer: GameTrainer
  ) -> (isSound: Bool, incident: Incident?) {
    switch sentinel.inspect(reading) {
    case .healthy:
      isWarnedAbout = false
      guard response == .rollBack else { return (true, nil) }
      let doubts = sentinel.doubts(about: reading)
      if doubts.isEmpty { lastSound = SoundPlayers(epoch: epoch, snapshot: trainer.snapshot()) }
      // A game that collapsed before is not to end at the edge of the next time.
      if !doubts.isEmpty, !incidents.isEmpty, epoch == trainer.gameEpochs {
        return (false, respond(to: doubts, after: epoch, of: trainer))
      }
      return (true, nil)
    case .suspicious(let signs):
      // At the end nothing can pass by itself any more.
      let isEnd = response == .rollBack && epoch == trainer.gameEpochs
      return (false, isEnd ? respond(to: signs, after: epoch, of: trainer) : nil)
    case .collapsed(let signs): return (false, respond(to: signs, after: epoch, of: trainer))
    }
  }

  /// Takes note of a loss that is not finite within an epoch.
  ///
  /// - Returns: What was done; nil where there is nothing to go back to, so that the error stands.
  public mutating func recover(after epoch: Int, of trainer: GameTrainer) -> Incident? {
    lastSound == nil ? nil : respond(to: [.notFinite], after: epoch, of: trainer)
  }

  private mutating func respond(to signs: [CollapseSign], after epoch: Int, of trainer: GameTrainer) -> Incident? {
    guard let lastSound else {
      if isWarnedAbout { return nil }
      isWarnedAbout = true
      incidents.append(Incident(epoch: epoch, signs: signs, restoredEpoch: nil))
      return incidents.last
    }
    trainer.restore(lastSound.snapshot)
    sentinel.reset()
    restorations += 1
    let repeats = incidents.reversed().prefix { $0.restoredEpoch == lastSound.epoch }.count
    var reduction = 0.5
    for _ in 0..<repeats { reduction /= 2 }
    lastReduction = reduction
    lambdaFactor *= reduction
    rateFactor = max(rateFactor / 2, 1.0 / 16)
    incidents.append(Incident(epoch: epoch, signs: signs, restoredEpoch: lastSound.epoch))
    return incidents.last
  }
}

extension CollapseGuard.Incident: CustomStringConvertible {
  /// A sentence for people.
  public var description: String {
    let what = "The game collapsed at epoch \(epoch): \(signs.map(\.description).joined(separator: ", "))."
    guard let restoredEpoch else {
      return what
        + " Nothing was done about it: lower lambda or the learning rate, or set training.onCollapse to rollBack."
    }
    let back = restoredEpoch == 0 ? "before the game" : "after epoch \(restoredEpoch)"
    return what + " Both networks were put back as they were \(back), and lambda and the learning rates were lowered."
  }
}
