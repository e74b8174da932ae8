import FairnessMetrics
import OrderedJSON

/// Reads the members of one object of a record, and says where one is missing or of another type.
struct RecordReading {
  private let value: JSON
  private let file: String
  private let path: [String]

  /// - Parameters:
  ///   - file: The file, with its line where it has many records.
  ///   - keys: The keys that lead to the object.
  init(_ value: JSON, at file: String, keys: [String] = []) throws(RecordError) {
    self.value = value
    self.file = file
    path = keys
    guard value.members != nil else { throw Self.failure(file, keys, "should be an object") }
  }

  func text(_ key: String) throws(RecordError) -> String {
    guard let text = value[key]?.text else { throw failure(key, "should be a text") }
    return text
  }

  func integer(_ key: String) throws(RecordError) -> Int {
    guard let integer = value[key]?.integer else { throw failure(key, "should be a whole number") }
    return integer
  }

  func double(_ key: String) throws(RecordError) -> Double {
    guard let double = value[key]?.double, double.isFinite else { throw failure(key, "should be a number") }
    return double
  }

  /// A number, or nil where the key holds null.
  func optionalDouble(_ key: String) throws(RecordError) -> Double? {
    if value[key] == .null { return nil }
    return try double(key)
  }

  func flag(_ key: String) throws(RecordError) -> Bool {
    guard case .bool(let flag)? = value[key] else { throw failure(key, "should be true or false") }
    return flag
  }

  func optionalText(_ key: String) throws(RecordError) -> String? {
    if value[key] == .null { return nil }
    return try text(key)
  }

  func optionalInteger(_ key: String) throws(RecordError) -> Int? {
    if value[key] == .null { return nil }
    return try integer(key)
  }

  func elements(_ key: String) throws(RecordError) -> [JSON] {
    guard let elements = value[key]?.elements else { throw failure(key, "should be a list") }
    return elements
  }

  func choice<Choice: RawRepresentable<String>>(_ key: String, _ type: Choice.Type) throws(RecordError) -> Choice {
    guard let choice = Choice(rawValue: try text(key)) else { throw failure(key, "has an unknown value") }
    return choice
  }

  /// A statistic: a number, or null with its reason beside it.
  func metric(_ key: String) throws(RecordError) -> MetricValue {
    if value[key] == .null {
      return .undefined(value["reasons"]?[key]?.text ?? "no reason recorded")
    }
    return .defined(try double(key))
  }

  func object(_ key: String) throws(RecordError) -> RecordReading {
    guard let member = value[key] else { throw failure(key, "is missing") }
    return try RecordReading(member, at: file, keys: path + [key])
  }

  /// The members that are objects themselves, in order.
  func objects() throws(RecordError) -> [(key: String, object: RecordReading)] {
    var objects: [(key: String, object: RecordReading)] = []
    for member in value.members ?? [] {
      objects.append((member.key, try RecordReading(member.value, at: file, keys: path + [member.key])))
    }
    return objects
  }

  /// The keys of the members, in order.
  var memberKeys: [String] {
    (value.members ?? []).map(\.key)
  }

  func contains(_ key: String) -> Bool {
    value[key] != nil
  }

  func isNull(_ key: String) -> Bool {
    value[key] == .null
  }

  /// The keys of the members, in order.
  var keys: [String] { (value.members ?? []).map(\.key) }

  /// An element of the list under a key, as an object.
  func inside(_ element: JSON, _ key: String) throws(RecordError) -> RecordReading {
    try RecordReading(element, at: file, keys: path + [key])
  }

  func failure(_ key: String, _ message: String) -> RecordError {
    Self.failure(file, path + [key], message)
  }

  private static func failure(_ file: String, _ keys: [String], _ message: String) -> RecordError {
    let path = keys.isEmpty ? "the record" : keys.joined(separator: ".")
    return RecordError(.badData, at: file, "\(path) \(message). The record is damaged, or of another version.")
  }
}

/// Collects the members of an object of a record, with the reasons of the statistics that do not exist.
struct RecordWriting {
  private var members: [JSON.Member] = []
  private var reasons: [JSON.Member] = []

  mutating func add(_ key: String, _ value: JSON) {
    members.append(JSON.Member(key, value))
  }

  mutating func add(_ key: String, _ metric: MetricValue) {
    switch metric {
    case .defined(let value) where value.isFinite: add(key, JSON.number(JSONNumber(value)))
    case .defined(let value):
      add(key, JSON.null)
      reasons.append(JSON.Member(key, .string("the value is \(value)")))
    case .undefined(let reason):
      add(key, JSON.null)
      reasons.append(JSON.Member(key, .string(reason)))
    }
  }

  var json: JSON {
    .object(reasons.isEmpty ? members : members + [JSON.Member("reasons", .object(reasons))])
  }
}
