import OrderedJSON
import RunStore

/// A sweep's file, together with the configuration that it starts from.
public struct SweepFile: Sendable {
  public let sweep: SweepConfiguration

  /// The values of the resource in the rungs of successive halving; nil without it.
  public private(set) var rungs: [Int]?

  /// The path of the file as it was given.
  public var path: String

  /// The tree of the base, and the path at which its relative paths start.
  private let base: JSONNode
  private let basePath: String

  /// Values that take the place of all others: the options of the command line.
  private let overrides: [ConfigurationOverride]

  /// Reads a file and its base, and checks the base.
  ///
  /// - Parameter baseFolder: Where the relative paths of a base within the file start; nil for the folder of the file.
  /// - Throws: `ConfigurationError` with the place of the first fault.
  public init(
    path: String, overrides: [ConfigurationOverride] = [], baseFolder: String? = nil
  ) throws(ConfigurationError) {
    self.path = path
    self.overrides = overrides
    let bytes = try ConfigurationFile.bytes(path)
    let tree = try ConfigurationFile.tree(bytes, source: path)
    do {
      sweep = try SweepConfiguration.section.codec.read(tree, ConfigurationPath(root: "the sweep"))
    } catch let error as ConfigurationError {
      throw error
    } catch {
      // The codecs throw nothing else.
      throw ConfigurationError(at: JSONPlace(source: path), "\(error)")
    }
    switch sweep.base {
    case .inline:
      base = tree["base"] ?? JSONNode(.object([]), at: tree.place)
      basePath = baseFolder.map { "\($0)/sweep.json" } ?? path
    case .file(let name):
      let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
      basePath = name.hasPrefix("/") ? name : folder + name
      base = try ConfigurationFile.tree(ConfigurationFile.bytes(basePath), source: basePath)
    }
    try checkOverrides()
    rungs = try rungs(upTo: baseConfiguration)
  }

  /// Refuses values of the command line for what the sweep itself sets, or for what holds it: all its runs would be
  /// one. A value within what it sets goes into every one of its values.
  private func checkOverrides() throws(ConfigurationError) {
    let own =
      sweep.parameters.map { (key: $0.name, what: "a parameter of the sweep") }
      + (sweep.halving.map { [(key: $0.resource, what: "what the rungs of the halving set")] } ?? [])
      + (sweep.seeds.isEmpty ? [] : [(key: "seed", what: "given by the sweep's seeds")])
    for override in overrides {
      let key = override.keys.joined(separator: ".")
      if let found = own.first(where: { $0.key == key || $0.key.hasPrefix(key + ".") }) {
        throw ConfigurationError(
          .usage, at: JSONPlace(source: override.origin),
          "'\(found.key)' is \(found.what). Change it in \(path), or leave the option out.")
      }
    }
  }

  /// The configuration of a run.
  ///
  /// - Parameters:
  ///   - seed: Nil for that of the base.
  ///   - more: Values that take the place of those of the point.
  /// - Throws: `ConfigurationError` that names the sweep's file and the value.
  public func configuration(
    _ point: SweepPoint, seed: Int?, more: [(key: String, value: JSON)] = []
  ) throws(ConfigurationError) -> ConfigurationFile {
    var list: [ConfigurationOverride] = []
    if let name = sweep.name { list.append(ConfigurationOverride("name", .string(name), origin: path)) }
    let values = sweep.fixed.map { (key: $0.name, value: $0.value) } + point.values + more
    for (key, value) in values {
      list.append(ConfigurationOverride(key, value, origin: "\(path): \(key) = \(value.serialized(.line))"))
    }
    if let seed {
      list.append(.seed(seed, origin: "\(path): seed \(seed)"))
    }
    return try ConfigurationFile(base, path: basePath, overrides: list + overrides)
  }

  /// The rungs, the last of which has what the halving says, or else the base.
  ///
  /// - Throws: `ConfigurationError` where the resource is no whole number, or has less in the last rung than in the first.
  private func rungs(upTo base: ExperimentConfiguration) throws(ConfigurationError) -> [Int]? {
    guard let halving = sweep.halving else { return nil }
    guard
      let maximum = halving.maximum
        ?? ResolvedConfiguration(base.json).parameters.first(where: { $0.key == halving.resource })?.value.integer
    else {
      throw ConfigurationError(
        at: JSONPlace(source: path), keyPath: "halving.resource",
        "halving.resource '\(halving.resource)' is no key with a whole number. Name one such as training.gameEpochs.")
    }
    guard halving.initial <= maximum else {
      throw ConfigurationError(
        at: JSONPlace(source: path), keyPath: "halving.initial",
        "halving.initial is \(halving.initial), more than the \(maximum) of the last rung.")
    }
    var rungs = [halving.initial]
    while let last = rungs.last, last < maximum { rungs.append(min(maximum, last * halving.factor)) }
    return rungs
  }

  /// The sweep with its base written out, so that it needs no other file but those of the rows.
  var snapshot: JSON {
    var whole = sweep
    whole.base = .inline(base.value)
    return SweepConfiguration.section.codec.write(whole)
  }

  /// The folder at which the relative paths of the base start.
  var baseFolder: String {
    guard let slash = basePath.lastIndex(of: "/") else { return "." }
    return slash == basePath.startIndex ? "/" : String(basePath[..<slash])
  }

  /// The configuration of the base, with what the sweep and the command line put in its place.
  public var baseConfiguration: ExperimentConfiguration {
    get throws(ConfigurationError) { try configuration(SweepPoint([]), seed: nil).configuration }
  }

  /// The points of the design, each once.
  public var points: [SweepPoint] { SweepPoint.points(of: sweep) }

  /// The seeds of the runs; nil for that of the base.
  public var seeds: [Int?] { sweep.seeds.isEmpty ? [nil] : sweep.seeds }

  /// The JSON Schema (draft 2020-12) of a sweep's file.
  public static var schema: JSON {
    SweepConfiguration.section.codec.shape.documentSchema(title: "Sweep file of 'equipoise sweep'")
  }

  /// A small sweep, every key spelled out.
  public static var example: JSON {
    var example = SweepConfiguration()
    example.base = .inline(["name": "sweep", "data": ["source": ["simulated": "census", "rows": 2000]]])
    example.parameters = [NamedValue("adversary.lambda", .list([0, 10, 50]))]
    example.seeds = [1, 2, 3]
    return SweepConfiguration.section.codec.write(example)
  }

  /// The same with a comment that explains each key.
  public static var commentedExample: String {
    SweepConfiguration.section.codec.shape.commentedExample(
      example,
      title: "A sweep file for 'equipoise sweep'. Every key but base and parameters may be left out.")
  }

  /// The file in full, every default spelled out.
  public var json: JSON { SweepConfiguration.section.codec.write(sweep) }

  /// Whether a file is a sweep's: it has both a base and parameters, or its `$schema` says so.
  public static func isMeant(by bytes: [UInt8]) -> Bool {
    guard let tree = try? JSONReader.read(bytes, source: "", allowsComments: true) else { return false }
    if let schema = tree["$schema"]?.value.text { return schema.hasSuffix("sweep.schema.json") }
    return tree["base"] != nil && tree["parameters"] != nil
  }
}
