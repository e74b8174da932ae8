import OrderedJSON
import TabularData
import Wording

/// Reads posted outcomes: `{"id": …, "label": …}`, a list of such, or `{"outcomes": [ … ]}`.
struct OutcomeReader: Sendable {
  /// What really happened with a prediction.
  struct Outcome: Sendable, Hashable {
    /// The prediction's number; nil for an id of another process, or none at all.
    var number: UInt64?
    var label: Bool
  }

  private let labelOf: [String: Bool]
  private let process: String

  /// - Parameters:
  ///   - label: The classes, by which labels may be given as the data spell them.
  ///   - process: The part of every id that names this process.
  init(label: LabelCoder, process: String) {
    var labelOf = ["0": false, "1": true]
    for name in label.negative { labelOf[name] = false }
    for name in label.positive { labelOf[name] = true }
    self.labelOf = labelOf
    self.process = process
  }

  /// The id of a prediction.
  func name(of number: UInt64) -> String { "\(process)-\(number)" }

  /// The number of an id.
  func number(of name: String) -> UInt64? {
    guard let dash = name.utf8.lastIndex(of: UInt8(ascii: "-")), name[..<dash] == process else { return nil }
    return UInt64(name[name.utf8.index(after: dash)...])
  }

  func outcomes(_ document: JSONNode, limit: Int) throws(ServiceError) -> [Outcome] {
    let elements: [JSONNode]
    if case .array(let nodes) = document.content {
      elements = nodes
    } else if case .array(let nodes)? = document["outcomes"]?.content {
      elements = nodes
    } else {
      elements = [document]
    }
    guard !elements.isEmpty, elements.count <= limit else {
      throw ServiceError(
        elements.isEmpty ? .unprocessable : .tooLarge, at: document.place.description,
        found: "The request has \(elements.count) outcomes.", remedy: "Send one to \(limit) at once.")
    }
    var outcomes: [Outcome] = []
    for element in elements { outcomes.append(try outcome(element)) }
    return outcomes
  }

  private func outcome(_ node: JSONNode) throws(ServiceError) -> Outcome {
    guard case .string(let id)? = node["id"]?.content, let label = node["label"] else {
      throw ServiceError(
        .unprocessable, at: node.place.description, found: "This is no outcome.",
        remedy: "An outcome is the id of a prediction and its label, such as {\"id\": \"…\", \"label\": 1}.")
    }
    let value: Bool?
    switch label.content {
    // The data's own spelling goes first: there are labels such as 1 and 2, and labels of which "false" is the positive.
    case .bool(let bool): value = labelOf[bool ? "true" : "false"] ?? bool
    case .number(let number):
      value = labelOf[number.text] ?? (number.double == 0 ? false : number.double == 1 ? true : nil)
    case .string(let text): value = labelOf[text]
    case .null, .array, .object: value = nil
    }
    guard let value else {
      throw ServiceError(
        .unprocessable, at: label.place.description, found: "The label is none of the model's.",
        remedy: "Send one of \(Excerpt.list(labelOf.keys.sorted())).")
    }
    return Outcome(number: number(of: id), label: value)
  }
}
