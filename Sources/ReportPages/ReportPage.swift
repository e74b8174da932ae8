import OrderedJSON
import RunRecords

/// The report of one run as one HTML file: styles, script, pictures and numbers are all in it, and it asks nothing of any
/// network.
public struct ReportPage: Sendable {
  private let run: RunReport
  private let rows: JSON?

  /// - Parameter rows: The rows and the model for the explorer, as `RunExplorer` of the experiments gathers them; nil for a
  ///   page that has no rows.
  public init(_ run: RunReport, rows: JSON? = nil) {
    self.run = run
    self.rows = rows
  }

  /// The page.
  public var html: String {
    guard run.isBinary else { return labelPage }
    let findings = Findings(run)
    let made = MadeSection(run: run)
    let details = [
      GroupsSection(run: run).markup, ScoresSection(run: run).markup, TrainingSection(run: run).markup,
      ThresholdsSection(run: run).markup, CurvesSection(run: run).markup, SlicesSection(run: run).markup,
      DemandsSection(run: run).markup, FrontierSection(frontier: run.frontier).markup, AuditSection(run: run).markup,
      RowsSection(rows: rows).markup, QuestionsSection(run: run).markup, made.made, made.limits,
    ]
    let summary = SummarySection(run: run, findings: findings, sections: Part.names(of: details))
    let sections = [summary.keyFigures, summary.watch, summary.readers] + details
    let data: JSON = ["epochs": ScoresSection.json(run), "scores": ThresholdsSection.json(run)]
    return PageShell(
      title: "\(run.summary.name), seed \(run.summary.seed) · Equipoise", header: summary.header, sections: sections,
      data: data, scripts: RowsSection(rows: rows).scripts
    ).html
  }

  /// The page of a run whose label has several classes or is a number: without what is about scores in 0...1.
  private var labelPage: String {
    let label = LabelSection(run: run)
    let made = MadeSection(run: run)
    return PageShell(
      title: "\(run.summary.name), seed \(run.summary.seed) · Equipoise", header: label.header,
      sections: [
        label.groups, TrainingSection(run: run).markup, DemandsSection(run: run).markup, AuditSection(run: run).markup,
        QuestionsSection(run: run).markup, made.made, made.limits,
      ], data: ["epochs": [], "scores": .null], scripts: RowsSection(rows: nil).scripts
    ).html
  }

  /// What the page shows, for programs.
  public var json: JSON { ReportJSON(run).json }
}

/// What all pages have around their sections.
struct PageShell {
  var title: String
  var header: Markup
  var sections: [Markup]
  var data: JSON
  /// What the page was made from, as its last line says.
  var origin = "the records of the run"
  /// Further scripts, which run before that of the page.
  var scripts = Markup()

  /// The headings that a page can have, for its list of contents.
  private static let contents: [(id: String, name: String)] = [
    ("overview", "At a glance"), ("groups", "Groups"), ("columns", "Columns"), ("skew", "Difference"),
    ("proxies", "What tells a group"), ("scores", "Scores"), ("training", "Training"), ("thresholds", "Thresholds"),
    ("curves", "Curves"),
    ("slices", "Slices"), ("demands", "Demands"), ("frontier", "Frontier"), ("audit", "Audit"), ("rows", "Rows"),
    ("runs", "Runs"),
    ("matched", "Matched"), ("answers", "Questions"), ("made", "How it was made"), ("limits", "Limits"),
  ]

  var html: String {
    let body = sections.joined()
    let links = sections.compactMap { section in
      Self.contents.first { section.text.hasPrefix("<section id=\"\($0.id)\"") }
    }.map { "<li><a href=\"#\(Markup(trusted: $0.id))\">\($0.name)</a></li>" as Markup }
    // The policy makes it sure: whatever stands in the page, a browser fetches nothing for it.
    let page: Markup = """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
      <link rel="icon" href="data:,">
      <title>\(title)</title>
      <style>
      \(Markup(trusted: String(decoding: PackageResources.report_css, as: UTF8.self)))</style>
      </head>
      <body>
      <a class="skip" href="#main">To the content</a>
      <nav aria-label="Contents"><ul>\(links)</ul></nav>
      <main id="main">
      \(header)\(body)</main>
      <footer><p>Made by Equipoise from \(origin); nothing on this page was fetched, and nothing leaves it.</p></footer>
      \(Visible.script(data, id: "data"))\(scripts)<script>
      \(Markup(trusted: String(decoding: PackageResources.report_js, as: UTF8.self)))</script>
      </body>
      </html>

      """
    return page.text
  }
}
