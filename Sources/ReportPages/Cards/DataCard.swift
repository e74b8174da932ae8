import OrderedJSON
import TabularData

/// What a data set holds, for those who decide whether to learn from it: every column, the groups and their labels, what
/// tells a group, and how the data differ from what is expected or from other data.
public struct DataCard: Sendable {
  let summary: TableSummary
  let label: String?
  let anomalies: [TableExpectations.Anomaly]?
  let skew: TableSkew?
  let skewThreshold: Double
  /// What the other data of `skew` are called.
  let other: String?

  /// - Parameters:
  ///   - label: The name of the label's column, where one is named.
  ///   - anomalies: What is not as expected; nil where nothing was expected.
  ///   - skew: How the data differ from others, with their name; nil where there are none.
  ///   - skewThreshold: From which distance on a column counts as different.
  public init(
    _ summary: TableSummary, label: String? = nil, anomalies: [TableExpectations.Anomaly]? = nil,
    skew: (distances: TableSkew, from: String)? = nil, skewThreshold: Double = 0.1
  ) {
    self.summary = summary
    self.label = label
    self.anomalies = anomalies
    self.skew = skew?.distances
    self.skewThreshold = skewThreshold
    other = skew?.from
  }

  /// The columns whose distance reaches the threshold.
  public var skewed: [TableSkew.Column] { skew?.columns.filter { $0.value >= skewThreshold } ?? [] }

  /// Whether the data are as expected, and like the others, in the same columns.
  public var isSound: Bool {
    anomalies?.isEmpty != false && skewed.isEmpty && skew?.notCompared.isEmpty != false
  }

  /// Sensitive columns.
  var attributes: [String] {
    summary.groups.map(\.column).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  func groups(of attribute: String) -> [TableSummary.Group] { summary.groups.filter { $0.column == attribute } }

  func labelRate(_ group: TableSummary.Group) -> TableDescription.LabelRate? {
    summary.all.labelRates.first { $0.column == group.column && $0.group == group.group }
  }

  /// What a reader has to know before all else.
  var headlines: [String] {
    var lines: [String] = []
    if let anomalies {
      lines.append(
        anomalies.isEmpty
          ? "The data are as expected."
          : "\(Words.count(anomalies.count, "anomaly", "anomalies")) against what is expected.")
    }
    if skew != nil, let other {
      lines.append(
        skewed.isEmpty
          ? "No column differs from \(other) by \(Words.number(skewThreshold, 2)) or more."
          : "\(Words.count(skewed.count, "column")) of \(skew?.columns.count ?? 0) differ from \(other) by "
            + "\(Words.number(skewThreshold, 2)) or more.")
    }
    for attribute in attributes {
      let groups = groups(of: attribute)
      guard let least = groups.min(by: { $0.description.rows < $1.description.rows }) else { continue }
      let all = groups.reduce(0) { $0 + $1.description.rows }
      lines.append(
        "\(attribute): the smallest group, \(least.group), has \(Words.count(least.description.rows, "row")), "
          + "\(Words.percent(Double(least.description.rows) / Double(max(1, all)))) of all.")
      let rates = groups.compactMap { group in labelRate(group)?.rate.map { (group.group, $0) } }
      if let low = rates.min(by: { $0.1 < $1.1 }), let high = rates.max(by: { $0.1 < $1.1 }), low.1 < high.1 {
        lines.append(
          "\(attribute): the label is positive for \(Words.percent(low.1)) of \(low.0) and \(Words.percent(high.1)) of "
            + "\(high.0).")
      }
      if let proxy = proxies(of: attribute).first, let strength = proxy.cramersV, strength >= 0.3 {
        lines.append("\(attribute): \(proxy.column) goes with it most (Cramér's V \(Words.number(strength, 2))).")
      }
    }
    return lines
  }

  /// The columns that go with an attribute, the strongest first, without the label.
  func proxies(of attribute: String) -> [TableSummary.Association] {
    summary.associations.filter { $0.with == attribute && $0.column != label && ($0.cramersV ?? 0) > 0 }
  }

  // MARK: - JSON

  /// The card for programs.
  public var json: JSON {
    var members = Self.members(summary.all, summary.histograms)
    members.append(
      .init(
        "labelRates",
        .array(
          summary.all.labelRates.map { rate in
            [
              "column": .string(rate.column), "group": .string(rate.group), "rows": .number(JSONNumber(rate.rows)),
              "positives": .number(JSONNumber(rate.positives)),
              "rate": rate.rate.map { .number(JSONNumber($0)) } ?? .null,
            ]
          })))
    members.append(
      .init(
        "groups",
        .array(
          summary.groups.map { group in
            .object(
              [.init("column", .string(group.column)), .init("group", .string(group.group))]
                + Self.members(group.description, group.histograms).filter { $0.key != "source" })
          })))
    members.append(
      .init(
        "associations",
        .array(
          summary.associations.map { pair in
            [
              "column": .string(pair.column), "with": .string(pair.with),
              "cramersV": pair.cramersV.map { .number(JSONNumber($0)) } ?? .null,
            ]
          })))
    if let anomalies {
      members.append(
        .init(
          "anomalies",
          .array(
            anomalies.map { anomaly in
              [
                "kind": .string(anomaly.kind.rawValue), "column": anomaly.column.map(JSON.string) ?? .null,
                "message": .string(anomaly.message),
              ]
            })))
    }
    if let skew {
      members.append(
        .init(
          "skew",
          [
            "from": .string(other ?? ""), "threshold": .number(JSONNumber(skewThreshold)),
            "columns": .array(
              skew.columns.map { column in
                [
                  "name": .string(column.name), "distance": .string(column.distance.rawValue),
                  "value": .number(JSONNumber(column.value)), "isSkewed": .bool(column.value >= skewThreshold),
                ]
              }), "notCompared": .array(skew.notCompared.map(JSON.string)),
          ]))
    }
    return .object(members)
  }

  private static func members(_ table: TableDescription, _ histograms: [String: Histogram]) -> [JSON.Member] {
    [
      .init("source", .string(table.source)), .init("rows", .number(JSONNumber(table.rows))),
      .init("columns", .array(table.columns.map { json($0, histograms[$0.name]) })),
    ]
  }

  private static func json(_ column: TableDescription.ColumnDescription, _ histogram: Histogram?) -> JSON {
    var members: [JSON.Member] = [
      .init("name", .string(column.name)), .init("type", .string(column.type.rawValue)),
      .init("missing", .number(JSONNumber(column.missing))), .init("distinct", .number(JSONNumber(column.distinct))),
    ]
    if let numbers = column.numbers {
      let values = [
        ("mean", numbers.mean), ("standardDeviation", numbers.standardDeviation), ("minimum", numbers.minimum),
        ("median", numbers.median), ("maximum", numbers.maximum),
      ]
      // Of huge numbers the mean or the deviation may be beyond the range of a double.
      members += values.map { JSON.Member($0.0, $0.1.isFinite ? .number(JSONNumber($0.1)) : .null) }
    }
    if let histogram {
      members.append(
        .init(
          "histogram",
          [
            "edges": .array(histogram.edges.map { .number(JSONNumber($0)) }),
            "counts": .array(histogram.counts.map { .number(JSONNumber($0)) }),
          ]))
    }
    if !column.top.isEmpty {
      members.append(
        .init("top", .array(column.top.map { ["value": .string($0.value), "rows": .number(JSONNumber($0.rows))] })))
    }
    return .object(members)
  }
}
