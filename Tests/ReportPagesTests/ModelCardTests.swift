import Foundation
import OrderedJSON
import ReportPages
import RunRecords
import Testing

@Suite struct ModelCardTests {
  /// The toolkit's schema allows no other keys at the top, and wants every value as a text.
  @Test func followsTheSchema() throws {
    try SampleRun.with { folder in
      let card = ModelCard(try RunReport(folder: folder)).json
      let allowed = ["schema_version", "model_details", "model_parameters", "quantitative_analysis", "considerations"]
      #expect(card.members?.map(\.key) == allowed)
      #expect(card["schema_version"]?.text == "0.0.2")
      func leaves(_ json: JSON) -> [JSON] {
        if let members = json.members { return members.flatMap { leaves($0.value) } }
        return json.elements.map { $0.flatMap(leaves) } ?? [json]
      }
      #expect(leaves(card).allSatisfy { $0.text != nil })
      let metrics = card["quantitative_analysis"]?["performance_metrics"]?.elements ?? []
      #expect(metrics.contains { $0["type"]?.text == "pPercentRule" })
      #expect(card["considerations"]?["users"]?.elements?.first?["description"]?.text == "not answered")
    }
  }

  @Test func markdownHoldsNoMarkupFromData() throws {
    try SampleRun.with { folder in
      let text = ModelCard(try RunReport(folder: folder)).markdown
      #expect(text.hasPrefix("---\nlibrary_name: equipoise\n"))
      // In the head they are texts of YAML, which nobody renders.
      let body = try #require(text.components(separatedBy: "\n---\n").last)
      #expect(!body.contains("<script>") && !body.contains("<b>") && !text.contains("\u{202e}"))
      #expect(text.contains("**For whom is it meant?** not answered\n"))
    }
  }

