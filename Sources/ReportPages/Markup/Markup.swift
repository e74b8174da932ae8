import Reporting

/// A piece of HTML or SVG.
///
/// What stands literally in the source is markup; what is interpolated as a text is escaped, wherever it stands: nothing
/// that comes from data can end a tag, an attribute or a script. `"<b>\(name)</b>"` is safe for every name.
package struct Markup: Sendable, Hashable, ExpressibleByStringInterpolation {
  /// The markup itself.
  package private(set) var text: String

  package init() { text = "" }

  package init(stringLiteral value: String) { text = value }

  package init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

  /// Text that is already markup: a style sheet, a script, numbers of a path.
  package init(trusted text: String) { self.text = text }

  package var isEmpty: Bool { text.isEmpty }

  package static func + (one: Markup, other: Markup) -> Markup { Markup(trusted: one.text + other.text) }

  package static func += (one: inout Markup, other: Markup) { one.text += other.text }

  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    package init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + 24 * interpolationCount)
    }

    package mutating func appendLiteral(_ literal: String) { text += literal }

    // Disfavoured, so that a literal of the source, as in `\(isOpen ? " open" : "")`, is markup and not text.
    @_disfavoredOverload
    package mutating func appendInterpolation(_ content: String) { text += Markup.escaped(content) }

    package mutating func appendInterpolation(_ content: Int) { text += String(content) }

    /// A coordinate: at most two decimals.
    package mutating func appendInterpolation(_ content: Double) { text += Markup.coordinate(content) }

    package mutating func appendInterpolation(_ content: Markup) { text += content.text }

    package mutating func appendInterpolation(_ contents: [Markup]) {
      for content in contents { text += content.text }
    }

    package mutating func appendInterpolation(_ content: Markup?) {
      if let content { text += content.text }
    }
  }

  /// A text as HTML and its attributes show it. Invisible characters that could turn the direction of what follows, or
  /// hide it, are spelled out; joiners, which some scripts need, are left.
  package static func escaped(_ content: String) -> String {
    var result = ""
    result.reserveCapacity(content.utf8.count)
    for scalar in content.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\t", "\u{200c}", "\u{200d}": result.unicodeScalars.append(scalar)
      case " "..."~", "\u{a0}"..."\u{ac}": result.unicodeScalars.append(scalar)
      default:
        result += TerminalText.neutralized(String(scalar))
      }
    }
    return result
  }

  /// A number of a drawing: at most two decimals, none where they are 0.
  package static func coordinate(_ value: Double) -> String {
    guard value.isFinite else { return "0" }
    let hundredths = Int((value * 100).rounded())
    let (whole, rest) = (abs(hundredths) / 100, abs(hundredths) % 100)
    let sign = hundredths < 0 ? "-" : ""
    if rest == 0 { return sign + String(whole) }
    if rest % 10 == 0 { return sign + "\(whole).\(rest / 10)" }
    return sign + "\(whole).\(rest < 10 ? "0" : "")\(rest)"
  }
}

extension [Markup] {
  func joined(_ separator: Markup = "") -> Markup {
    var result = Markup()
    for (index, piece) in enumerated() {
      if index > 0 { result += separator }
      result += piece
    }
    return result
  }
}
