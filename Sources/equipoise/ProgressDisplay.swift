import Reporting

/// Shows the progress of one stage after the other on standard error.
///
/// A bar on a terminal, plain lines otherwise, nothing where it is told to be quiet. How often is limited by time, so
/// that it may be called for every epoch.
struct ProgressDisplay {
  /// How progress is shown.
  enum Style {
    case bar
    case lines
    case silent
  }

  private let style: Style
  private let isUnicode: Bool
  private let clock = ContinuousClock()
  private var title = ""
  private var start: ContinuousClock.Instant
  private var lastUpdate: ContinuousClock.Instant
  private var pacing = ProgressPacing.terminal
  private var isBarShown = false
  private var lastTotal: Int?
  /// What was done of the stage before its clock began: all but the step that is told first.
  private var before = 0

  init(style: Style, isUnicode: Bool) {
    self.style = style
    self.isUnicode = isUnicode
    start = clock.now
    lastUpdate = start
  }

  /// The display for the terminal or log that standard error leads to.
  static func standard(quiet: Bool) -> ProgressDisplay {
    ProgressDisplay(
      style: quiet ? .silent : Console.isTerminal ? .bar : .lines, isUnicode: Console.isUnicode)
  }

  /// Begins the clock of the next stage; without it, a stage begins where the one before ended.
  mutating func begin() {
    lastUpdate = clock.now
  }

  /// Shows that `completed` of `total` epochs of a stage are done.
  mutating func update(_ stage: String, completed: Int, total: Int, detail: @autoclosure () -> String = "") {
    update(stage, completed: completed, total: total, isPercent: false, detail: detail)
  }

  /// Shows the share of a stage that is done, in 0...1.
  mutating func update(_ stage: String, share: Double) {
    update(stage, completed: Int(share * 100), total: 100, isPercent: true) { "" }
  }

  private mutating func update(
    _ stage: String, completed: Int, total: Int, isPercent: Bool, detail: () -> String
  ) {
    guard style != .silent else { return }
    let now = clock.now
    defer { lastUpdate = now }
    if stage != title {
      finish()
      title = stage
      lastTotal = nil
      before = isPercent ? 0 : max(0, completed - 1)
      start = lastUpdate
      pacing = style == .bar ? .terminal : .log
    }
    let elapsed = now - start
    let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
    var line = ProgressLine(title: stage, completed: completed, total: total, seconds: seconds)
    line.isPercent = isPercent
    line.before = before
    // The end of a stage is always shown; one that moves on is none.
    let isEnd = completed == total && !isPercent && total == lastTotal ?? total
    lastTotal = total
    guard isEnd || pacing.isDue(seconds: seconds, share: line.share) else { return }
    line.detail = detail()
    switch style {
    case .bar:
      Console.show("\r\u{1b}[2K" + line.bar(width: Console.width, isUnicode: isUnicode))
      isBarShown = true
    case .lines: Console.note(line.plain)
    case .silent: break
    }
  }

  /// Shows a sentence on a line of its own.
  mutating func note(_ text: String) {
    guard style != .silent else { return }
    finish()
    Console.note("Note: \(TerminalText.neutralized(text))")
  }

  /// Ends the line of a bar.
  mutating func finish() {
    if isBarShown { Console.show("\n") }
    isBarShown = false
    title = ""
  }
}