  /// Answers are text of people: they are printed, wherever questions are, and are no markup.
  @Test func answersArePrinted() throws {
    try SampleRun.with { folder in
      let path = "\(folder)/config.json"
      let text = try String(contentsOfFile: path, encoding: .utf8)
      let configuration = try JSONReader.read(text, source: path).value
      let card: JSON = [
        "maker": ["owner": "The <b>office</b>"],
        "problem": ["audience": "Clerks\nand judges", "use": "  "],
      ]
      let members = (configuration.members ?? []).filter { $0.key != "card" } + [.init("card", card)]
      try JSON.object(members).serialized().write(toFile: path, atomically: false, encoding: .utf8)
      let run = try RunReport(folder: folder)
      let json = ModelCard(run).json
      #expect(json["model_details"]?["owners"]?.elements?.first?["name"]?.text == "The <b>office</b>")
      #expect(json["considerations"]?["users"]?.elements?.first?["description"]?.text == "Clerks\nand judges")
      #expect(json["considerations"]?["use_cases"]?.elements?.first?["description"]?.text == "not answered")
      let readme = ModelCard(run).markdown
      #expect(readme.contains("**For whom is it meant?** Clerks and judges\n"))
      #expect(readme.contains("**Who answers for the model?** The &lt;b&gt;office&lt;/b&gt;\n"))
      let page = ReportPage(run).html
      #expect(page.contains("<dt>Who answers for the model?</dt><dd>The &lt;b&gt;office&lt;/b&gt;</dd>"))
      #expect(page.contains("Of 17 questions, 1 is answered"))
      #expect(
        page.contains("<dt>How will it be used, and who decides with it?</dt><dd class=\"none\">not answered</dd>"))
    }
  }

  // MARK: - The method

  /// What a card says was done is what the configuration asked for.
  @Test(
    arguments: [
      (["adversary": ["name": .null]], "trained on the label alone, without an adversary", [], []),
      (
        ["adversary": ["name": "prediction", "criterion": "demographicParity"]],
        "trained against an adversary that reads the sensitive attributes off the prediction",
        ["Louppe, Kagan and Cranmer (2017), arXiv:1611.01046", "Fairness in Machine Learning with PyTorch"],
        ["adversarial-debiasing"]
      ),
      (
        ["adversary": ["name": "projection"]], "what helps it taken out of the classifier's gradient by projection",
        ["Zhang, Lemoine and Mitchell (2018), arXiv:1801.07593"], ["adversarial-debiasing"]
      ),
      (
        [
          "adversary": ["name": .null],
          "mitigation": [["name": "reweighing"], ["name": "thresholds", "attributes": .null]],
        ],
        "on rows that were reweighed; trained on the label alone, without an adversary; with thresholds of their own",
        [
          "Kamiran and Calders (2012), Data preprocessing techniques for classification without discrimination, Knowl. Inf. "
            + "Syst. 33", "Hardt, Price and Srebro (2016), arXiv:1610.02413",
        ], ["reweighing", "threshold-optimizer"]
      ),
      (
        [
          "adversary": ["name": .null],
          "mitigation": [["name": "penalties", "penalties": [["penalty": "mutualInformation"]]]],
        ],
        "trained with a penalty on the mutual information of decision and group (prejudice remover)",
        ["Kamishima, Akaho, Asoh and Sakuma (2012), ECML PKDD"], ["fairness-penalty"]
      ),
      (
        ["adversary": ["name": .null], "mitigation": [["name": "gridSearch"]]],
        "trained by the reduction to weighted problems, by a grid of multipliers",
        ["Agarwal, Beygelzimer, Dudík, Langford and Wallach (2018), arXiv:1803.02453"], ["grid-search"]
      ),
    ] as [(JSON, String, [String], [String])])
  func method(_ settings: JSON, _ text: String, _ references: [String], _ tags: [String]) throws {
    try SampleRun.with(settings: settings) { folder in
      let card = ModelCard(try RunReport(folder: folder))
      #expect(card.json["model_parameters"]?["model_architecture"]?.text?.contains(text) == true)
      let cited = card.json["model_details"]?["references"]?.elements?.compactMap { $0["reference"]?.text }
      #expect(cited == references)
      let all = ["tabular-classification", "fairness"] + tags
      #expect(card.markdown.contains("\ntags: [\(all.joined(separator: ", "))]\n"))
      #expect(card.markdown.contains("trained against an adversary") == tags.contains("adversarial-debiasing"))
    }
  }

  /// A game that seeks its weights is a game, whatever else `adversary` names is not played.
  @Test(arguments: [
    ("layer", "with a decision above them that is corrected for constraints", "fairness-constraints"),
    ("rates", "trained under constraints on rates, against multipliers", "fairness-constraints"),
    ("game", "trained against an adversary that reads", "adversarial-debiasing, fairness-constraints"),
  ])
  func constraints(_ method: String, _ text: String, _ tags: String) throws {
    func change(_ summary: inout RunSummary) {
      summary.constraints = ConstraintsRecord(
        status: .feasible, judgedOn: .test, method: method, margin: 1, conditions: [], multipliers: [])
    }
    try SampleRun.with(settings: ["adversary": ["name": "prediction"]], change: change) { folder in
      let card = ModelCard(try RunReport(folder: folder))
      #expect(card.markdown.contains(text) && card.markdown.contains("fairness, \(tags)]"))
      #expect(card.markdown.contains("against an adversary") == (method == "game"))
    }
  }

  /// Sizes are those of the networks that were saved, whatever the configuration says of a classifier.
  @Test(
    arguments: [
      (["network": ["hidden": []]], "Perceptron with no hidden layer;"),
      (["network": ["hidden": [16]]], "Perceptron with a hidden layer of 16;"),
      (
        ["network": ["hidden": []], "mixture": ["probabilities": [0.5, 0.25, 0.25]]],
        "3 perceptrons with no hidden layer, one of which is drawn for each row;"
      ),
      (
        ["network": ["hidden": [8, 4]], "correction": ["members": 5, "groups": ["hidden": [32]]]],
        "The average of 5 pairs of perceptrons, one for the label with hidden layers of 8, 4 and one for the groups with a "
          + "hidden layer of 32;"
      ),
    ] as [(JSON, String)])
  func sizes(_ model: JSON, _ expected: String) throws {
    try SampleRun.with(settings: ["classifier": ["hidden": [32, 32, 32]]], model: model) { folder in
      let card = ModelCard(try RunReport(folder: folder))
      #expect(card.json["model_parameters"]?["model_architecture"]?.text?.hasPrefix(expected) == true)
    }
  }
}
