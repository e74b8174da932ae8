/// How far a piece of work is, as a line of text.
public struct ProgressLine: Sendable, Equatable {
  /// What is being done: `game`.
  public var title: String

  /// How much is done.
  public var completed: Int

  /// How much there is to do.
  public var total: Int

  /// The seconds since the work began.
  public var seconds: Double

  /// How much of it was done before the work began, as of a run that is taken up again.
  public var before = 0

  /// What else is worth a word, such as the p%-rule of the last epoch.
  public var detail: String

  /// Whether the work is counted in percent of the whole, so that its speed says nothing.
  public var isPercent = false

  public init(title: String, completed: Int, total: Int, seconds: Double, detail: String = "") {
    self.title = title
    self.completed = completed
    self.total = total
    self.seconds = seconds
    self.detail = detail
  }

  /// The share that is done, in 0...1.
  public var share: Double {
    total > 0 ? min(1, max(0, Double(completed) / Double(total))) : 1
  }

  /// The line for a log: `game 40/164, 65/s, 2 s left, …`.
  public var plain: String {
    (["\(title) \(amount)"] + rate + (detail.isEmpty ? [] : [detail])).joined(separator: ", ")
  }

  /// The line for a terminal, no wider than it: the title, a bar, how much is done, the rate, the remaining time.
  ///
  /// Below 60 columns the bar is shorter, and what does not fit whole is left out, the detail first.
  public func bar(width: Int, isUnicode: Bool = true) -> String {
    let parts = [amount] + rate + (detail.isEmpty ? [] : [detail])
    guard width < 60 else {
      let line = "\(TerminalText.padded(title, to: 12)) \(bar(length: 24, isUnicode)) \(parts.joined(separator: "  "))"
      return TerminalText.width(line) > width ? TerminalText.padded(line, to: width) : line
    }
    // Half of what title and count leave; a bar of fewer than four characters tells nothing.
    let room = width - TerminalText.width(title) - parts[0].count - 2
    let length = min(24, room / 2) - (isUnicode ? 0 : 2)
    var line = title + (length >= 4 ? " \(bar(length: length, isUnicode))" : "") + " \(parts[0])"
    for part in parts.dropFirst() {
      guard TerminalText.width(line) + 2 + TerminalText.width(part) <= width else { break }
      line += "  " + part
    }
    return TerminalText.width(line) > width ? TerminalText.padded(line, to: max(1, width)) : line
  }

  private func bar(length: Int, _ isUnicode: Bool) -> String {
    let filled = Int(share * Double(length))
    return isUnicode
      ? String(repeating: "━", count: filled) + String(repeating: "╌", count: length - filled)
      : "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: length - filled) + "]"
  }

  private var amount: String { isPercent ? "\(completed) %" : "\(completed)/\(total)" }

  private var rate: [String] {
    guard completed > before, seconds > 0 else { return [] }
    let perSecond = Double(completed - before) / seconds
    if isPercent {
      return completed < total ? ["\(TerminalText.duration(Double(total - completed) / perSecond)) left"] : []
    }
    let speed =
      perSecond >= 1
      ? "\(TerminalText.fixed(perSecond, perSecond < 10 ? 1 : 0))/s"
      : "\(TerminalText.fixed(1 / perSecond, 1)) s each"
    return completed < total
      ? [speed, "\(TerminalText.duration(Double(total - completed) / perSecond)) left"] : [speed]
  }
}

/// When the next line of progress is due, so that showing it never slows the work.
public struct ProgressPacing: Sendable {
  private let interval: Double
  private let step: Double
  private var lastSeconds = -Double.infinity
  private var lastShare = 0.0

  /// On a terminal: ten times a second.
  public static let terminal = ProgressPacing(interval: 0.1, step: 0)

  /// In a log: every tenth of the work, and no more than one line in two seconds.
  public static let log = ProgressPacing(interval: 2, step: 0.1)

  private init(interval: Double, step: Double) {
    self.interval = interval
    self.step = step
  }

  /// Whether a line is due now; if so, the next one waits for its turn.
  public mutating func isDue(seconds: Double, share: Double) -> Bool {
    guard seconds - lastSeconds >= interval, share - lastShare >= step - 1e-9 else { return false }
    lastSeconds = seconds
    lastShare = share
    return true
  }
}
