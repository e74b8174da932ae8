/// Text for a terminal.
public enum TerminalText {
  /// A text from data in which nothing can steer the terminal: control characters, direction marks and other invisible
  /// ones are shown as `\u{…}`.
  public static func neutralized(_ text: String) -> String {
    if isPlain(text) { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
        result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// How many columns a text takes: two for the wide characters of East Asia and for emoji, none for marks that join
  /// the character before them.
  public static func width(_ text: String) -> Int {
    if isPlain(text) { return text.utf8.count }
    return text.reduce(0) { width, character in
      guard let scalar = character.unicodeScalars.first else { return width }
      switch scalar.value {
      case 0x1100...0x115f, 0x2e80...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60,
        0xffe0...0xffe6, 0x1f300...0x1faff, 0x20000...0x3fffd:
        return width + 2
      default: return width + 1
      }
    }
  }

  /// Whether a text has nothing but the printable characters of ASCII, as nearly all have; looking closer takes long.
  private static func isPlain(_ text: String) -> Bool {
    text.utf8.allSatisfy { 0x20...0x7e ~= $0 }
  }

  /// A text filled with spaces to a width, or cut to it.
  public static func padded(_ text: String, to width: Int, right: Bool = false) -> String {
    var text = text
    if self.width(text) > width {
      while self.width(text) > max(0, width - 1) { text.removeLast() }
      text += "…"
    }
    let missing = width - self.width(text)
    if missing <= 0 { return text }
    let space = String(repeating: " ", count: missing)
    return right ? space + text : text + space
  }

  /// A whole number with its thousands set apart: `15,470`.
  public static func grouped(_ number: Int) -> String {
    var digits = String(number.magnitude)
    var groups: [Substring] = []
    while digits.count > 3 {
      groups.insert(Substring(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    groups.insert(Substring(digits), at: 0)
    return (number < 0 ? "-" : "") + groups.joined(separator: ",")
  }

  /// A number with a fixed count of decimals, halves away from zero; needs no locale.
  public static func fixed(_ value: Double, _ decimals: Int) -> String {
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = (abs(value) * scale).rounded()
    guard scaled < 1e15 else { return String(value) }
    let whole = Int(scaled)
    let sign = value < 0 && whole != 0 ? "-" : ""
    guard decimals > 0 else { return sign + String(whole) }
    let fraction = String(whole % Int(scale))
    return sign + String(whole / Int(scale)) + "." + String(repeating: "0", count: decimals - fraction.count) + fraction
  }

  /// A span of time for people: `8 s`, `2 min 05 s`, `1 h 05 min`.
  public static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "a long time" }
    let whole = Int(max(0, seconds).rounded())
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(two(whole % 60)) s" }
    return "\(whole / 3600) h \(two(whole / 60 % 60)) min"
  }
}
