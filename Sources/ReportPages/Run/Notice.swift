import OrderedJSON

/// A notice of a run as a page tells it.
///
/// A page is passed on, and a cell of a column of text is what somebody wrote. Which columns are such text the notice
/// does not say, so that no page quotes the cells of any; the run's own `summary.json` and its terminal do.
enum Notice {
  // As `FeatureEncoder` of TabularData writes it.
  private static let start = "hold what no training row has"
  private static let end = "; they are encoded as the average of the training rows."

  /// A notice without the cells that it quotes.
  ///
  /// Cells may hold anything, brackets and quotation marks too: whatever stands between the first words that come before
  /// them and the last ones after them goes.
  static func withoutCells(_ text: String) -> String {
    guard let place = text.firstRange(of: start) else { return text }
    let rest = text[place.upperBound...]
    return text[..<place.upperBound] + (rest.hasSuffix(end) ? end : ".")
  }

  /// What an audit wrote, its notices without the cells that they quote.
  static func withoutCells(audit: JSON) -> JSON {
    guard let members = audit.members else { return audit }
    return .object(
      members.map { member in
        guard member.key == "notices", let notices = member.value.elements else { return member }
        return JSON.Member(member.key, .array(notices.map { $0.text.map { .string(withoutCells($0)) } ?? $0 }))
      })
  }
}
