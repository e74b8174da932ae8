import OrderedJSON
import RunRecords

/// What `equipoise compare` holds side by side: methods, each a configuration with a knob, on the same rows.
///
/// ```json
/// {"name": "adult-methods", "metric": "demographic_parity_difference(sex)", "seeds": [1, 2, 3],
///  "methods": [{"name": "plain", "config": "methods/plain.json"},
///              {"name": "projection", "config": "methods/projection.json", "knob": "adversary.lambda.sex",
///               "values": [0.3, 1, 3]}]}
/// ```
public struct ComparisonFile: Sendable, Equatable {
  /// A method.
  public struct Method: Sendable, Hashable {
    public var name = ""
    /// Its configuration; a relative path starts at the comparison's folder.
    public var config = ""
    /// What is set in the configuration beside the knob, as `--set` takes it.
    public var set: [String] = []
    /// The key that is varied; nil where the configuration is run as it is.
    public var knob: String?
    public var values: [Double] = []
  }

  public var name = "comparison"
  /// What accuracy is held against, as an expression; nil for the smallest p%-rule.
  public var metric: String?
  public var seeds = [1, 2, 3]
  /// What is set in every configuration, as `--set` takes it.
  public var set: [String] = []
  /// Bounds on the metric, for each of which every method's best point is named.
  public var bounds: [Double] = []
  public var methods: [Method] = []

  public init() {}

  /// Reads a file.
  ///
  /// - Throws: `ConfigurationError` with the file, the line and the path of keys.
  public init(path: String) throws(ConfigurationError) {
    do {
      let tree = try JSONReader.read(ConfigurationFile.bytes(path), source: path, allowsComments: true)
      self = try Self.section.codec.read(tree, ConfigurationPath(root: "the comparison"))
    } catch let error as JSONError {
      throw ConfigurationError(error)
    } catch let error as ConfigurationError {
      throw error
    } catch {
      // The codecs throw nothing else.
      throw ConfigurationError(at: JSONPlace(source: path), "\(error)")
    }
  }

  /// The comparison in full, every default spelled out.
  public var json: JSON { Self.section.codec.write(self) }

  /// The JSON Schema (draft 2020-12) of a comparison's file.
  public static var schema: JSON {
    section.codec.shape.documentSchema(title: "Comparison file of 'equipoise compare'")
  }

  /// Whether a file is a comparison's: it has methods, or its `$schema` says so.
  public static func isMeant(by bytes: [UInt8]) -> Bool {
    guard let tree = try? JSONReader.read(bytes, source: "", allowsComments: true) else { return false }
    if let schema = tree["$schema"]?.value.text { return schema.hasSuffix("comparison.schema.json") }
    return tree["methods"] != nil
  }

  private typealias Field = ConfigurationField<ComparisonFile>

  static let section = ConfigurationSection<ComparisonFile>(
    defaults: ComparisonFile(),
    fields: [
      Field("name", \.name, .text(.name), "The name, under which the folder of the comparison stands."),
      Field(
        "metric", \.metric, .optional(.text(.notEmpty), sample: "demographic_parity_difference(sex)"),
        "What accuracy is held against, an expression; null: the smallest p%-rule of the first configuration."),
      Field(
        "seeds", \.seeds,
        .list(.integer(0...ExperimentConfiguration.largestSeed), minimum: 1, maximum: 1000, distinct: true),
        "Every point is run with each of these seeds."),
      Field(
        "set", \.set, .list(.text(.notEmpty), maximum: 1000), "What is set in every configuration, as --set takes it."),
      Field(
        "bounds", \.bounds, .list(.number(.finite), maximum: 100),
        "Bounds on the metric; for each the best point of every method is named, chosen on validation rows."),
      Field("methods", \.methods, .list(Method.section.codec, minimum: 1, maximum: 1000), "The methods."),
    ],
    ignoredKeys: ["$schema"],
    finish: { file, node, path in
      for (index, method) in file.methods.enumerated()
      where file.methods[..<index].contains(where: { $0.name == method.name }) {
        throw path.appending("methods").appending("\(index)").failure(
          at: (node["methods"] ?? node).place, "has the name '\(method.name)' of another method. Name it otherwise.")
      }
      if file.methods.isEmpty {
        throw path.failure(at: node.place, "lacks the key 'methods': there is nothing to compare.")
      }
    })
}

extension ComparisonFile.Method {
  private typealias Field = ConfigurationField<ComparisonFile.Method>

  static let section = ConfigurationSection<ComparisonFile.Method>(
    defaults: ComparisonFile.Method(),
    fields: [
      Field("name", \.name, .text(.notEmpty), required: true, "The method's name in the table."),
      Field(
        "config", \.config, .text(.notEmpty), required: true,
        "Its configuration; a relative path starts at the folder of the comparison."),
      Field("set", \.set, .list(.text(.notEmpty), maximum: 1000), "What is set in it, as --set takes it."),
      Field(
        "knob", \.knob, .optional(.text(.notEmpty), sample: "adversary.lambda"),
        "The key that is varied, such as adversary.lambda or mitigation.0.atMost; null: none."),
      Field("values", \.values, .list(.number(.finite), maximum: 1000, distinct: true), "The values of the knob."),
    ],
    finish: { method, node, path in
      guard (method.knob == nil) == method.values.isEmpty else {
        throw path.failure(at: node.place, "should have a knob with values, or neither.")
      }
    })
}
