import OrderedJSON

extension ExperimentConfiguration {
  /// A configuration with every key at its default and a comment that explains it.
  ///
  /// The tool reads it as it stands: comments are allowed in configurations.
  public static var commentedExample: String {
    section.codec.shape.commentedExample(
      ExperimentConfiguration().json,
      title: "An Equipoise configuration. Every key may be left out; what stands here is the default.")
  }
}

extension ConfigurationShape {
  /// A value of this shape as a file, with a title and a comment for every key.
  func commentedExample(_ value: JSON, title: String) -> String {
    var example = CommentedExample()
    example.lines.append("// \(title)")
    example.write(self, value, opening: "", indentation: 0, closing: "")
    return example.lines.joined(separator: "\n") + "\n"
  }
}

/// Writes values with comments made from their shapes.
private struct CommentedExample {
  var lines: [String] = []

  private static let lineWidth = 116

  /// Appends a value.
  ///
  /// - Parameters:
  ///   - opening: What stands before the value on its line: the key.
  ///   - closing: What stands after it: the comma.
  mutating func write(
    _ shape: ConfigurationShape, _ value: JSON, opening: String, indentation: Int, closing: String,
    explains: Bool = true
  ) {
    let margin = String(repeating: " ", count: indentation)
    switch (shape.holding(value), value) {
    case (.section(let fields), .object(let members)) where !members.isEmpty:
      lines.append(margin + opening + "{")
      for (index, member) in members.enumerated() {
        guard let field = fields.first(where: { $0.key == member.key }) else { continue }
        if explains { comment(field, indentation: indentation + 2) }
        write(
          field.shape, member.value, opening: JSON.quoted(member.key) + ": ", indentation: indentation + 2,
          closing: index < members.count - 1 ? "," : "", explains: explains)
      }
      lines.append(margin + "}" + closing)
    case (.list(let element, _, _), .array(let elements)) where element.isSection && !elements.isEmpty:
      lines.append(margin + opening + "[")
      for (index, value) in elements.enumerated() {
        // One element explained is enough.
        write(
          element, value, opening: "", indentation: indentation + 2, closing: index < elements.count - 1 ? "," : "",
          explains: explains && index == 0)
      }
      lines.append(margin + "]" + closing)
    default:
      lines.append(margin + opening + value.serialized(.pretty).dropLast() + closing)
    }
  }

  private mutating func comment(_ field: ConfigurationShape.FieldShape, indentation: Int) {
    var text = field.help
    if let choices = field.shape.choices { text += " One of \(choices)." }
    wrap(text, indentation: indentation)
    if let sample = field.shape.sample { wrap("Such as: " + sample.serialized(.line), indentation: indentation) }
    for sample in field.shape.alternatives where sample != field.defaultValue {
      wrap("Or: " + sample.serialized(.line), indentation: indentation)
    }
  }

  private mutating func wrap(_ text: String, indentation: Int) {
    let start = String(repeating: " ", count: indentation) + "//"
    var line = start
    for word in text.split(separator: " ") {
      if line != start, line.count + 1 + word.count > Self.lineWidth {
        lines.append(line)
        line = start
      }
      line += " " + word
    }
    lines.append(line)
  }
}

extension ConfigurationShape {
  fileprivate var isSection: Bool {
    if case .section = self { true } else { false }
  }

  /// The form that a value has where a shape has several.
  fileprivate func holding(_ value: JSON) -> ConfigurationShape {
    switch self {
    case .nullable(let shape, _): return shape.holding(value)
    case .anyOf(let alternatives):
      let keys = Set((value.members ?? []).map(\.key))
      let match = alternatives.first { alternative in
        guard case .section(let fields) = alternative.shape else { return false }
        return keys.isSubset(of: fields.map(\.key))
      }
      return match?.shape ?? alternatives[0].shape
    default: return self
    }
  }

  /// The names that a choice has, for a comment.
  fileprivate var choices: String? {
    switch self {
    case .choice(let names): names.map(JSON.quoted).joined(separator: ", ")
    case .nullable(.choice(let names), _): names.map(JSON.quoted).joined(separator: ", ") + ", null"
    default: nil
    }
  }

  /// A value to show where null is common.
  fileprivate var sample: JSON? {
    if case .nullable(_, let sample) = self { sample } else { nil }
  }

  /// A value of each form, where there are several.
  fileprivate var alternatives: [JSON] {
    switch self {
    case .nullable(let shape, _): shape.alternatives
    case .anyOf(let alternatives): alternatives.map(\.sample)
    default: []
    }
  }
}
