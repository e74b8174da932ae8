import Foundation
import Testing

/// The example of a user's own adversary, run as its user runs it.
@Suite struct OwnAdversaryTests {
  /// The folder of the built products: where the test bundle lies.
  static var products: URL {
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
    return bundle?.bundleURL.deletingLastPathComponent() ?? Bundle.main.bundleURL
  }

  /// What the example prints, its standard error, and its exit status.
  private func run() throws -> (output: String, errors: String, status: Int32) {
    let process = Process()
    process.executableURL = Self.products.appendingPathComponent("OwnAdversary")
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    // Both are short enough for a pipe, so reading one after the other cannot block.
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let complaints = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (text, complaints, process.terminationStatus)
  }

  /// The lines of the example's two tables: the name of each line, and its two numbers.
  private func tables(_ output: String) throws -> [[String: [Double]]] {
    let lines = output.split(separator: "\n").map(String.init)
    try #require(lines.count == 13, "\(output)")
    #expect(lines[0] == "3000 training rows, 3000 test rows")
    #expect(lines[1] == "equalized odds, test rows      before    after")
    #expect(lines[7] == "noisy groups, test rows        before    after")
    return [lines[2...6], lines[8...12]].map { lines in
      var table: [String: [Double]] = [:]
      for line in lines {
        let name = line.prefix(28).trimmingCharacters(in: .whitespaces)
        table[name] = line.dropFirst(28).split(separator: " ").compactMap { Double($0) }
      }
      return table
    }
  }

  @Test func usersOwnAdversariesLowerTheDifferences() throws {
    let (output, errors, status) = try run()
    #expect(status == 0 && errors.isEmpty, "\(errors)")
    let tables = try tables(output)
    func row(_ name: String, in table: Int = 0) throws -> (before: Double, after: Double) {
      let values = try #require(tables[table][name], "\(output)")
      try #require(values.count == 2, "\(output)")
      return (values[0], values[1])
    }
    let accuracy = try row("accuracy")
    #expect(accuracy.before > 0.78 && accuracy.after > 0.65)
    let auc = try row("ROC AUC")
    #expect(auc.before > 0.85 && auc.after > 0.75)
    let difference = try row("equalized-odds difference")
    #expect(difference.before > 0.3 && difference.after < 0.5 * difference.before)
    let adversary = try row("adversary's ROC AUC")
    #expect(adversary.before > adversary.after + 0.05)
    #expect(try row("p%-rule").after > row("p%-rule").before)
    // The adversary that sees no label makes selection rates alike.
    let rule = try row("p%-rule", in: 1)
    #expect(rule.before < 0.5 && rule.after > rule.before + 0.2)
    #expect(try row("ROC AUC", in: 1).after > 0.6)
    #expect(try run().output == output, "the same seed prints the same")
  }

  /// Every piece of Swift in the article stands in the example, which is compiled and run.
  @Test func theArticleShowsTheExample() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources").standardizedFileURL
    let article = try String(
      contentsOf: root.appending(path: "AdversarialGame/AdversarialGame.docc/OwnAdversary.md"), encoding: .utf8)
    let folder = root.appending(path: "Examples/OwnAdversary")
    func plain(_ text: some StringProtocol) -> String {
      text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        .joined(separator: "\n")
    }
    var sources = ""
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
      // What the article tells in its own words is left out of it.
      let lines = try String(contentsOf: folder.appending(path: file), encoding: .utf8).split(separator: "\n")
        .filter { !$0.trimmingCharacters(in: .whitespaces).hasPrefix("///") }
      sources += plain(lines.joined(separator: "\n"))
      sources += "\n"
    }
    let pieces = article.components(separatedBy: "```swift\n").dropFirst().compactMap {
      $0.components(separatedBy: "```").first
    }
    #expect(pieces.count >= 4)
    for piece in pieces { #expect(sources.contains(plain(piece)), "\(piece)") }
  }
}
