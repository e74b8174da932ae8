import OrderedJSON
import Reporting

/// Texts from data that go into the page as data of its script.
enum Visible {
  /// A text with its invisible characters spelled out; the script shows it as text, never as markup.
  static func text(_ content: String) -> String {
    String(
      content.unicodeScalars.reduce(into: "") { result, scalar in
        switch scalar {
        case "\u{200c}", "\u{200d}": result.unicodeScalars.append(scalar)
        default: result += TerminalText.neutralized(String(scalar))
        }
      })
  }

  /// JSON within a `script` element: `<` is spelled out, so that no text in it can end the element.
  static func script(_ json: JSON, id: Markup) -> Markup {
    let text = json.serialized(.compact).replacingLessThan
    return "<script type=\"application/json\" id=\"\(id)\">\(Markup(trusted: text))</script>\n"
  }
}

extension String {
  fileprivate var replacingLessThan: String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(utf8.count)
    // In JSON these characters occur within texts alone.
    for byte in utf8 {
      if byte == 0x3c { bytes += [0x5c, 0x75, 0x30, 0x30, 0x33, 0x63] } else { bytes.append(byte) }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
