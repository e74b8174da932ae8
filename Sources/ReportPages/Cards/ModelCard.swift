import FairnessEvaluation
import FairnessMetrics
import OrderedJSON
import RunRecords

/// The model card of a run, from its records: as JSON of the Model Card Toolkit (schema 0.0.2) and as the README of a model
/// on Hugging Face.
///
/// What nobody but its makers can know, such as who answers for the model and for whom it is meant, is what the
/// configuration says under `card`, and else "not answered": a card that looks complete and is not would be worse than
/// none.
public struct ModelCard: Sendable {
  private let run: RunReport

  public init(_ run: RunReport) { self.run = run }

  /// The card in the formats of the Model Card Toolkit and of Hugging Face, by file name.
  public var files: [(name: String, text: String)] {
    [("model-card.json", json.serialized()), ("README.md", markdown)]
  }

  private var questions: Questionnaire { Questionnaire(configuration: run.configuration) }

  /// The metrics of each slice that the card tells.
  private static let metrics = ["accuracy", "rocAUC", "selectionRate", "truePositiveRate", "falsePositiveRate"]

  /// The metrics between the groups of an attribute that the card tells.
  private static let gaps = ["pPercentRule", "demographicParityDifference", "equalizedOddsDifference"]

  // MARK: - Model Card Toolkit

  /// The card under the keys of the toolkit's schema, in which every value is a text.
  public var json: JSON {
    [
      "schema_version": "0.0.2", "model_details": details, "model_parameters": parameters,
      "quantitative_analysis": ["performance_metrics": .array(performance)], "considerations": considerations,
    ]
  }

  private func answer(_ step: String, _ question: String) -> JSON { .string(questions.text(step, question)) }

  private var details: JSON {
    let date = String(run.environment?.started.prefix(10) ?? "")
    return [
      "name": .string(run.summary.name), "overview": .string(overview), "documentation": .string(documentation),
      "owners": [["name": answer("maker", "owner"), "contact": answer("maker", "contact")]],
      "version": ["name": .string("seed \(run.summary.seed)"), "date": .string(date)],
      "licenses": [["custom_text": answer("maker", "license")]],
      "references": .array(method.references.map { ["reference": .string($0)] }),
    ]
  }

  private var parameters: JSON {
    let sensitive = JSON.array(run.attributes.map(JSON.string))
    let data = (run.environment?.data ?? []).map { source -> JSON in
      [
        "name": .string(source.name), "sensitive": ["sensitive_data": sensitive],
        "description": .string(source.sha256.map { "SHA-256 \($0)" } ?? "no file"),
      ]
    }
    let output = "A score in 0...1; selected at \(Words.threshold(run.threshold)) or more."
    return [
      "model_architecture": .string(method.sentence), "data": .array(data),
      "input_format": "A row of the table's columns.", "output_format": .string(output),
    ]
  }

  private var considerations: JSON {
    let tradeoffs = findings.lead.map { sentence -> JSON in ["description": .string(sentence)] }
    let ethical = findings.watch.map { watch -> JSON in
      ["name": .string(watch.text), "mitigation_strategy": answer("training", "fairness")]
    }
    return [
      "users": [["description": answer("problem", "audience")]],
      "use_cases": [["description": answer("problem", "use")]],
      "limitations": [
        ["description": .string(EvaluationReport.limits)], ["description": answer("evaluation", "failures")],
      ], "tradeoffs": .array(tradeoffs),
      "ethical_considerations": .array(ethical),
    ]
  }

  /// The questions of the five steps with their answers, as one text.
  private var documentation: String {
    Questionnaire.steps.enumerated().map { number, step in
      "\(number + 1). \(step.title). "
        + step.questions.map { "\($0.text) \(questions.answer(step, $0) ?? Questionnaire.notAnswered)" }
        .joined(separator: " ")
    }.joined(separator: "\n")
  }

  private var findings: Findings { Findings(run) }

  private var overview: String { ([findings.headline] + findings.lead).joined(separator: " ") }

  private var method: ModelMethod { ModelMethod(run) }

