import FairnessMetrics

extension ServiceMonitor {
  /// The counts for Prometheus. A statistic that does not exist has no sample.
  ///
  /// - Parameters:
  ///   - modelColumns: The names of the model's columns.
  ///   - model: What the model is, as labels.
  func text(model: [(String, String)], modelColumns: [String]) -> String {
    var page = PrometheusText()
    page.family("equipoise_model_info", .gauge, "The model that is served; always 1.")
    page.sample("equipoise_model_info", model, 1)
    addRequests(to: &page)
    addScores(to: &page, modelColumns)
    addOutcomes(to: &page)
    if !columns.isEmpty {
      addGroups(to: &page)
      addParity(to: &page)
    }
    return page.text
  }

  private func addRequests(to page: inout PrometheusText) {
    page.family("equipoise_requests_total", .counter, "Requests by path and status of the answer.")
    for endpoint in Endpoint.allCases {
      for (status, count) in (statuses[endpoint] ?? [:]).sorted(by: { $0.key < $1.key }) {
        page.sample(
          "equipoise_requests_total", [("path", endpoint.rawValue), ("status", "\(status)")], Double(count))
      }
    }
    page.family("equipoise_request_duration_seconds", .histogram, "From a request's last byte to its answer.")
    for endpoint in Endpoint.allCases {
      guard let durations = durations[endpoint], durations.total > 0 else { continue }
      page.histogram("equipoise_request_duration_seconds", [("path", endpoint.rawValue)], durations)
    }
  }

  private func addScores(to page: inout PrometheusText, _ modelColumns: [String]) {
    page.family("equipoise_score", .histogram, "Scores of all rows.")
    page.histogram("equipoise_score", [], scores)
    page.family("equipoise_selection_rate", .gauge, "Share of rows that were selected, of all and of the recent ones.")
    for span in WatchedColumn.Span.allCases {
      let (rows, selected) = overall.predicted(0, span)
      page.sample("equipoise_selection_rate", [("rows", span.rawValue)], Double(selected) / Double(rows))
    }
    page.family("equipoise_unseen_values_total", .counter, "Cells with a value that no training row has, by column.")
    for (column, count) in zip(modelColumns, unseen) where count > 0 {
      page.sample("equipoise_unseen_values_total", [("column", column)], Double(count))
    }
  }

  private func addOutcomes(to page: inout PrometheusText) {
    page.family("equipoise_outcomes_total", .counter, "Labels posted, by what became of them.")
    for (result, count) in [
      ("joined", overall.judged(0, .all).rows), ("unknown", unknownOutcomes), ("repeated", repeatedOutcomes),
    ] {
      page.sample("equipoise_outcomes_total", [("result", result)], Double(count))
    }
    page.family("equipoise_outcome_rate", .gauge, "Rates of the rows whose label is known by now.")
    for span in WatchedColumn.Span.allCases {
      let counts = overall.judged(0, span)
      for (name, rate) in Self.rates + [("accuracy", .accuracy)] {
        page.sample("equipoise_outcome_rate", [("rate", name), ("rows", span.rawValue)], rate(counts).value ?? .nan)
      }
    }
  }

  private static let rates: [(String, ClassificationRate)] = [
    ("true_positive_rate", .truePositiveRate), ("false_positive_rate", .falsePositiveRate),
  ]

  private func addGroups(to page: inout PrometheusText) {
    page.family("equipoise_group_predictions_total", .counter, "Rows of each group that were scored.")
    page.each(columns) { column, group in
      [Sample(name: "equipoise_group_predictions_total", value: Double(column.predicted(group, .all).rows))]
    }
    page.family("equipoise_group_selected_total", .counter, "Rows of each group that were selected.")
    page.each(columns) { column, group in
      [Sample(name: "equipoise_group_selected_total", value: Double(column.predicted(group, .all).selected))]
    }
    page.family("equipoise_without_group_total", .counter, "Rows that brought no known group of a watched column.")
    for (column, count) in zip(columns, withoutGroup) {
      page.sample("equipoise_without_group_total", [("attribute", column.name)], Double(count))
    }
    page.family("equipoise_group_selection_rate", .gauge, "Share of each group's rows that were selected.")
    page.each(columns) { column, group in
      WatchedColumn.Span.allCases.map { span in
        let (rows, selected) = column.predicted(group, span)
        return Sample(
          name: "equipoise_group_selection_rate", labels: [("rows", span.rawValue)],
          value: Double(selected) / Double(rows))
      }
    }
    page.family("equipoise_group_outcome_rate", .gauge, "Rates of each group's rows whose label is known by now.")
    page.each(columns) { column, group in
      WatchedColumn.Span.allCases.flatMap { span in
        Self.rates.map { name, rate in
          Sample(
            name: "equipoise_group_outcome_rate", labels: [("rate", name), ("rows", span.rawValue)],
            value: rate(column.judged(group, span)).value ?? .nan)
        }
      }
    }
  }

  private func addParity(to page: inout PrometheusText) {
    page.family(
      "equipoise_parity", .gauge,
      "Metrics between the groups, of all rows and of the recent ones; rows=reference is the run's own test.")
    for column in columns {
      for metric in WatchedColumn.parity {
        let labels = [("attribute", column.name), ("metric", metric.name)]
        for span in WatchedColumn.Span.allCases {
          page.sample("equipoise_parity", labels + [("rows", span.rawValue)], column.parity(metric, span).value ?? .nan)
        }
        if let reference = column.references.first(where: { $0.metric == metric }) {
          page.sample("equipoise_parity", labels + [("rows", "reference")], reference.value)
        }
      }
    }
    page.family("equipoise_parity_drift", .gauge, "The metric of the recent rows less that of the run's test.")
    for column in columns {
      for reference in column.references {
        page.sample(
          "equipoise_parity_drift", [("attribute", column.name), ("metric", reference.metric.name)],
          (column.parity(reference.metric, .recent).value ?? .nan) - reference.value)
      }
    }
  }
}

extension ParityMetric {
  /// The metric's name in the language of metrics.
  fileprivate var name: String {
    switch self {
    case .pPercentRule: "p_percent_rule"
    case .demographicParityDifference: "demographic_parity_difference"
    case .equalOpportunityDifference: "equal_opportunity_difference"
    case .equalizedOddsDifference: "equalized_odds_difference"
    default: rawValue
    }
  }
}

/// A sample with what is to be told besides of column and group.
private struct Sample {
  var name: String
  var labels: [(String, String)] = []
  var value: Double
}

extension PrometheusText {
  /// Adds samples for each group of each column.
  fileprivate mutating func each(
    _ columns: [WatchedColumn],
    _ samples: (WatchedColumn, Int) -> [Sample]
  ) {
    for column in columns {
      for (group, name) in column.groups.enumerated() {
        for sample in samples(column, group) {
          self.sample(sample.name, [("attribute", column.name), ("group", name)] + sample.labels, sample.value)
        }
      }
    }
  }
}
