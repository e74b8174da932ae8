import OrderedJSON
import TabularData
import Wording

/// A key of a section: its name, its meaning, and how it gets into and out of the section's value.
struct ConfigurationField<Owner: Sendable>: Sendable {
  let key: String
  let help: String
  let shape: ConfigurationShape
  let isRequired: Bool
  /// Where the key has a meaning only with certain values of earlier keys: which, in words, and the test.
  let condition: Condition?
  /// Whether the key is written; one that only repeats what was always so is not.
  let isWritten: @Sendable (Owner) -> Bool
  let read: @Sendable (JSONNode, ConfigurationPath, inout Owner) throws -> Void
  let write: @Sendable (Owner) -> JSON

  /// With which values of earlier keys a key has a meaning.
  struct Condition: Sendable {
    /// To follow "applies only where".
    var text: String
    var holds: @Sendable (Owner) -> Bool
  }

  init<Value: Sendable>(
    _ key: String, _ property: WritableKeyPath<Owner, Value> & Sendable, _ codec: ConfigurationCodec<Value>,
    required: Bool = false, onlyWhere condition: Condition? = nil,
    writtenWhere isWritten: @escaping @Sendable (Owner) -> Bool = { _ in true }, _ help: String
  ) {
    self.key = key
    self.help = help
    self.condition = condition
    shape = codec.shape
    isRequired = required
    self.isWritten = isWritten
    read = { node, path, owner in owner[keyPath: property] = try codec.read(node, path) }
    write = { owner in codec.write(owner[keyPath: property]) }
  }

  private init(
    key: String, help: String, shape: ConfigurationShape, isRequired: Bool, condition: Condition?,
    isWritten: @escaping @Sendable (Owner) -> Bool,
    read: @escaping @Sendable (JSONNode, ConfigurationPath, inout Owner) throws -> Void,
    write: @escaping @Sendable (Owner) -> JSON
  ) {
    self.key = key
    self.help = help
    self.shape = shape
    self.isRequired = isRequired
    self.condition = condition
    self.isWritten = isWritten
    self.read = read
    self.write = write
  }

  /// The same key of an object of which the owner is a part, so that several objects share one description.
  func inside<Outer>(_ part: WritableKeyPath<Outer, Owner> & Sendable) -> ConfigurationField<Outer> {
    ConfigurationField<Outer>(
      key: key, help: help, shape: shape, isRequired: isRequired,
      condition: condition.map { condition in
        .init(text: condition.text, holds: { condition.holds($0[keyPath: part]) })
      },
      isWritten: { [isWritten] in isWritten($0[keyPath: part]) },
      read: { [read] node, path, outer in try read(node, path, &outer[keyPath: part]) },
      write: { [write] outer in write(outer[keyPath: part]) })
  }
}

/// An object of the configuration: its keys in order, its defaults, and the rules that tie its keys to one another.
struct ConfigurationSection<Owner: Sendable>: Sendable {
  /// The value with every key left out.
  var defaults: Owner

  /// The keys; later ones may depend on earlier ones.
  var fields: [ConfigurationField<Owner>]

  /// Keys that are allowed and mean nothing here.
  var ignoredKeys: [String] = []

  /// The defaults, where they depend on what the object says.
  var start: (@Sendable (JSONNode, ConfigurationPath) throws -> Owner)?

  /// Checks the keys against one another, and fills in what follows from them.
  var finish: (@Sendable (inout Owner, JSONNode, ConfigurationPath) throws -> Void)?

  /// Reads and writes the whole object.
  var codec: ConfigurationCodec<Owner> {
    let shape = ConfigurationShape.section(
      fields.map { field in
        let condition = field.condition.map { " Applies only where \($0.text)." } ?? ""
        return ConfigurationShape.FieldShape(
          key: field.key, help: field.help + condition, shape: field.shape,
          defaultValue: field.isRequired ? nil : field.write(defaults), isConditional: field.condition != nil)
      })
    return ConfigurationCodec(
      shape: shape, read: { node, path in try read(node, path, shape) }, write: { owner in write(owner) })
  }

  private func read(_ node: JSONNode, _ path: ConfigurationPath, _ shape: ConfigurationShape) throws -> Owner {
    guard case .object(let members) = node.content else { throw mismatch(shape, node, path) }
    for member in members where !ignoredKeys.contains(member.key) && !fields.contains(where: { $0.key == member.key }) {
      throw unknown(member, path)
    }
    var owner = try start?(node, path) ?? defaults
    for field in fields {
      guard let member = members.first(where: { $0.key == field.key }) else {
        if field.isRequired, field.condition?.holds(owner) ?? true {
          throw path.failure(at: node.place, "lacks the key '\(field.key)': \(field.help)")
        }
        continue
      }
      let fieldPath = path.appending(field.key)
      if let condition = field.condition, !condition.holds(owner) {
        throw fieldPath.failure(at: member.place, "applies only where \(condition.text). Remove the key.")
      }
      try field.read(member.node, fieldPath, &owner)
    }
    try finish?(&owner, node, path)
    return owner
  }

  private func write(_ owner: Owner) -> JSON {
    .object(
      fields.filter { ($0.condition?.holds(owner) ?? true) && $0.isWritten(owner) }.map {
        JSON.Member($0.key, $0.write(owner))
      })
  }

  private func unknown(_ member: JSONNode.Member, _ path: ConfigurationPath) -> ConfigurationError {
    let known = fields.map(\.key)
    let remedy =
      NearestName.find(member.key, among: known).map { "Did you mean '\($0)'?" }
      ?? "Its keys are \(known.joined(separator: ", "))."
    return ConfigurationError(
      at: member.place, keyPath: path.appending(member.key).keys.joined(separator: "."),
      "\(path) has no key \(excerpt(.string(member.key))). \(remedy)")
  }
}
