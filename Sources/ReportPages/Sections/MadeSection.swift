import FairnessEvaluation
import OrderedJSON
import RunRecords

/// With what the run was made, so that it can be made again; and what its numbers cannot tell.
struct MadeSection {
  let run: RunReport

  var made: Markup {
    var items: [(String, Markup)] = []
    if let environment = run.environment {
      for source in environment.data {
        items.append(
          ("data", "\(source.name)\(source.sha256.map { "<br><code class=\"hash\">SHA-256 \($0)</code>" as Markup })"))
      }
      items.append(
        ("version", "Equipoise \(environment.version)\(environment.commit.map { ", commit " + $0.prefix(12) } ?? "")"))
      items.append(
        (
          "machine",
          "\(environment.platform), \(Words.count(environment.cores, "core")), kernels \(environment.kernels)"
        ))
      items.append(("started", "\(environment.started)"))
    }
    items.append(("seed", "\(run.summary.seed)"))
    items.append(
      ("state", "\(run.kept.rawValue)\(run.summary.status == .stopped ? ", stopped before its last epoch" : "")"))
    if !run.summary.timing.isEmpty {
      let total = run.summary.timing.reduce(0) { $0 + $1.seconds }
      let stages = run.summary.timing.map { "\($0.stage) \(Words.number($0.seconds, 2)) s" }
      items.append(("time", "\(Words.number(total, 1)) s: \(Words.list(stages))"))
    }
    let list = items.map { "<dt>\($0)</dt><dd>\($1)</dd>\n" as Markup }
    let notes = (run.summary.notices + run.missing).map { "<li>\($0)</li>\n" as Markup }
    return Part.section(
      "made", "How it was made",
      """
      <dl>
      \(list)</dl>
      \(notes.isEmpty ? "" : "<h3>Notes</h3>\n<ul>\n\(notes)</ul>\n" as Markup)\
      <details><summary>The whole configuration</summary><pre tabindex="0">\(run.configuration.serialized())</pre></details>

      """)
  }

  var limits: Markup {
    let confidence = run.evaluation?.judged?.report.confidence
    return Part.section(
      "limits", "What these numbers cannot tell",
      """
      <p>\(EvaluationReport.limits)</p>
      <ul>
      <li>The label is taken as the truth. Where it records past decisions rather than what people are, a model that agrees with it repeats them.</li>
      <li>All numbers stand for rows like these: other places, later years and people who are missing from the table may fare differently.</li>
      <li>\(confidence.map { "Intervals hold \(Words.percent($0, 0)) of the time for one number at a time; among many numbers some lie outside by chance. They know the chance of the rows, not that of the training: another seed gives another model." } ?? "Without intervals a difference may be chance.")</li>
      <li>Groups are those that the table names. Whoever belongs to several groups, or to one that is not named, may fare worse than every group shown.</li>
      <li>Even treatment at one threshold says nothing of other thresholds, nor of what people do with the decisions.</li>
      \(weights)</ul>

      """)
  }

  /// What rows with weights count in, where there are any.
  private var weights: Markup {
    guard let column = run.configuration["data"]?["weights"]?.text else { return "" }
    return
      "<li>Rows count in rates, areas and intervals by their weights in the column \(column). Numbers of rows, curves, the threshold explorer and the explorer of rows count each row once, and so differ from them.</li>\n"
  }
}
