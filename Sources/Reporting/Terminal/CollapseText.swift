import RunRecords

/// The collapses of a run's game, for the terminal; empty for a healthy one.
public struct CollapseText: Sendable {
  private let collapses: [CollapseRecord]

  /// A list that is longer is cut in its middle.
  private static let mostShown = 5

  public init(_ collapses: [CollapseRecord]) {
    self.collapses = collapses
  }

  public var text: String {
    guard let last = collapses.last else { return "" }
    let shown = collapses.prefix(Self.mostShown)
    var text = "The game collapsed \(collapses.count == 1 ? "once" : "\(collapses.count) times"):\n\n"
    for collapse in shown {
      let done =
        switch collapse.restoredEpoch {
        case nil: "nothing was done about it"
        case 0: "put back as before the game"
        case let epoch?: "put back as after epoch \(epoch)"
        }
      let signs = TerminalText.neutralized(collapse.signs.joined(separator: ", "))
      text += "  epoch \(collapse.epoch): \(signs); \(done)\n"
    }
    if collapses.count > shown.count { text += "  and \(collapses.count - shown.count) more\n" }
    text +=
      last.restoredEpoch == nil
      ? "\n  A predictor that decides every row alike looks fair and is of no use. Lower lambda or the learning rate, or\n"
        + "  set training.onCollapse to rollBack.\n"
      : "\n  Each time lambda and the learning rates were lowered.\n"
    return text
  }
}
