import OrderedJSON
import RunRecords

/// The rows one by one, where the page has them: the script fills what stands here.
struct RowsSection {
  /// What `RunExplorer` gathered; nil where the page has no rows.
  let rows: JSON?

  var markup: Markup {
    guard let rows else { return "" }
    let hidden = (rows["hidden"]?.elements ?? []).compactMap(\.text)
    let hasBefore = rows["before"]?.elements != nil
    let hasModel = rows["model"]?.members != nil
    let picking: Markup =
      hasModel
      ? "Pick one to change its values: the model runs in this page, and nothing leaves it. What would change a score is no advice on what to change in a life."
      : "Pick one to see its score. Nothing leaves this page."
    let scatter: Markup =
      hasBefore
      ? "<figure><figcaption><b>score before against score after</b><br>Round: the label is positive; square: negative. Below the diagonal the score fell.</figcaption>"
      : "<figure><figcaption><b>The scores before are not recorded.</b></figcaption>"
    return Part.section(
      "rows", "One by one",
      lead:
        "The rows behind the numbers. \(picking)\(hidden.isEmpty ? "" : " Left out of this file: \(Words.list(hidden)).")",
      """
      <noscript><p>This part needs JavaScript.</p></noscript>
      <div id="explorer" hidden>
      <div class="controls"><label for="row-filter">Rows</label> <select id="row-filter"></select>
      <label for="row-order">ordered by</label> <select id="row-order"></select></div>
      <p id="row-count" aria-live="polite"></p>
      <div class="explorer">
      <div>
      \(scatter)<svg id="row-scatter" viewBox="0 0 420 396" role="img" aria-label="Score before against score after"\(hasBefore ? "" : " hidden")></svg></figure>
      \(hasModel ? Self.dependence : "")</div>
      <div>
      <h3 id="row-title" tabindex="-1">A row</h3>
      <p id="row-score" aria-live="polite"></p>
      \(hasModel ? Self.fields : "<p class=\"small\">\(withoutModel(rows))</p>\n")<h3>The most similar row with the other decision</h3>
      <p id="row-nearest"></p>
      </div>
      </div>
      <div class="scroll tall" role="region" aria-label="Rows" tabindex="0"><table id="row-table"><caption class="unseen">Rows</caption><thead></thead><tbody></tbody></table></div>
      </div>
      \(FlipTable(flips: rows["flips"]?.elements ?? []).markup)
      """)
  }

  /// What the model of the page draws beside the scores.
  private static let dependence: Markup = """
    <h3><label for="row-column">What one column does</label> <select id="row-column"></select></h3>
    <p class="small">Blue: this row, all else as it is. Orange: the mean of 100 rows.</p>
    <svg id="row-dependence" viewBox="0 0 340 200" role="img" aria-label="What one column does to the score"></svg>

    """

  /// The values of a row to be changed, and what the model makes of them.
  private static let fields: Markup = """
    <form id="row-fields" autocomplete="off"></form>
    <p><button type="button" id="row-undo">Undo changes</button></p>
    <h3>What of the row makes its score</h3>
    <p class="small">Integrated gradients: the parts that the columns have in the difference between this row's score and that of the average row.</p>
    <p id="row-parts-sum" aria-live="polite"></p>
    <svg id="row-parts" viewBox="0 0 340 200" role="img" aria-label="The columns' parts in the score"></svg>

    """

  /// Why no row can be changed; see `RunExplorer.WithoutModel`.
  private func withoutModel(_ rows: JSON) -> Markup {
    switch rows["withoutModel"]?.text {
    case "readsSensitive":
      let columns = Words.list((rows["reads"]?.elements ?? []).compactMap(\.text))
      return
        "No row can be changed here: the model reads \(columns) beside the features of a row, and this page evaluates features alone."
    case "drawn":
      return
        "No row can be changed here: the model is several networks, of which one is drawn for each row, and this page draws none."
    default: return "No row can be changed here: the model reads columns that were left out of this page."
    }
  }

  /// The data and the script, which stand at the end of the page.
  var scripts: Markup {
    guard let rows else { return "" }
    return Visible.script(rows, id: "row-data")
      + "<script>\n\(Markup(trusted: String(decoding: PackageResources.explorer_js, as: UTF8.self)))</script>\n"
  }
}
