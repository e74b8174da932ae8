import Foundation
import ModelFiles
import NeuralNetworks
import TabularData
import Testing

/// Models changed in one place, each with its message, word for word.
@Suite struct DamagedModelTests {
  /// A change of `model.json`: the value at a path of keys, and what becomes of it; nil removes it.
  struct Change: Sendable, CustomTestStringConvertible {
    var path: [String]
    /// JSON, or nil for no value at all.
    var value: String?
    var expected: String
    var testDescription: String { "\(path.joined(separator: ".")) = \(value ?? "nothing")" }

    init(_ path: String, _ value: String?, _ expected: String) {
      self.path = path.split(separator: ".").map(String.init)
      self.value = value
      self.expected = expected
    }
  }

  // The encoder's columns are age, job (3 categories and Unknown) and town (5 categories); the network is 10-4-3-1.
  private static let job = "encoder.columns.1.encoding.categorical._0"

  static let changes: [Change] = [
    Change("format", "0", "has format 0; formats count from 1. Use another copy."),
    Change("format", "6", "has format 6; this version reads up to 5. Update Equipoise."),
    Change("format", "\"1\"", "is no model description. Use another copy."),
    Change("format", nil, "is no model description. Use another copy."),
    Change("encoder", nil, "is damaged (the key 'encoder' is missing). Use another copy."),
    Change("network.activation", "\"swish\"", "is damaged (at 'network.activation'). Use another copy."),
    Change("\(job).droppedCount", "0.5", "is damaged (a number is not whole, or too large). Use another copy."),
    Change("\(job).means.0", "null", "is damaged (at '\(job).means.0'). Use another copy."),
    Change("network.inputs", "1e300", "is damaged (a number is not whole, or too large). Use another copy."),
    Change("threshold", "1.5", "is damaged (the threshold 1.5 is not in 0...1). Use another copy."),
    Change("threshold", "-1", "is damaged (the threshold -1.0 is not in 0...1). Use another copy."),
    // The schema.
    Change("schema.columns.1.name", "\"age\"", "is damaged (schema: column 'age' occurs twice). Use another copy."),
    Change(
      "schema.columns.0.type", "\"categorical\"",
      "is damaged (encoder: column 'age' is numeric, and categorical in the schema). Use another copy."),
    Change(
      "schema.columns", "[]",
      "is damaged (encoder: column 'age' is numeric, and absent in the schema). Use another copy."
    ),
    // The encoder.
    Change("encoder.columns", "[]", "is damaged (encoder: it has no columns). Use another copy."),
    Change("encoder.columns.1.name", "\"age\"", "is damaged (encoder: column 'age' occurs twice). Use another copy."),
    Change(
      "encoder.columns.0.encoding.numeric._0.scale", "0",
      "is damaged (encoder: column 'age' has the scale 0.0). Use another copy."),
    Change(
      "encoder.columns.0.encoding.numeric._0.mean", "1e308",
      "is damaged (encoder: column 'age' has a mean or filling that is not finite). Use another copy."),
    Change(
      "\(job).isKnown", "[true]",
      "is damaged (encoder: column 'job' has 4 categories, and says of 1 whether they are known). Use another copy."),
    Change("\(job).categories", "[]", "is damaged (encoder: column 'job' has no categories). Use another copy."),
    Change(
      "\(job).categories.1", "\"Unknown\"",
      "is damaged (encoder: column 'job' has the category 'Unknown' twice). Use another copy."),
    Change("\(job).droppedCount", "-1", "is damaged (encoder: column 'job' drops -1 categories). Use another copy."),
    Change("\(job).droppedCount", "2", "is damaged (encoder: column 'job' drops 2 categories). Use another copy."),
    Change(
      "\(job).droppedCount", "1", "is damaged (encoder: column 'job' has 4 means for 3 indicators). Use another copy."),
    Change("\(job).means", "[]", "is damaged (encoder: column 'job' has 0 means for 4 indicators). Use another copy."),
    Change(
      "\(job).offsets", "[0]", "is damaged (encoder: column 'job' has 1 offsets for 4 indicators). Use another copy."),
    Change(
      "\(job).scales", "[1,1,1,1,1]",
      "is damaged (encoder: column 'job' has 5 scales for 4 indicators). Use another copy."),
    Change("\(job).scales.2", "0", "is damaged (encoder: column 'job' has the scale 0.0). Use another copy."),
    Change("\(job).scales.2", "-1", "is damaged (encoder: column 'job' has the scale -1.0). Use another copy."),
    Change(
      "\(job).scales.2", "1e-300",
      "is damaged (encoder: column 'job' has an indicator that is not finite). Use another copy."),
    Change(
      "\(job).means.2", "1e308",
      "is damaged (encoder: column 'job' has an indicator that is not finite). Use another copy."),
    // Label and sensitive attributes.
    Change("label.positive", "[]", "is damaged (label: a class has no value). Use another copy."),
    Change("label.negative", "[\"yes\"]", "is damaged (label: value 'yes' occurs twice). Use another copy."),
    Change(
      "sensitive.0.groups", "[\"F\"]", "is damaged (sensitive attribute 'sex': it has 1 group). Use another copy."),
    Change(
      "sensitive.0.groups", "[\"F\",\"F\"]",
      "is damaged (sensitive attribute 'sex': group 'F' occurs twice). Use another copy."),
    Change(
      "sensitive.0.privileged", "2",
      "is damaged (sensitive attribute 'sex': group 2 is privileged, of 2 groups). Use another copy."),
    Change(
      "sensitive.0.privileged", "-1",
      "is damaged (sensitive attribute 'sex': group -1 is privileged, of 2 groups). Use another copy."),
    Change(
      "sensitive.0.bins", "[]", "is damaged (sensitive attribute 'sex': its bins do not rise). Use another copy."),
    Change(
      "sensitive.0.bins", "[2,1]", "is damaged (sensitive attribute 'sex': its bins do not rise). Use another copy."),
    // The network.
    Change(
      "network.inputs", "9", "is damaged (the network has 9 inputs for 10 features). Use another copy."),
    Change("network.outputs", "2", "is damaged (the network has 2 outputs for a binary label). Use another copy."),
    Change("network.hidden.0", "0", "is damaged (a hidden layer has 0 units). Use another copy."),
    Change("network.hidden.0", "-3", "is damaged (a hidden layer has -3 units). Use another copy."),
    Change("network.dropout", "1", "is damaged (the dropout 1.0 is not in 0..<1). Use another copy."),
    Change(
      "network.hidden", "[\(Array(repeating: "1", count: 1001).joined(separator: ","))]",
      "is damaged (1001 hidden layers are more than 1000). Use another copy."),
  ]

