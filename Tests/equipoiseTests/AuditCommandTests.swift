import Foundation
import Testing

/// Runs, and what fresh adversaries read off their predictions.
@Suite struct AuditCommandTests {
  /// Trains the quickstart on few rows, and returns the folder of the run.
  private func run(in folder: String, _ more: [String] = []) throws -> String {
    let result = try Tool.run(
      [
        "run", "Configs/quickstart.json", "-q", "--set", "data.source.rows=3000", "--set", "data.source.seed=9",
        "--set",
        "training.gameEpochs=20", "--output", folder,
      ] + more)
    try #require(result.status == 0, "\(result.error)")
    let parent = "\(folder)/quickstart"
    return "\(parent)/\(try #require(try FileManager.default.contentsOfDirectory(atPath: parent).first))"
  }

  @Test func auditsTheTestRows() throws {
    try Tool.withFolder { folder in
      let run = try run(in: folder)
      let text = try Tool.run(["audit", run])
      #expect(text.status == 0 && text.error.isEmpty, "\(text.error)")
      #expect(text.output.hasPrefix("Fresh adversaries on ") && text.output.contains(" test rows, 5 folds"))
      for word in ["the game's own", "logistic regression", "hidden layer", "What the features tell of sex:"] {
        #expect(text.output.contains(word), "\(word)")
      }
      #expect(try Tool.run(["audit", run]).output == text.output)

      let json = try Tool.run(["audit", run, "--json"])
      let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
      let attributes = try #require(object["attributes"] as? [String: [String: Any]])
      #expect(Set(attributes.keys) == ["race", "sex"])
      let adversaries = try #require(attributes["sex"]?["adversaries"] as? [[String: Any]])
      #expect(adversaries.count == 20)
      let proxies = try #require((object["proxies"] as? [String: Any])?["attributes"] as? [String: [String: Any]])
      let all = try #require(proxies["sex"]?["allFeatures"] as? [String: Any])
      #expect(try #require(all["value"] as? Double) > 0.6)
    }
  }

  @Test func auditsOtherRows() throws {
    try Tool.withFolder { folder in
      let run = try run(in: folder)
      let rows = "\(folder)/rows.csv"
      #expect(try Tool.run(["data", "simulate", "--rows", "2000", "--seed", "10", "--output", rows]).status == 0)
      let result = try Tool.run(["audit", run, "--data", rows, "-q"])
      #expect(result.status == 0 && result.output.contains("2,000 rows of \(rows)"), "\(result.error)")
      #expect(!result.output.contains("the game's own "))

      // A label of another spelling is none that the model knows; taken for 0 it would tell of nothing.
      let other = "\(folder)/other.csv"
      let text = try String(contentsOfFile: rows, encoding: .utf8)
      try text.replacingOccurrences(of: ">50K", with: ">50K.").write(toFile: other, atomically: false, encoding: .utf8)
      let respelt = try Tool.run(["audit", run, "--data", other])
      #expect(respelt.status == 0, "\(respelt.error)")
      #expect((respelt.output + respelt.error).contains("such as '>50K.'"), "\(respelt.output)\(respelt.error)")
      #expect(!respelt.output.contains("ff the score with label"))

      // Without the sensitive columns there is nothing to audit.
      let lines = try String(contentsOfFile: rows, encoding: .utf8).split(separator: "\n")
      let header = lines[0].split(separator: ",")
      let sex = try #require(header.firstIndex(of: "sex"))
      let cut = lines.map { line in
        line.split(separator: ",", omittingEmptySubsequences: false).enumerated().filter { $0.offset != sex }
          .map { String($0.element) }.joined(separator: ",")
      }
      try cut.joined(separator: "\n").write(toFile: rows, atomically: false, encoding: .utf8)
      let refused = try Tool.run(["audit", run, "--data", rows])
      #expect(refused.status == 65 && refused.error.contains("lacks the sensitive column 'sex'"), "\(refused.error)")
    }
  }

  @Test func refusals() throws {
    try Tool.withFolder { folder in
      let absent = try Tool.run(["audit", "\(folder)/none"])
      #expect(absent.status == 66 && absent.output.isEmpty)
      #expect(try Tool.run(["audit", folder, "--seed", "-1"]).status == 64)
      #expect(try Tool.run(["audit", folder, "--columns", "a"]).status == 64)
    }
  }
}
