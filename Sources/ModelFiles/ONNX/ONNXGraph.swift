import ProtocolBuffers

/// A graph of operators in the format of ONNX that is being built: every node's value is named, and nodes stand after
/// those whose values they take.
///
/// - Source: onnx/onnx, `onnx.proto` (format version 8) and the operators' documentation.
struct ONNXGraph {
  /// The types of elements, with their numbers in the format.
  enum Element: Int {
    case float = 1
    case int64 = 7
    case string = 8
    case double = 11
  }

  /// The name of a value in the graph.
  struct Value: Hashable {
    var name: String
  }

  /// An attribute of a node.
  enum Attribute {
    case integer(Int)
    case integers([Int])
    case strings([String])
  }

  /// The domain of the operators for tables.
  static let tables = "ai.onnx.ml"

  /// The operators' versions, which runtimes since 2021 have.
  private static let operators = [("", 15), (tables, 2)]
  private static let format = 8

  private var message = ProtobufMessage()
  private var prefix = "equipoise."
  private var count = 0
  private var inputs: Set<String> = []

  /// - Parameter reserved: Names that are the caller's: inputs and outputs.
  init(name: String, reserved: [String]) {
    message.add(2, text: name)
    while reserved.contains(where: { $0.hasPrefix(prefix) }) { prefix += "." }
  }

  private mutating func newValue(_ hint: String) -> Value {
    count += 1
    return Value(name: "\(prefix)\(count).\(hint)")
  }

  // MARK: - Inputs and outputs

  /// A column of values, one for each row; the same one where it was asked for before.
  mutating func input(_ name: String, _ element: Element) -> Value {
    if inputs.insert(name).inserted { message.add(11, message: Self.column(name, element)) }
    return Value(name: name)
  }

  /// Lets a column of values be read under a name.
  mutating func output(_ value: Value, _ name: String, _ element: Element, columns: Int = 1) {
    node("Identity", [value], to: Value(name: name))
    message.add(12, message: Self.column(name, element, columns: columns))
  }

  private static func column(_ name: String, _ element: Element, columns: Int = 1) -> ProtobufMessage {
    var (rows, one, shape) = (ProtobufMessage(), ProtobufMessage(), ProtobufMessage())
    rows.add(2, text: "rows")
    one.add(1, integer: columns)
    shape.add(1, message: rows)
    shape.add(1, message: one)
    var (tensor, type, result) = (ProtobufMessage(), ProtobufMessage(), ProtobufMessage())
    tensor.add(1, integer: element.rawValue)
    tensor.add(2, message: shape)
    type.add(1, message: tensor)
    result.add(1, text: name)
    result.add(2, message: type)
    return result
  }

  // MARK: - Constants

  mutating func constant(_ values: [Float], _ shape: [Int]) -> Value {
    constant(.float, shape, values.flatMap { littleEndianBytes($0.bitPattern) })
  }

  mutating func constant(_ values: [Double], _ shape: [Int]) -> Value {
    constant(.double, shape, values.flatMap { littleEndianBytes($0.bitPattern) })
  }

  mutating func constant(_ values: [Int], _ shape: [Int]) -> Value {
    constant(.int64, shape, values.flatMap { littleEndianBytes($0) })
  }

  /// A number for all rows.
  mutating func number(_ value: Double) -> Value { constant([value], [1, 1]) }

  private mutating func constant(_ element: Element, _ shape: [Int], _ bytes: [UInt8]) -> Value {
    let value = newValue("constant")
    var tensor = ProtobufMessage()
    tensor.add(1, integers: shape)
    tensor.add(2, integer: element.rawValue)
    tensor.add(8, text: value.name)
    tensor.add(9, data: bytes)
    message.add(5, message: tensor)
    return value
  }

  // MARK: - Nodes

  /// The value of an operator.
  mutating func callAsFunction(
    _ kind: String, _ inputs: [Value], domain: String = "", _ attributes: KeyValuePairs<String, Attribute> = [:]
  ) -> Value {
    let value = newValue(kind)
    node(kind, inputs, to: value, domain: domain, attributes)
    return value
  }

  /// The value as another type of elements.
  mutating func cast(_ value: Value, to element: Element) -> Value {
    self("Cast", [value], ["to": .integer(element.rawValue)])
  }

  private mutating func node(
    _ kind: String, _ inputs: [Value], to output: Value, domain: String = "",
    _ attributes: KeyValuePairs<String, Attribute> = [:]
  ) {
    var node = ProtobufMessage()
    for input in inputs { node.add(1, text: input.name) }
    node.add(2, text: output.name)
    node.add(3, text: output.name)
    node.add(4, text: kind)
    for (name, value) in attributes { node.add(5, message: Self.attribute(name, value)) }
    if !domain.isEmpty { node.add(7, text: domain) }
    message.add(1, message: node)
  }

  private static func attribute(_ name: String, _ value: Attribute) -> ProtobufMessage {
    var attribute = ProtobufMessage()
    attribute.add(1, text: name)
    switch value {
    case .integer(let number):
      attribute.add(3, integer: number)
      attribute.add(20, integer: 2)
    case .integers(let numbers):
      attribute.add(8, integers: numbers)
      attribute.add(20, integer: 7)
    case .strings(let texts):
      for text in texts { attribute.add(9, text: text) }
      attribute.add(20, integer: 8)
    }
    return attribute
  }

  // MARK: - The file

  /// The bytes of a file with this graph.
  ///
  /// - Parameter properties: What else a reader should know, as texts.
  func file(producer: String, version: String, describedAs text: String, properties: [(String, String)]) -> [UInt8] {
    var model = ProtobufMessage()
    model.add(1, integer: Self.format)
    model.add(2, text: producer)
    model.add(3, text: version)
    model.add(6, text: text)
    model.add(7, message: message)
    for (domain, version) in Self.operators {
      var operators = ProtobufMessage()
      operators.add(1, text: domain)
      operators.add(2, integer: version)
      model.add(8, message: operators)
    }
    for (key, value) in properties {
      var entry = ProtobufMessage()
      entry.add(1, text: key)
      entry.add(2, text: value)
      model.add(14, message: entry)
    }
    return model.bytes
  }
}
