import OrderedJSON
import RunRecords
import TabularData

/// The file of what a table has to be like. It is changed by hand, so that a misspelt key is an error with its place.
public enum ExpectationsFile {
  /// The text of a file.
  public static func text(_ expectations: TableExpectations) -> String {
    let columns = expectations.columns.map { column -> JSON in
      var members: [JSON.Member] = [
        .init("name", .string(column.name)), .init("type", .string(column.type.rawValue)),
        .init("minimumPresent", .number(JSONNumber(column.minimumPresent))),
      ]
      if let categories = column.categories {
        members.append(.init("categories", .array(categories.map(JSON.string))))
      }
      if let minimum = column.minimum { members.append(.init("minimum", .number(JSONNumber(minimum)))) }
      if let maximum = column.maximum { members.append(.init("maximum", .number(JSONNumber(maximum)))) }
      return .object(members)
    }
    let file: JSON = [
      "format": 1, "minimumRows": .number(JSONNumber(expectations.minimumRows)),
      "columns": .array(columns),
    ]
    return file.serialized()
  }

  /// Reads a file.
  ///
  /// - Throws: `RecordError` where it cannot be read, `DataError` with the place of the first fault.
  public static func read(_ path: String) throws -> TableExpectations {
    let node: JSONNode
    do {
      node = try JSONReader.read(FileAccess.read(path), source: path, allowsComments: true)
    } catch let error as JSONError {
      throw DataError(.badData, at: "\(error.place)", error.message)
    }
    let file = try Fields(node, of: "the file", keys: ["format", "minimumRows", "columns"])
    let format = try file.integer("format", 1...)
    guard format == 1 else {
      throw file.fault("format", "is \(format); this version reads format 1. Update Equipoise")
    }
    let columns = try file.elements("columns").map { node in
      let column = try Fields(
        node, of: "a column", keys: ["name", "type", "minimumPresent", "categories", "minimum", "maximum"])
      let type = try column.text("type")
      guard let type = ColumnType(rawValue: type) else {
        throw column.fault("type", "should be \"numeric\" or \"categorical\", found \"\(type)\"")
      }
      return TableExpectations.Column(
        name: try column.text("name"), type: type,
        minimumPresent: try column.number("minimumPresent", in: 0...1) ?? 0,
        categories: try column.texts("categories"), minimum: try column.number("minimum"),
        maximum: try column.number("maximum"))
    }
    return TableExpectations(minimumRows: try file.integer("minimumRows", 0...), columns: columns)
  }

  /// The members of an object, of known names.
  private struct Fields {
    private let members: [JSONNode.Member]
    private let place: JSONPlace

    init(_ node: JSONNode, of what: String, keys: [String]) throws {
      guard case .object(let members) = node.content else {
        throw DataError(
          .badData, at: "\(node.place)", "\(what) should be an object with \(keys.joined(separator: ", ")).")
      }
      self.members = members
      place = node.place
      for member in members where !keys.contains(member.key) {
        throw DataError(
          .badData, at: "\(member.place)",
          "\"\(member.key)\" is no key of \(what). Its keys are \(keys.joined(separator: ", ")).")
      }
    }

    private func node(_ key: String) -> JSONNode? { members.first { $0.key == key }?.node }

    func fault(_ key: String, _ message: String) -> DataError {
      DataError(.badData, at: "\(node(key)?.place ?? place)", "\(key) \(message).")
    }

    func text(_ key: String) throws -> String {
      guard case .string(let text)? = node(key)?.content else { throw fault(key, "should be a text") }
      return text
    }

    func elements(_ key: String) throws -> [JSONNode] {
      guard case .array(let elements)? = node(key)?.content else { throw fault(key, "should be a list") }
      return elements
    }

    func texts(_ key: String) throws -> [String]? {
      guard node(key) != nil else { return nil }
      return try elements(key).map { element in
        guard case .string(let text) = element.content else { throw fault(key, "should be a list of texts") }
        return text
      }
    }

    func integer(_ key: String, _ range: PartialRangeFrom<Int>) throws -> Int {
      guard case .number(let number)? = node(key)?.content, let value = number.integer, range.contains(value) else {
        throw fault(key, "should be a whole number of at least \(range.lowerBound)")
      }
      return value
    }

    /// A number; nil where the key is not there.
    func number(_ key: String, in range: ClosedRange<Double> = -.greatestFiniteMagnitude...(.greatestFiniteMagnitude))
      throws -> Double?
    {
      guard let node = node(key) else { return nil }
      guard case .number(let number) = node.content, range.contains(number.double) else {
        throw fault(key, range == 0...1 ? "should be a number in 0...1" : "should be a number")
      }
      return number.double
    }
  }
}
