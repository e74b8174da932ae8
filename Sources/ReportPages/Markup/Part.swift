/// Parts that sections are put together from.
enum Part {
  /// A section with its heading.
  static func section(_ id: Markup, _ title: String, lead: Markup = "", _ body: Markup) -> Markup {
    guard !body.isEmpty else { return "" }
    return """
      <section id="\(id)" aria-labelledby="\(id)-title">
      <h2 id="\(id)-title">\(title)</h2>
      \(lead.isEmpty ? "" : "<p class=\"lead\">\(lead)</p>\n")\(body)
      </section>

      """
  }

  /// The names of the sections in some markup, to which links can lead.
  static func names(of parts: [Markup]) -> Set<String> {
    // A section's name is of the source, never of data; that of data cannot begin a tag.
    let start = "<section id=\""
    return Set(
      parts.flatMap { part in part.text.ranges(of: start).map { part.text[$0.upperBound...].prefix { $0 != "\"" } } }
        .map(String.init))
  }

  /// A picture with its title, a sentence that says what it shows, and its numbers.
  static func figure(_ title: String, _ sentence: String = "", _ picture: Markup, numbers: Markup? = nil) -> Markup {
    """
    <figure>
    <figcaption><b>\(title)</b>\(sentence.isEmpty ? "" : "<br>\(sentence)")</figcaption>
    \(picture)
    \(numbers.map { "<details><summary>Numbers</summary>\($0)</details>\n" as Markup })</figure>

    """
  }

  /// Panels side by side, as many as fit, or two and two.
  static func panels(_ panels: [Markup], inPairs: Bool = false) -> Markup {
    panels.isEmpty ? "" : "<div class=\"panels\(inPairs ? " pairs" : "")\">\n\(panels)</div>\n"
  }

  /// A table that can be scrolled sideways on a narrow screen.
  ///
  /// - Parameters:
  ///   - caption: What the table shows, for those who hear it.
  ///   - columns: The headings; those that start with `#` are of numbers.
  static func table(_ caption: String, columns: [String], rows: [[Markup]], kind: Markup = "") -> Markup {
    let isNumber = columns.map { $0.hasPrefix("#") }
    let head = columns.map { column in
      let isNumber = column.hasPrefix("#")
      return
        "<th scope=\"col\"\(isNumber ? " class=\"number\"" : "")>\(isNumber ? String(column.dropFirst()) : column)</th>"
        as Markup
    }
    let body = rows.map { row -> Markup in
      let cells = row.enumerated().map { index, cell -> Markup in
        if index == 0 { return "<th scope=\"row\">\(cell)</th>" }
        return isNumber.indices.contains(index) && isNumber[index]
          ? "<td class=\"number\">\(cell)</td>" : "<td>\(cell)</td>"
      }
      return "<tr>\(cells)</tr>\n"
    }
    return """
      <div class="scroll" role="region" aria-label="\(caption)" tabindex="0"><table class="\(kind)"><caption class="unseen">\(caption)</caption>
      <thead><tr>\(head)</tr></thead>
      <tbody>
      \(body)</tbody></table></div>

      """
  }

  /// A sign with a word: colour alone says nothing.
  static func badge(_ word: (sign: String, text: String, kind: String)) -> Markup {
    "<span class=\"badge \(word.kind)\"><span aria-hidden=\"true\">\(word.sign)</span> \(word.text)</span>"
  }

  /// The names of series with their colours and dashes.
  static func legend(_ names: [(name: String, series: Int)]) -> Markup {
    let items = names.map { name, series in
      "<li><svg aria-hidden=\"true\" width=\"28\" height=\"10\"><line class=\"line s\(series % 8)\" x1=\"1\" x2=\"27\" y1=\"5\" y2=\"5\"/></svg>\(name)</li>"
        as Markup
    }
    return "<ul class=\"legend\">\(items)</ul>\n"
  }

  static func name(_ text: String) -> Markup { "<bdi>\(text)</bdi>" }
}
