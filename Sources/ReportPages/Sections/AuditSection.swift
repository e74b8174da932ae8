import FairnessMetrics
import OrderedJSON

/// What fresh adversaries read off the predictions: `audit.json`, as `equipoise audit --json` prints it.
struct AuditSection {
  let run: RunReport

  var markup: Markup {
    guard let audit = run.audit, let attributes = audit["attributes"]?.members else { return "" }
    let parts = attributes.map { member -> Markup in
      "<h3>\(member.key)</h3>\n<p>\(verdict(member))</p>\n\(figure(member))\(proxies(member.key))"
    }
    return Part.section(
      "audit", "What can still be read off the predictions",
      lead:
        "\(hasGame ? "New adversaries, which took no part in the game," : "Adversaries, of which the training knew nothing,") were trained on \(Words.count(audit["rows"]?.integer ?? 0)) rows that the classifier had not seen. An area of 0.5 is a coin toss.",
      parts.joined())
  }

  /// Whether an adversary took part in the training, to which these are compared.
  private var hasGame: Bool { run.epochs.contains { $0.phase == .game } }

  private func seen(_ isSeen: Bool) -> Markup {
    "<span class=\"rows\">\(isSeen ? "seen by the game's adversary too" : "not seen by the game's adversary")</span>"
  }

  private func verdict(_ member: JSON.Member) -> String {
    switch member.value["verdict"]?.text {
    case "notRead": "No fresh adversary reads \(member.key) better than chance would have it."
    case "read": "Fresh adversaries read \(member.key) off the predictions, as far as the areas below say."
    case "weakAdversary":
      "Fresh adversaries read \(member.key) off what the game's own adversary saw too, and do better: the game's adversary was too weak."
    default: "Nothing can be told of \(member.key): \(member.value["reason"]?.text ?? "the audit gave no result")."
    }
  }

  private func figure(_ member: JSON.Member) -> Markup {
    let found = (member.value["adversaries"]?.elements ?? []).filter {
      $0["rocAUC"]?["value"]?.double != nil && $0["sameAs"] == nil
    }
    let rows = found.map { adversary -> [Markup] in
      let area = adversary["rocAUC"]
      let value = area?["value"]?.double ?? 0.5
      let interval = area?["low"]?.double.flatMap { low in area?["high"]?.double.map { Interval(low: low, high: $0) } }
      let bar = ShareBar(domain: 0.4...1, value: value, interval: interval, reference: 0.5)
      let isSeen = adversary["isSeenByGame"] == .bool(true)
      return [
        "\(adversary["view"]?.text ?? ""), \(adversary["family"]?.text ?? "")\(hasGame ? seen(isSeen) : "")",
        bar.dumbbell, NumberStyle.decimals.markup(Estimate(value: .defined(value), interval: interval)),
        "\(adversary["correctedPValue"]?.double.map(Words.pValue) ?? "–")",
      ]
    }
    return rows.isEmpty
      ? ""
      : Part.table(
        "Fresh adversaries on \(member.key)",
        columns: ["view and adversary", "", "#area and interval", "#corrected p"], rows: rows,
        kind: "bars")
  }

  private func proxies(_ attribute: String) -> Markup {
    let features = (run.audit?["proxies"]?["attributes"]?[attribute]?["features"]?.elements ?? []).compactMap {
      feature -> (name: String, area: Double)? in
      guard let name = feature["feature"]?.text, let area = feature["rocAUC"]?["value"]?.double else { return nil }
      return (name, area)
    }.sorted { $0.area > $1.area }.prefix(8)
    guard !features.isEmpty else { return "" }
    return "<p>What the features tell of it, the most telling first: "
      + features.map { "\(Part.name($0.name)) \(Words.number($0.area, 2))" as Markup }.joined(", ") + ".</p>\n"
  }
}
