import Auditing
import FairnessMetrics

/// An audit by fresh adversaries, for the terminal.
public struct AuditText: Sendable {
  private let audit: AuditReport
  private let proxies: ProxyReport?
  private let isUnicode: Bool

  /// The features shown of each attribute.
  private static let shownFeatures = 8

  /// - Parameters:
  ///   - proxies: Shown after the audit; nil for none.
  ///   - isUnicode: Whether the terminal shows more than ASCII.
  public init(_ audit: AuditReport, proxies: ProxyReport? = nil, isUnicode: Bool = true) {
    self.audit = audit
    self.proxies = proxies
    self.isUnicode = isUnicode
  }

  /// The whole text: for each attribute a table, a sentence and its proxies.
  ///
  /// - Parameter rows: The rows that were audited, in words: `test rows`.
  public func text(rows: String) -> String {
    let count = TerminalText.grouped(audit.rows)
    let sample = audit.rows < audit.rowsGiven ? " (of \(TerminalText.grouped(audit.rowsGiven)))" : ""
    let head =
      "Fresh adversaries on \(count)\(sample) \(TerminalText.neutralized(rows)), \(audit.settings.folds) folds, "
      + "p-values corrected over all adversaries of an attribute:\n"
    return ([head] + audit.attributes.map(text(of:))).joined(separator: "\n")
  }

  private func text(of attribute: AttributeAudit) -> String {
    let name = TerminalText.neutralized(attribute.name)
    var lines = ["\(name): \(groups(attribute))"]
    var cells = [["view", "adversary", "ROC AUC", percent, "p"]]
    if let own = attribute.gameAdversary {
      cells.append(["prediction", "the game's own", area(own), interval(own), ""])
    }
    var reasons: [String] = []
    for result in attribute.adversaries where result.sameAs == nil {
      if let reason = result.area.reason {
        if !reasons.contains(reason) { reasons.append(reason) }
        continue
      }
      cells.append([
        TerminalText.neutralized(result.view), result.family, area(result.area), interval(result.area),
        result.correctedPValue.map(Self.pValue) ?? "",
      ])
    }
    if cells.count > 1 { lines += Self.table(cells) }
    lines += reasons.map { "  left out: \(TerminalText.neutralized($0))" }
    lines.append(verdict(attribute))
    if let proxies = proxies?.attributes.first(where: { $0.name == attribute.name }) { lines += text(of: proxies) }
    return lines.joined(separator: "\n") + "\n"
  }

  private var percent: String { "\(TerminalText.fixed(audit.settings.confidence * 100, 0)) % interval" }

  private func groups(_ attribute: AttributeAudit) -> String {
    let shown = attribute.groups.prefix(6).map {
      "\(TerminalText.neutralized($0.name)) \(TerminalText.grouped($0.rows))"
    }
    let more = attribute.groups.count > 6 ? ["\(attribute.groups.count - 6) more"] : []
    let missing = attribute.missingRows > 0 ? ["missing \(TerminalText.grouped(attribute.missingRows))"] : []
    return (shown + more + missing).joined(separator: ", ")
  }

  private func text(of proxies: ProxyReport.Attribute) -> [String] {
    let name = TerminalText.neutralized(proxies.name)
    var lines = ["", "What the features tell of \(name):"]
    var cells = [["feature", "ROC AUC", percent]]
    cells.append(["all features", area(proxies.together), interval(proxies.together)])
    let known = proxies.features.filter { $0.area.value != nil }
    for feature in known.prefix(Self.shownFeatures) {
      cells.append([TerminalText.neutralized(feature.name), area(feature.area), interval(feature.area)])
    }
    guard proxies.together.value != nil else {
      return lines + ["  nothing can be told: \(TerminalText.neutralized(proxies.together.reason ?? ""))."]
    }
    lines += Self.table(cells)
    if known.count > Self.shownFeatures { lines.append("  and \(known.count - Self.shownFeatures) more") }
    return lines
  }

  private func area(_ area: AreaEstimate) -> String { area.value.map { TerminalText.fixed($0, 3) } ?? "n/a" }

  private func interval(_ area: AreaEstimate) -> String {
    guard let interval = area.interval else { return "" }
    return TerminalText.fixed(interval.low, 3) + (isUnicode ? "–" : "-") + TerminalText.fixed(interval.high, 3)
  }

  /// One sentence in plain words.
  private func verdict(_ attribute: AttributeAudit) -> String {
    let name = TerminalText.neutralized(attribute.name)
    func words(_ result: FreshAdversaryResult) -> String {
      "\(result.family) on the \(TerminalText.neutralized(result.view)), AUC \(area(result.area))"
    }
    switch attribute.verdict {
    case .undetermined: return "Nothing can be told: \(TerminalText.neutralized(attribute.reason ?? ""))."
    case .notRead: return "No fresh adversary read \(name)."
    case .read: return attribute.strongest.map { "\(name) can be read: \(words($0))." } ?? ""
    case .weakAdversary:
      let best = attribute.adversaries.filter { result in
        result.isSeenByGame && (result.correctedPValue ?? 1) < audit.settings.level
      }.max { ($0.advantage?.difference ?? 0) < ($1.advantage?.difference ?? 0) }
      return "Weak adversary: \(name) can be read where the game's own adversary failed"
        + (best.map { " (\(words($0)))" } ?? "") + "."
    }
  }

  private static func pValue(_ p: Double) -> String {
    p < 0.001 ? "<0.001" : TerminalText.fixed(p, 3)
  }

  /// Columns side by side, text to the left and numbers to the right.
  private static func table(_ cells: [[String]]) -> [String] {
    let widths = cells[0].indices.map { column in
      min(40, cells.map { TerminalText.width($0[column]) }.max() ?? 0)
    }
    return cells.map { row in
      let padded = row.enumerated().map { column, text in
        TerminalText.padded(text, to: widths[column], right: text.first?.isNumber ?? false || text.first == "<")
      }
      return "  " + padded.joined(separator: "  ").trimmingSpaces
    }
  }
}

extension String {
  /// Without the spaces at the end.
  fileprivate var trimmingSpaces: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
