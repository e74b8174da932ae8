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
      #expect(text.contains("## Intended use\n\nnot answered\n"))
    }
  }
}