  private var performance: [JSON] {
    let slices = (run.evaluated?.slices ?? []).flatMap { slice in
      Self.metrics.compactMap { name in
        slice.estimate(name).flatMap { Self.metric(name, $0, slice: slice.slice.description) }
      }
    }
    let gaps = run.attributes.flatMap { attribute in
      Self.gaps.compactMap { name in
        run.parity(name, attribute).flatMap { Self.metric(name, $0, slice: "between the groups of \(attribute)") }
      }
    }
    return slices + gaps
  }

  private static func metric(_ name: String, _ estimate: Estimate, slice: String) -> JSON? {
    guard let value = estimate.value.value else { return nil }
    var members: [JSON.Member] = [
      .init("type", .string(name)), .init("value", .string(JSONNumber(value).text)), .init("slice", .string(slice)),
    ]
    if let interval = estimate.interval {
      members.append(
        .init(
          "confidence_interval",
          [
            "lower_bound": .string(JSONNumber(interval.low).text),
            "upper_bound": .string(JSONNumber(interval.high).text),
          ]))
    }
    return .object(members)
  }

  // MARK: - Hugging Face

  /// The README with its YAML head. Texts from data stand in quotation marks in the head, and escaped in the tables.
  public var markdown: String {
    let accuracy = run.after?.accuracy.value
    var text = """
      ---
      library_name: equipoise
      tags: [\((["tabular-classification", "fairness"] + method.tags).joined(separator: ", "))]
      model-index:
      - name: \(JSON.quoted(run.summary.name))
        results:
        - task: {type: tabular-classification}
          dataset: {type: table, name: \(JSON.quoted(run.environment?.data.first?.name ?? "simulated rows"))}
          metrics:

      """
    if let accuracy { text += "    - {type: accuracy, value: \(JSONNumber(accuracy).text)}\n" }
    for attribute in run.attributes {
      guard let value = run.parity("pPercentRule", attribute)?.value.value else { continue }
      text +=
        "    - {type: p_percent_rule, name: \(JSON.quoted("p%-rule, \(attribute)")), value: \(JSONNumber(value).text)}\n"
    }
    text += "---\n\n# \(Self.plain(run.summary.name))\n\n\(Self.plain(overview))\n\n\(Self.plain(method.sentence))\n\n"
    if !method.references.isEmpty {
      text += "It follows:\n\n" + method.references.map { "- \(Self.plain($0))\n" }.joined() + "\n"
    }
    text += "## How each group fares\n\n| slice | rows | " + Self.metrics.joined(separator: " | ") + " |\n|---|---|"
    text += Self.metrics.map { _ in "---|" }.joined() + "\n"
    for slice in run.evaluated?.slices ?? [] {
      let cells = Self.metrics.map { name -> String in
        guard let estimate = slice.estimate(name), let value = estimate.value.value else { return "none" }
        let interval = estimate.interval.map { " [\(Words.number($0.low, 3)), \(Words.number($0.high, 3))]" } ?? ""
        return Words.number(value, 3) + interval
      }
      text +=
        "| \(Self.plain(slice.slice.description)) | \(Words.count(slice.rows)) | " + cells.joined(separator: " | ")
        + " |\n"
    }
    if !findings.watch.isEmpty {
      text += "\n## What not to overlook\n\n" + findings.watch.map { "- \(Self.plain($0.text))\n" }.joined()
    }
    for (number, step) in Questionnaire.steps.enumerated() {
      text += "\n## Step \(number + 1): \(step.title.lowercased())\n\n" + answers(step)
    }
    text += "\n## \(Questionnaire.maker.title)\n\n" + answers(Questionnaire.maker)
    return text + "\n## Limits\n\n\(EvaluationReport.limits)\n"
  }

  /// A step's questions and answers, a paragraph each.
  private func answers(_ step: Questionnaire.Step) -> String {
    step.questions.map { question in
      // A line break of an answer stays within its paragraph.
      let answer = questions.answer(step, question)?.split(whereSeparator: \.isNewline).joined(separator: " ")
      return "**\(question.text)** \(answer.map(Self.plain) ?? Questionnaire.notAnswered)\n"
    }.joined(separator: "\n")
  }

  /// A text without what Markdown or HTML would read as markup.
  static func plain(_ text: String) -> String {
    Visible.text(text).reduce(into: "") { result, character in
      switch character {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "|", "*", "_", "`", "[", "]", "\\", "#", "~": result += "\\\(character)"
      default: result.append(character)
      }
    }
  }
}
