/// The distribution of the scores of each group, before and after side by side, as bars of characters.
///
/// Bins are shared and equal, from 0 to 1; each group is drawn by the share of its own rows in a bin, on one scale for
/// all, so that groups of different size compare.
public struct ScoreHistograms: Sendable {
  /// The scores of one group.
  public struct Group: Sendable, Equatable {
    /// The name of the group.
    public var name: String
    /// Its scores before, in 0...1; empty where there is no state before.
    public var before: [Float]
    /// Its scores after, in 0...1.
    public var after: [Float]

    public init(name: String, before: [Float], after: [Float]) {
      self.name = name
      self.before = before
      self.after = after
    }
  }

  /// The number of bins of each histogram.
  public static let bins = 32

  private let attribute: String
  private let groups: [Group]
  private let isUnicode: Bool

  /// - Parameters:
  ///   - attribute: The sensitive attribute.
  ///   - isUnicode: Whether the terminal shows more than ASCII.
  public init(attribute: String, groups: [Group], isUnicode: Bool = true) {
    self.attribute = attribute
    self.groups = groups
    self.isUnicode = isUnicode
  }

  /// The shares of the scores in equal bins of 0...1; a score of 1 falls into the last bin, and what is no number
  /// into none.
  public static func shares(_ scores: [Float], bins: Int = ScoreHistograms.bins) -> [Double] {
    var counts = [Int](repeating: 0, count: bins)
    for score in scores where score >= 0 && score <= 1 {
      counts[min(bins - 1, Int(Double(score) * Double(bins)))] += 1
    }
    return counts.map { Double($0) / Double(max(1, scores.count)) }
  }

  /// The drawing: a heading, a line for each group, and the axis.
  public var text: String {
    let shown = groups.filter { !$0.after.isEmpty }
    guard !shown.isEmpty else { return "" }
    let labels = shown.map { group in
      TerminalText.padded(
        TerminalText.neutralized(group.name), to: min(24, TerminalText.width(TerminalText.neutralized(group.name))))
    }
    let counts = shown.map { TerminalText.grouped($0.after.count) }
    let nameWidth = labels.map(TerminalText.width).max() ?? 0
    let countWidth = counts.map(\.count).max() ?? 0
    let margin = String(repeating: " ", count: 2 + nameWidth + 2 + countWidth + 2)
    let hasBefore = shown.contains { !$0.before.isEmpty }
    let gap = "   "
    // A wall of equal predictions would flatten everything else; the root keeps small shares visible.
    let highest = shown.flatMap { Self.shares($0.before) + Self.shares($0.after) }.max() ?? 0
    var text =
      "Scores by \(TerminalText.neutralized(attribute)), height by the root of the share of the group's rows:\n\n"
    if hasBefore { text += margin + TerminalText.padded("before", to: Self.bins) + gap + "after\n" }
    for (index, group) in shown.enumerated() {
      text += "  " + TerminalText.padded(labels[index], to: nameWidth) + "  "
      text += TerminalText.padded(counts[index], to: countWidth, right: true) + "  "
      if hasBefore { text += bars(group.before, highest) + gap }
      text += bars(group.after, highest)
      while text.last == " " { text.removeLast() }
      text += "\n"
    }
    let axis =
      "0" + String(repeating: " ", count: Self.bins / 2 - 2) + "0.5"
      + String(repeating: " ", count: Self.bins / 2 - 3) + "1"
    return text + margin + (hasBefore ? axis + gap : "") + axis + "\n"
  }

  private func bars(_ scores: [Float], _ highest: Double) -> String {
    let levels: [Character] = isUnicode ? Array(" ▁▂▃▄▅▆▇█") : Array(" .:-=+*#@")
    guard highest > 0 else { return String(repeating: " ", count: Self.bins) }
    return String(
      Self.shares(scores).map { share in
        // A bin with any row shows something.
        share == 0 ? levels[0] : levels[max(1, Int(((share / highest).squareRoot() * 8).rounded()))]
      })
  }
}
