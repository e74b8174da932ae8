import Reporting
import TabularData

/// The card for terminals and in Markdown.
extension DataCard {
  /// A line for each column, the groups with their labels, and what was found.
  public var text: String {
    let table = summary.all
    let names = table.columns.map { TerminalText.neutralized($0.name) }
    let width = min(32, names.map(TerminalText.width).max() ?? 0)
    var text =
      "\(TerminalText.neutralized(table.source)): \(Words.count(table.rows, "row")), "
      + "\(Words.count(table.columns.count, "column"))\n\n"
    for (name, column) in zip(names, table.columns) {
      text += "  \(TerminalText.padded(name, to: width))  \(Self.words(column, escaped: TerminalText.neutralized))\n"
    }
    for attribute in attributes {
      text += "\n\(TerminalText.neutralized(attribute)):\n"
      for group in groups(of: attribute) {
        text += "  \(TerminalText.neutralized(group.group)): \(Words.count(group.description.rows, "row"))"
        if let rate = labelRate(group)?.rate { text += ", label positive for \(TerminalText.fixed(rate * 100, 1)) %" }
        text += "\n"
      }
      let proxies = proxies(of: attribute).prefix(5).map {
        "\(TerminalText.neutralized($0.column)) \(TerminalText.fixed($0.cramersV ?? 0, 2))"
      }
      if !proxies.isEmpty { text += "  goes with (Cramér's V): \(proxies.joined(separator: ", "))\n" }
    }
    if let anomalies {
      text += anomalies.isEmpty ? "\nAs expected.\n" : "\nNot as expected:\n"
      for anomaly in anomalies { text += "  \(TerminalText.neutralized(Self.words(anomaly)))\n" }
    }
    if let skew {
      text += "\nDistance from \(TerminalText.neutralized(other ?? "")), at least \(skewThreshold) is marked:\n"
      for column in skew.columns {
        let mark = column.value >= skewThreshold ? "*" : " "
        text += "  \(mark) \(TerminalText.padded(TerminalText.neutralized(column.name), to: width))  "
        text += "\(TerminalText.fixed(column.value, 3))  \(TerminalText.neutralized(Self.words(column)))\n"
      }
      if !skew.notCompared.isEmpty {
        text += "  not in both, or not of one type: "
        text += skew.notCompared.map(TerminalText.neutralized).joined(separator: ", ") + "\n"
      }
    }
    return text
  }

  /// The card as Markdown.
  public var markdown: String {
    let plain = ModelCard.plain
    var text = "# \(plain(summary.all.source))\n\n\(Words.count(summary.all.rows, "row")), "
    text += "\(Words.count(summary.all.columns.count, "column")).\n"
    if !headlines.isEmpty { text += "\n" + headlines.map { "- \(plain($0))\n" }.joined() }
    text += "\n## Columns\n\n| column | type | missing | different | values |\n|---|---|---|---|---|\n"
    for column in summary.all.columns {
      text += "| \(plain(column.name)) | \(column.type.rawValue) | \(Words.count(column.missing)) | "
      text += "\(Words.count(column.distinct)) | \(Self.words(column, escaped: plain, withMissing: false)) |\n"
    }
    for attribute in attributes {
      text += "\n## Groups of \(plain(attribute))\n\n| group | rows | label positive |\n|---|---|---|\n"
      for group in groups(of: attribute) {
        let rate = labelRate(group)?.rate.map { Words.percent($0) } ?? "none"
        text += "| \(plain(group.group)) | \(Words.count(group.description.rows)) | \(rate) |\n"
      }
      let proxies = proxies(of: attribute).prefix(10)
      guard !proxies.isEmpty else { continue }
      text += "\n| column | Cramér's V with \(plain(attribute)) |\n|---|---|\n"
      for proxy in proxies { text += "| \(plain(proxy.column)) | \(Words.number(proxy.cramersV ?? 0, 3)) |\n" }
    }
    if let anomalies, !anomalies.isEmpty {
      text += "\n## Not as expected\n\n" + anomalies.map { "- \(plain(Self.words($0)))\n" }.joined()
    }
    if let skew {
      text += "\n## Distance from \(plain(other ?? ""))\n\n| column | distance | value |\n|---|---|---|\n"
      for column in skew.columns {
        let value = Words.number(column.value, 3)
        text += "| \(plain(column.name)) | \(plain(Self.words(column))) | "
        text += column.value >= skewThreshold ? "**\(value)** |\n" : "\(value) |\n"
      }
    }
    return text
  }

  // MARK: - Words

  static func words(_ anomaly: TableExpectations.Anomaly) -> String {
    anomaly.column.map { "column '\($0)' \(anomaly.message)" } ?? anomaly.message
  }

  static func words(_ column: TableSkew.Column) -> String {
    guard let (category, first, second) = column.largest, column.value > 0 else { return column.distance.rawValue }
    return "\(column.distance.rawValue), most of all '\(Words.cut(category, to: 40))': \(Words.percent(first)) here, "
      + "\(Words.percent(second)) there"
  }

  /// What a column holds, in a line.
  static func words(
    _ column: TableDescription.ColumnDescription, escaped: (String) -> String, withMissing: Bool = true
  ) -> String {
    var text: String
    if let numbers = column.numbers {
      text = "numbers \(short(numbers.minimum)) to \(short(numbers.maximum)), "
      text += "mean \(short(numbers.mean)), median \(short(numbers.median))"
    } else {
      let top = column.top.prefix(4).map { "\(escaped(Words.cut($0.value, to: 40))) \(Words.count($0.rows))" }
      text = "\(Words.count(column.distinct, "value")): \(top.joined(separator: ", "))"
      if column.distinct > 4 { text += ", …" }
    }
    if withMissing && column.missing > 0 { text += "; missing \(Words.count(column.missing))" }
    return text
  }

  private static func short(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? TerminalText.fixed(value, 0) : TerminalText.fixed(value, 2)
  }
}
