import Foundation
import OrderedJSON
import ReportPages
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
}
