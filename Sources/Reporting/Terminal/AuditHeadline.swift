import Auditing

/// What an audit came to, in a sentence or two for each attribute: what can be read off the prediction, and apart from
/// it what can be read off everything else.
public struct AuditHeadline: Sendable {
  private let audit: AuditReport
  private let isUnicode: Bool

  /// - Parameter isUnicode: Whether the terminal shows more than ASCII.
  public init(_ audit: AuditReport, isUnicode: Bool = true) {
    self.audit = audit
    self.isUnicode = isUnicode
  }

  /// The sentences, an attribute a line.
  ///
  /// - Parameter rows: The rows that were audited, in words: `test rows`.
  public func text(rows: String) -> String {
    let count = TerminalText.grouped(audit.rows)
    let lines = audit.attributes.map { "  \(sentence(of: $0))\n" }
    return "Audit by fresh adversaries on \(count) \(TerminalText.neutralized(rows)):\n\n" + lines.joined()
  }

  private func sentence(of attribute: AttributeAudit) -> String {
    let name = TerminalText.neutralized(attribute.name)
    guard attribute.verdict != .undetermined else {
      return "\(name): nothing can be told: \(TerminalText.neutralized(attribute.reason ?? ""))."
    }
    let readings = attribute.readings(level: audit.settings.level)
    let sentences = readings.map { reading in
      reading.source == AttributeAudit.prediction
        ? ofPrediction(reading, attribute, name) : ofOther(reading, name)
    }
    return sentences.joined(separator: " ")
  }

  private func ofPrediction(_ reading: AttributeAudit.Reading, _ attribute: AttributeAudit, _ name: String) -> String {
    let best = reading.strongest
    let own = attribute.gameAdversary?.value.map { "; the game's own adversary had \(TerminalText.fixed($0, 2))" } ?? ""
    guard reading.isRead else {
      return "No fresh adversary reads \(name) off the prediction (at most AUC \(area(best.area)), "
        + "p \(pValue(best))\(own))."
    }
    let weak = attribute.verdict == .weakAdversary ? ": weak adversary" : ""
    return "A fresh adversary reads \(name) off the \(TerminalText.neutralized(best.view)) with AUC \(area(best.area))"
      + "\(own)\(weak)."
  }

  private func ofOther(_ reading: AttributeAudit.Reading, _ name: String) -> String {
    let source = TerminalText.neutralized(reading.source)
    return reading.isRead
      ? "Off the \(source): AUC \(area(reading.strongest.area))."
      : "Off the \(source): not (p \(pValue(reading.strongest)))."
  }

  private func pValue(_ result: FreshAdversaryResult) -> String {
    result.correctedPValue.map { TerminalText.fixed($0, 2) } ?? "n/a"
  }

  private func area(_ area: AreaEstimate) -> String {
    let value = area.value.map { TerminalText.fixed($0, 2) } ?? "n/a"
    guard let interval = area.interval else { return value }
    let dash = isUnicode ? "–" : "-"
    return "\(value) (\(TerminalText.fixed(interval.low, 2))\(dash)\(TerminalText.fixed(interval.high, 2)))"
  }
}
