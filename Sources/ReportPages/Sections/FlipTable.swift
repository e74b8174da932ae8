import OrderedJSON

/// What becomes of decisions where the sensitive attribute is another one: the column alone, and the person.
struct FlipTable {
  /// What `RunExplorer` counted.
  let flips: [JSON]

  var markup: Markup {
    guard !flips.isEmpty else { return "" }
    let unread = flips.filter { $0["isRead"] == .bool(false) }.compactMap { $0["attribute"]?.text }
    let counted = flips.filter { $0["rows"]?.integer != nil }
    let hasPersons = counted.contains { $0["way"]?.text == "person" }
    let rows = counted.map { flip -> [Markup] in
      let number = flip["rows"]?.integer ?? 0
      func share(_ key: String) -> Markup {
        let count = flip[key]?.integer ?? 0
        return
          "\(Words.percent(Double(count) / Double(max(1, number)), 1)) <span class=\"ci\">(\(Words.count(count)))</span>"
      }
      let largest = flip["largest"]?.elements?.first
      return [
        "\(flip["attribute"]?.text ?? "") = \(flip["group"]?.text ?? "")",
        flip["way"]?.text == "person" ? "the person" : "the column alone", "\(Words.count(number))",
        share("toSelected"), share("toRejected"), "\(Words.number(flip["meanChange"]?.double ?? 0, 3))",
        largest.map { largest in
          "row \(largest["row"]?.integer ?? 0): \(Words.number(largest["score"]?.double ?? 0, 3)) → \(Words.number(largest["flipped"]?.double ?? 0, 3))"
        } ?? "",
      ]
    }
    let table: Markup =
      rows.isEmpty
      ? ""
      : Part.table(
        "Decisions where the attribute is another one",
        columns: [
          "set to", "what changes", "#rows of other groups", "#newly selected", "#no longer selected",
          "#mean change of the score", "largest change",
        ], rows: rows)
    return """
      <h3>If the attribute were another one</h3>
      \(unread.isEmpty ? "" : "<p>The model does not read \(Words.list(unread)): changed in \(unread.count == 1 ? "this column" : "these columns") alone, no score changes. That is no proof of even treatment, as other columns follow the attribute.</p>\n" as Markup)\
      \(hasPersons ? "<p>The rows are simulated, so that the same person can be asked for with another attribute: what follows from it changes too, all chance stays.</p>\n" as Markup : "")\
      \(table)
      """
  }
}
