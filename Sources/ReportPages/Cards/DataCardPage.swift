import TabularData

/// The data card as one HTML file.
extension DataCard {
  /// The page.
  public var html: String {
    let header: Markup = """
      <header>
      <p class="eyebrow">Equipoise data card</p>
      <h1>\(summary.all.source)</h1>
      <p class="basis">\(Words.count(summary.all.rows, "row")), \(Words.count(summary.all.columns.count, "column")).</p>
      </header>

      """
    return PageShell(
      title: "\(summary.all.source) · Equipoise", header: header,
      sections: [overview, groupSections, columnsSection, skewSection, proxiesSection, limits], data: .object([]),
      origin: "the data"
    ).html
  }

  private var overview: Markup {
    let lines = headlines.map { "<li>\($0)</li>\n" as Markup }
    let found = (anomalies ?? []).map { "<li>\(Self.words($0))</li>\n" as Markup }
    return Part.section(
      "overview", "At a glance",
      lines.isEmpty && found.isEmpty
        ? ""
        : "<ul>\n\(lines)</ul>\n\(found.isEmpty ? "" : "<h3>Not as expected</h3>\n<ul>\n\(found)</ul>\n" as Markup)")
  }

  // MARK: - Groups

  private var groupSections: Markup {
    let parts = attributes.map { attribute -> Markup in
      let groups = groups(of: attribute)
      let all = groups.reduce(0) { $0 + $1.description.rows }
      let rows = groups.map { group -> [Markup] in
        let rate = labelRate(group)
        return [
          "\(group.group)", "\(Words.count(group.description.rows))",
          "\(Words.percent(Double(group.description.rows) / Double(max(1, all))))",
          rate?.rate.map { "\(Words.percent($0))" } ?? "none",
        ]
      }
      let table = Part.table(
        "Groups of \(attribute)", columns: ["group", "#rows", "#share", "#label positive"], rows: rows)
      return "<h3>\(attribute)</h3>\n\(table)"
    }
    return Part.section(
      "groups", "Groups", lead: "How many rows each group has, and for how many of them the label is positive.",
      parts.joined())
  }

  // MARK: - Columns

  private var columnsSection: Markup {
    let rows = summary.all.columns.map { column -> [Markup] in
      [
        "\(column.name)", "\(column.type.rawValue)", "\(Words.count(column.missing))",
        "\(Words.count(column.distinct))",
        "\(Self.words(column, escaped: { $0 }, withMissing: false))",
      ]
    }
    let panels = summary.all.columns.compactMap(distribution)
    return Part.section(
      "columns", "Columns",
      Part.table(
        "Columns", columns: ["column", "type", "#missing", "#different", "values"], rows: rows) + Part.panels(panels))
  }

  /// The shape of a numeric column, with that of each group of the first attribute.
  private func distribution(_ column: TableDescription.ColumnDescription) -> Markup? {
    guard let whole = summary.histograms[column.name], let low = whole.edges.first, let high = whole.edges.last
    else { return nil }
    let parts: [(name: String, histogram: Histogram)] =
      attributes.first.map { attribute in
        groups(of: attribute).prefix(4).compactMap { group in group.histograms[column.name].map { (group.group, $0) } }
      } ?? []
    let curves = parts.isEmpty ? [("all rows", whole)] : parts
    let shares = curves.map { Self.shares($0.1) }
    // The root of the share, so that what is rare can be seen.
    let top = (shares.flatMap { $0 }.max() ?? 1).squareRoot()
    var plot = Plot(x: low...high, y: 0...max(top, 1e-9), height: 170)
    plot.horizontalAxis(.number, title: Words.cut(column.name, to: 40), count: 4)
    for (index, (curve, shares)) in zip(curves, shares).enumerated() {
      let points = shares.enumerated().map { place, share in
        (x: (whole.edges[place] + whole.edges[place + 1]) / 2, y: Optional(share.squareRoot()))
      }
      plot.line(points, series: index, label: Words.cut(curve.0, to: 12), name: curve.0)
    }
    let most = zip(whole.counts, whole.edges).max { $0.0 < $1.0 }?.1 ?? low
    return Part.figure(
      "\(column.name)", "Height by the root of the share of rows.",
      plot.svg(
        title: "Distribution of \(column.name)",
        description: "From \(Words.number(low, 2)) to \(Words.number(high, 2)), most rows near \(Words.number(most, 2))"
      ))
  }

  private static func shares(_ histogram: Histogram) -> [Double] {
    let all = Double(max(1, histogram.counts.reduce(0, +)))
    return histogram.counts.map { Double($0) / all }
  }

  // MARK: - Comparisons

  private var skewSection: Markup {
    guard let skew, let other else { return "" }
    let rows = skew.columns.map { column -> [Markup] in
      let value: Markup = "\(Words.number(column.value, 3))"
      return [
        "\(column.name)", column.value >= skewThreshold ? "<b>\(value)</b>" : value, "\(Self.words(column))",
      ]
    }
    let rest = skew.notCompared
    let note: Markup =
      rest.isEmpty ? "" : "<p>Not in both, or not of one type: \(Words.list(rest)).</p>\n"
    return Part.section(
      "skew", "Difference from other data",
      lead: "Against \(other); \(Words.number(skewThreshold, 2)) or more is set in bold.",
      Part.table("Distances", columns: ["column", "#distance", "measure"], rows: rows) + note)
  }

  private var proxiesSection: Markup {
    let parts = attributes.compactMap { attribute -> Markup? in
      let proxies = proxies(of: attribute).prefix(10)
      guard !proxies.isEmpty else { return nil }
      let rows = proxies.map { pair -> [Markup] in
        [
          "\(pair.column)", "\(Words.number(pair.cramersV ?? 0, 3))",
          ShareBar(domain: 0...1, value: pair.cramersV).bar,
        ]
      }
      return "<h3>\(attribute)</h3>\n"
        + Part.table("What goes with \(attribute)", columns: ["column", "#Cramér's V", ""], rows: rows)
    }
    return Part.section(
      "proxies", "What tells a group",
      lead: "Columns that go with a sensitive attribute: leaving the attribute out does not hide it.", parts.joined())
  }

  private var limits: Markup {
    Part.section(
      "limits", "What this card cannot tell",
      """
      <ul>
      <li>How the rows were gathered, who is missing from them, and who labelled them.</li>
      <li>Whether the label is true: where it records past decisions, it holds their mistakes.</li>
      <li>One column at a time goes with a group here; several together can tell more (<code>equipoise audit</code>).</li>
      </ul>

      """)
  }
}
