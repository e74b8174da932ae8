/// Collects the elements of an SVG drawing. What comes from data is escaped.
struct SVGText {
  private(set) var text = ""
  private var open: [String] = []

  /// An element without content, or with a text.
  mutating func add(_ name: String, _ attributes: KeyValuePairs<String, String>, text content: String? = nil) {
    begin(name, attributes, isEmpty: content == nil)
    if let content { text += Self.escaped(content) + "</\(name)>\n" }
  }

  /// Opens an element, to be closed by `end`.
  mutating func begin(_ name: String, _ attributes: KeyValuePairs<String, String>) {
    begin(name, attributes, isEmpty: false)
    text += "\n"
    open.append(name)
  }

  /// Closes the element that was opened last.
  mutating func end() {
    if let name = open.popLast() { text += "</\(name)>\n" }
  }

  /// A style sheet, which is our own and needs no escaping.
  mutating func style(_ rules: String) { text += "<style>\n\(rules)</style>\n" }

  private mutating func begin(_ name: String, _ attributes: KeyValuePairs<String, String>, isEmpty: Bool) {
    text += "<\(name)" + attributes.map { " \($0)=\"\(Self.escaped($1))\"" }.joined() + (isEmpty ? "/>\n" : ">")
  }

  /// A coordinate with two decimals at most: `12.5`.
  static func number(_ value: Double) -> String {
    var text = TerminalText.fixed(value, 2)
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }

  /// A text in which nothing is markup; characters that XML does not allow are left out.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n", "\t": result += " "
      default:
        let isAllowed = scalar.value >= 0x20 && scalar.value != 0x7f && scalar.value & 0xfffe != 0xfffe
        if isAllowed { result.unicodeScalars.append(scalar) }
      }
    }
    return result
  }
}
