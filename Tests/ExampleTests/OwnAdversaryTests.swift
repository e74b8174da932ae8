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

  @Test func aUsersOwnAdversaryLowersTheDifference() throws {
    let (output, errors, status) = try run()
    #expect(status == 0 && errors.isEmpty, "\(errors)")
    let lines = output.split(separator: "\n").map(String.init)
    try #require(lines.count == 7, "\(output)")
    #expect(lines[0] == "3000 training rows, 3000 test rows")
    #expect(lines[1] == "test rows                      before    after")
    var table: [String: [Double]] = [:]
    for line in lines[2...] {
      let name = line.prefix(28).trimmingCharacters(in: .whitespaces)
      table[name] = line.dropFirst(28).split(separator: " ").compactMap { Double($0) }
    }
    func row(_ name: String) throws -> (before: Double, after: Double) {
      let values = try #require(table[name], "\(output)")
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
    let rule = try row("p%-rule")
    #expect(rule.after > rule.before)
    #expect(try run().output == output, "the same seed prints the same")
  }
}
