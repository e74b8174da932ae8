import OrderedJSON

/// A value that takes the place of one in the file: an option of the command line, or a point of a sweep's grid.
public struct ConfigurationOverride: Sendable {
  /// The keys that lead to the value, with array indices: `data.sensitive.0.keep`.
  public var keys: [String]

  /// The value.
  public var value: JSON

  /// What messages name as the place.
  public var origin: String

  /// - Parameters:
  ///   - path: The keys joined by dots.
  ///   - origin: What messages name as the place, such as `--seed 8`.
  public init(_ path: String, _ value: JSON, origin: String) {
    keys = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    self.value = value
    self.origin = origin
  }

  /// Another seed than the file's.
  public static func seed(_ seed: Int, origin: String) -> Self {
    .init("seed", .number(JSONNumber(seed)), origin: origin)
  }

  /// Reads `key.path=value`. The value is JSON where it can be read as JSON, and a text otherwise, so that
  /// `classifier.activation=tanh` needs no quotation marks.
  ///
  /// - Throws: `ConfigurationError` where there is no `=`, no key, or a value that starts as JSON and is none.
  public init(option text: String) throws(ConfigurationError) {
    let origin = "--set " + Self.shown(text)
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      throw ConfigurationError(
        .usage, at: JSONPlace(source: origin),
        "should be a path of keys, '=' and a value, such as training.batchSize=64.")
    }
    let valueText = String(text[text.index(after: equals)...])
    let value: JSON
    do {
      value = try JSONReader.read(valueText, source: origin).value
    } catch {
      if let first = valueText.first, "{[\"".contains(first) {
        throw ConfigurationError(.usage, at: JSONPlace(source: origin), "the value is no JSON: \(error.message)")
      }
      value = .string(valueText)
    }
    self.init(String(text[..<equals]), value, origin: origin)
  }

  /// The option as it was typed; a long one to the end of a word.
  private static func shown(_ text: String) -> String {
    let most = 60
    guard text.count > most else { return text }
    let start = text.prefix(most)
    let afterKey = text.firstIndex(of: "=") ?? text.startIndex
    let end = start.lastIndex { " ,;".contains($0) }
    return String(start[..<(end.map { max($0, min(afterKey, start.endIndex)) } ?? start.endIndex)]) + "…"
  }

  /// The tree with this value in its place.
  ///
  /// - Parameters:
  ///   - tree: What the file says.
  ///   - resolved: What the file means, every default spelled out, or nil where the file alone is not valid. A path
  ///     that leads through a list or a weight by name that the file leaves out goes into the default one.
  func applied(to tree: JSONNode, resolved: JSON?) throws(ConfigurationError) -> JSONNode {
    try replace(keys[...], in: tree, resolved, ExperimentConfiguration.section.codec.shape)
  }

  /// Whether the path leads through a list or object that the file leaves out, so that what the file means matters.
  func leadsThroughDefaults(of tree: JSONNode) -> Bool {
    var node = tree
    for key in keys.dropLast() {
      switch node.content {
      case .object:
        guard let inner = node[key] else { return true }
        node = inner
      case .array(let nodes):
        guard let inner = Int(key).flatMap({ nodes[safe: $0] }) else { return true }
        node = inner
      default: return true
      }
    }
    switch node.content {
    case .object, .array: return false
    default: return true
    }
  }

  private var place: JSONPlace { JSONPlace(source: origin) }

  private func replace(
    _ rest: ArraySlice<String>, in tree: JSONNode?, _ resolved: JSON?, _ shape: ConfigurationShape?
  ) throws(ConfigurationError) -> JSONNode {
    guard let key = rest.first else { return JSONNode(value: value, at: place) }
    let path = keys[..<rest.startIndex]
    guard shape?.member(key) != nil || shape == nil || isSection(shape) else {
      throw failure(
        "\(path.isEmpty ? "the configuration" : path.joined(separator: ".")) has no keys or elements inside.")
    }
    let container = container(tree, resolved, shape)
    let inner = shape?.member(key)
    switch container.content {
    case .array(var nodes):
      guard let index = Int(key), nodes.indices.contains(index) else {
        throw failure(
          "\(path.joined(separator: ".")) has \(nodes.count) element\(nodes.count == 1 ? "" : "s"), counted from 0; "
            + "there is none at \(excerpt(.string(key))).")
      }
      nodes[index] = try replace(rest.dropFirst(), in: nodes[index], resolved?.elements?[safe: index], inner)
      return JSONNode(.array(nodes), at: container.place)
    case .object(var members):
      let index = members.firstIndex { $0.key == key }
      let node = try replace(rest.dropFirst(), in: index.map { members[$0].node }, resolved?[key], inner)
      let member = JSONNode.Member(key: key, place: place, node: node)
      if let index { members[index] = member } else { members.append(member) }
      return JSONNode(.object(members), at: container.place)
    default:
      throw failure(
        "\(path.joined(separator: ".")) is \(excerpt(container.value)), which has no \(excerpt(.string(key))) inside.")
    }
  }

  /// What the path goes on into: the file's value, or the default where the file has none that it could go into.
  private func container(_ tree: JSONNode?, _ resolved: JSON?, _ shape: ConfigurationShape?) -> JSONNode {
    switch (tree?.content, resolved) {
    case (.object, _), (.array, _): return tree ?? JSONNode(.object([]), at: place)
    // A number for every attribute is spelled out by attribute, so that one of them can be set.
    case (_, .object?) where shape?.allowsAnyKeys == true: return JSONNode(value: resolved ?? .null, at: place)
    case (_, .array?): return JSONNode(value: resolved ?? .null, at: place)
    // Of a section only what is said goes in, for its other defaults may follow from this very value.
    case (nil, _), (.null?, _): return JSONNode(.object([]), at: place)
    case (let content?, _): return JSONNode(content, at: place)
    }
  }

  private func isSection(_ shape: ConfigurationShape?) -> Bool {
    switch shape {
    case .section, .map, .list: true
    case .nullable(let inner, _): isSection(inner)
    case .anyOf(let alternatives): alternatives.contains { isSection($0.shape) }
    default: false
    }
  }

  private func failure(_ message: String) -> ConfigurationError {
    ConfigurationError(at: place, keyPath: keys.joined(separator: "."), message)
  }
}

extension Array {
  fileprivate subscript(safe index: Int) -> Element? {
    indices.contains(index) ? self[index] : nil
  }
}
