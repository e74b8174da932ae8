import OrderedJSON
import RunRecords

/// A condition on runs: `test.accuracy > 0.8`, `adversary.lambda.race = 50`, `name ~ adult`.
///
/// A run that has no value under the key does not fulfil a condition on it, `!=` included.
public struct RunCondition: Sendable, Equatable {
  /// How a value is compared.
  public enum Comparison: String, CaseIterable, Sendable {
    case notEqual = "!="
    case atMost = "<="
    case atLeast = ">="
    case equal = "="
    case less = "<"
    case greater = ">"
    /// Contains the text.
    case contains = "~"
  }

  public var key: String
  public var comparison: Comparison
  public var value: RunValue

  /// Reads a condition. The value is a number, another JSON value, or a text without quotation marks.
  ///
  /// - Throws: `RunQueryError` where there is no comparison, no key or no value.
  public init(_ text: String) throws(RunQueryError) {
    let signs: [Character] = ["!", "<", ">", "=", "~"]
    guard let start = text.firstIndex(where: { signs.contains($0) }) else {
      throw RunQueryError("--where \(text)", "should be a key, a comparison and a value, such as test.accuracy > 0.8.")
    }
    let sign = text[start...].prefix { signs.contains($0) }
    let known = (["=="] + Comparison.allCases.map(\.rawValue)).first { sign.hasPrefix($0) }
    // A text may begin with such a sign, as Adult's >50K; a number does not.
    let isWhole = known.map { $0.count == sign.count } ?? false
    guard let known, isWhole || Double(Self.trimmed(text[sign.endIndex...])) == nil,
      let comparison = Comparison(rawValue: known == "==" ? "=" : known)
    else {
      throw RunQueryError(
        "--where \(text)", "'\(sign)' is no comparison. There are =, !=, <, <=, >, >= and ~ (contains).")
    }
    let key = Self.trimmed(text[..<start])
    let value = Self.trimmed(text[start...].dropFirst(known.count))
    guard !key.isEmpty, !value.isEmpty else {
      throw RunQueryError(
        "--where \(text)", "has no \(key.isEmpty ? "key" : "value"). Write it as in test.accuracy > 0.8.")
    }
    self.key = key
    self.comparison = comparison
    self.value = (try? JSONReader.read(value, source: "").value).map(RunValue.init) ?? .text(value)
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }

  /// The condition that only one run fulfils.
  ///
  /// - Parameter path: Its folder, beginning at the folder of the runs.
  public init(run path: String) {
    key = RunField.run.rawValue
    comparison = .equal
    value = .text(path)
  }

  /// Refuses to compare with a text where runs have numbers alone: `!= 0,8` would hold for all of them, and `> 0,8`
  /// for none.
  ///
  /// - Parameter values: What runs have under the key.
  func check(against values: some Sequence<RunValue>) throws(RunQueryError) {
    guard case .text(let text) = value, comparison != .contains else { return }
    var hasNumbers = false
    for found in values {
      guard case .number = found else { return }
      hasNumbers = true
    }
    if hasNumbers {
      throw RunQueryError(
        "--where \(key) \(comparison.rawValue) \(text)",
        "compares numbers with a text. Write a number without quotation marks, such as 0.8.")
    }
  }

  /// Whether a run's value fulfils the condition.
  ///
  /// Numbers are compared with numbers, texts with texts by their bytes; of other values only equality is known.
  public func holds(for found: RunValue?) -> Bool {
    guard let found else { return false }
    // A folder's name or a hash may look like a number, and is a text all the same.
    let value =
      if case .text = found, case .number = self.value { RunValue.text(self.value.description) } else { self.value }
    switch comparison {
    case .equal: return found == value
    case .notEqual: return found != value
    case .contains: return found.description.contains(value.description)
    case .less, .atMost, .greater, .atLeast: break
    }
    let order: (below: Bool, above: Bool)
    switch (found, value) {
    case (.number(let one), .number(let other)): order = (one < other, one > other)
    case (.text, .text): order = (RunValue.precedes(found, value), RunValue.precedes(value, found))
    default: return false
    }
    return switch comparison {
    case .less: order.below
    case .greater: order.above
    case .atMost: !order.above
    default: !order.below
    }
  }
}

/// What is wrong with a question to the store.
public struct RunQueryError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The option.
  public let place: String
  public let message: String

  public init(_ place: String, _ message: String) {
    self.place = place
    self.message = message
  }

  public var description: String { "\(place): \(message)" }

  /// The exit status of the command line: wrong usage.
  public var exitStatus: Int32 { 64 }
}
