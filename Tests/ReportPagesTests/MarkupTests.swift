import ReportPages
import Testing

/// What comes from data is text, wherever it stands.
@Suite struct MarkupTests {
  @Test(arguments: [
    ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ("\" onload='x'", "&quot; onload=&#39;x&#39;"),
    ("a & b", "a &amp; b"), ("\u{202e}evil", "\\u{202e}evil"), ("\u{1b}[31m\u{0}", "\\u{1b}[31m\\u{0}"),
    ("می\u{200c}خواهم", "می\u{200c}خواهم"), ("日本 é ü", "日本 é ü"), ("line\nbreak", "line\nbreak"), ("", ""),
  ])
  func interpolatedTextIsEscaped(text: String, expected: String) {
    let markup: Markup = "<b title=\"\(text)\">\(text)</b>"
    #expect(markup.text == "<b title=\"\(expected)\">\(expected)</b>")
  }

  @Test func markupIsNotEscapedTwice() {
    let sign = "<"
    let inner: Markup = "<i>\(sign)</i>"
    let outer: Markup = "<p>\(inner)\([inner, inner])\(3)\(Optional<Markup>.none)</p>"
    #expect(outer.text == "<p><i>&lt;</i><i>&lt;</i><i>&lt;</i>3</p>")
  }

  /// A literal within an interpolation is markup, as all that stands in the source.
  @Test(arguments: [(true, "<details open=\"\"><b>&lt;</b></details>"), (false, "<details></details>")])
  func literalsAreMarkup(isOpen: Bool, expected: String) {
    let sign = "<"
    let markup: Markup = "<details\(isOpen ? " open=\"\"" : "")>\(isOpen ? "<b>\(sign)</b>" : "")</details>"
    #expect(markup.text == expected)
  }

  @Test(arguments: [
    (0.0, "0"), (1.0, "1"), (1.5, "1.5"), (-0.25, "-0.25"), (12.345, "12.35"), (-0.001, "0"), (100.006, "100.01"),
    (0.05, "0.05"), (.nan, "0"), (.infinity, "0"),
  ])
  func coordinates(value: Double, expected: String) {
    #expect(Markup.coordinate(value) == expected)
  }
}
