import Reporting

/// Numbers and lists as the page writes them.
enum Words {
  /// A share in percent: `84.8 %`.
  static func percent(_ share: Double, _ decimals: Int = 1) -> String {
    number(share * 100, decimals) + "\u{a0}%"
  }

  /// A number with a minus sign that is one.
  static func number(_ value: Double, _ decimals: Int) -> String {
    let text = TerminalText.fixed(value, decimals)
    return text.hasPrefix("-") ? "−" + text.dropFirst() : text
  }

  /// A threshold with as many decimals as it has, up to 6.
  static func threshold(_ threshold: Double, atLeast decimals: Int = 2) -> String {
    let places = [1.0, 10, 100, 1000, 10_000, 100_000]
    let needed = places.firstIndex { abs((threshold * $0).rounded() / $0 - threshold) < 1e-9 } ?? 6
    return number(threshold, max(decimals, needed))
  }

  /// A difference with its sign.
  static func signed(_ value: Double, _ decimals: Int = 1) -> String {
    let text = number(value, decimals)
    return text.hasPrefix("−") || value == 0 ? text : "+" + text
  }

  static func count(_ number: Int) -> String { TerminalText.grouped(number) }

  /// `1 row`, `15,470 rows`.
  static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
    "\(count(number)) \(number == 1 ? one : many ?? one + "s")"
  }

  /// A p-value: `0.031`, `below 0.001`.
  static func pValue(_ value: Double) -> String {
    value < 0.001 ? "below 0.001" : number(value, 3)
  }

  /// `a`, `a and b`, `a, b and c`.
  static func list(_ parts: [String]) -> String {
    guard parts.count > 1, let last = parts.last else { return parts.first ?? "" }
    return parts.dropLast().joined(separator: ", ") + " and " + last
  }

  /// The first letter large.
  static func sentence(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst()
  }

  /// A text cut to a number of characters.
  static func cut(_ text: String, to limit: Int) -> String {
    text.count <= limit ? text : text.prefix(max(1, limit - 1)) + "…"
  }
}