  /// Changes after which weights and description no longer belong together.
  static let sizes = ["[]", "[4]", "[4,4]", "[3,4]", "[4,3,3]", "[1048576,1048576]", "[9223372036854775807]"]

  private static func changed(_ json: [UInt8], _ path: ArraySlice<String>, to value: String?) throws -> [UInt8] {
    let new = try value.map { try JSONSerialization.jsonObject(with: Data($0.utf8), options: .fragmentsAllowed) }
    func change(_ node: Any, _ path: ArraySlice<String>) throws -> Any? {
      guard let key = path.first else { return new }
      if var list = node as? [Any] {
        let index = try #require(Int(key))
        list[index] = try #require(try change(list[index], path.dropFirst()))
        return list
      }
      var object = try #require(node as? [String: Any])
      // A path that names nothing would test nothing; only `bins` is left out where it is nil.
      let old = key == "bins" ? object[key] ?? NSNull() : try #require(object[key])
      object[key] = try change(old, path.dropFirst())
      return object
    }
    let root = try JSONSerialization.jsonObject(with: Data(json))
    return Array(try JSONSerialization.data(withJSONObject: try #require(try change(root, path))))
  }

  /// The error of reading a changed model, and its message without the folder.
  private static func refusal(_ change: (String, [UInt8]) throws -> [UInt8]?) throws -> String {
    try ModelFixture.withFolder { folder in
      for (name, bytes) in try ModelFixture.model().files {
        if let bytes = try change(name, bytes) { try Data(bytes).write(to: URL(filePath: "\(folder)/\(name)")) }
      }
      do {
        _ = try SavedModel(folder: folder)
        return "no error"
      } catch let error as ModelFileError {
        #expect(error.kind == .badData)
        return error.description.replacingOccurrences(of: "\(folder)/", with: "")
      }
    }
  }

  @Test(arguments: changes) func refusesDescription(_ change: Change) throws {
    let found = try Self.refusal { name, bytes in
      name == SavedModel.descriptionFile ? try Self.changed(bytes, change.path[...], to: change.value) : bytes
    }
    #expect(found == "model.json: \(change.expected)")
  }

  /// Also networks whose weights would not fit into any memory, which must not be allocated.
  @Test(arguments: sizes) func refusesOtherNetworks(_ hidden: String) throws {
    let found = try Self.refusal { name, bytes in
      name == SavedModel.descriptionFile ? try Self.changed(bytes, ["network", "hidden"], to: hidden) : bytes
    }
    #expect(
      found == "weights.safetensors: holds 63 numbers, and the network that model.json describes has another number of "
        + "weights. The two files belong to different models.")
  }

  @Test func refusesOtherTensors() throws {
    let renamed = try Self.refusal { name, bytes in
      guard name == SavedModel.weightsFile else { return bytes }
      let text = String(decoding: bytes, as: Unicode.ASCII.self)
      let at = try #require(text.range(of: "layers.1.bias"))
      var copy = bytes
      copy[text.distance(from: text.startIndex, to: at.lowerBound)] = UInt8(ascii: "L")
      return copy
    }
    #expect(
      renamed == "weights.safetensors: has no tensor 'layers.1.bias' of shape [1, 3], which model.json wants. "
        + "The two files belong to different models.")
    let truncated = try Self.refusal { $0 == SavedModel.weightsFile ? $1.dropLast(4) : $1 }
    #expect(
      truncated == "weights.safetensors: tensor 'layers.2.bias' of shape [1, 1] does not fit its offsets [248, 252]; "
        + "the file is damaged or no safetensors file. Use another copy.")
  }

  @Test(arguments: ["", "{", "[]", "null", "{\"format\":1", String(repeating: "[", count: 100_000)])
  func refusesOtherText(_ text: String) throws {
    let found = try Self.refusal { name, bytes in name == SavedModel.descriptionFile ? Array(text.utf8) : bytes }
    #expect(found == "model.json: is no model description. Use another copy.")
  }

  /// With any one number of the description replaced by an awkward one, a model is refused, or scores without a trap.
  @Test(arguments: ModelFixture.Kind.allCases) func awkwardNumbersNeverEndTheProcess(kind: ModelFixture.Kind) throws {
    let model = try ModelFixture.model(kind)
    let text = String(decoding: model.files[0].bytes, as: UTF8.self)
    let table = try ModelFixture.table()
    var refused = 0
    for match in text.matches(of: /-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?/) {
      for number in ["0", "-1", "3", "1e308", "-9223372036854775808", "1e-320"] {
        let changed = text.replacingCharacters(in: match.range, with: number)
        try ModelFixture.withFolder { folder in
          try ModelFixture.write(model, to: folder) { $0 == SavedModel.descriptionFile ? Array(changed.utf8) : $1 }
          do {
            let damaged = try SavedModel(folder: folder)
            guard let features = try? damaged.encoder.encode(table).features else { return }
            _ = damaged.scores(features, sensitive: try damaged.readSensitive(of: table))
            for coder in damaged.sensitive { _ = try coder.attribute(of: table, rows: [0, 1]) }
            _ = try damaged.label.labels(of: table, rows: [0, 1])
          } catch is ModelFileError {
            refused += 1
          }
        }
      }
    }
    #expect(refused > 50)
  }
}
