import OrderedJSON
import TabularData
import Wording

/// The rows of a request, cell by cell.
struct RequestRows: Sendable, Equatable {
  /// Whether the request was one row, and not a list of them.
  var isSingle: Bool

  /// The number of rows.
  var count: Int

  /// Row after row, one cell for each column of the layout.
  var cells: [RowCell]
}

/// The columns that are read of a request's rows, and how its JSON becomes cells.
///
/// As in a JSON Lines file a number may stand for a category under its text, and null is a missing cell. A key that a
/// row lacks is forgotten or misspelt there; a file may leave it out, but whoever asks for a decision is told.
struct RowLayout: Sendable {
  /// A column of the rows.
  struct Column: Sendable {
    var name: String
    var isNumeric: Bool
    /// Whether every row has to have it.
    var isRequired: Bool
    /// What needs it, as it follows the name in a message.
    var need: String
  }

  let columns: [Column]
  private let indexOf: [String: Int]
  private let missingMarkers: Set<String>

  init(_ columns: [Column], missingMarkers: [String]) {
    self.columns = columns
    self.missingMarkers = Set(missingMarkers)
    indexOf = Dictionary(columns.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Reads `{…}`, `[{…}, …]` or `{"rows": [{…}, …]}`.
  ///
  /// - Parameter limit: The most rows.
  func rows(_ document: JSONNode, limit: Int) throws(ServiceError) -> RequestRows {
    let elements: [JSONNode]
    var isSingle = false
    var path: [String] = []
    switch document.content {
    case .array(let nodes): elements = nodes
    case .object:
      // No cell is a list, so that a column of this name cannot be meant.
      if case .array(let nodes)? = document["rows"]?.content {
        elements = nodes
        path = ["rows"]
      } else {
        elements = [document]
        isSingle = true
      }
    default:
      throw ServiceError(
        .unprocessable, at: document.place.description, found: "The request is no row.",
        remedy: "Send an object of columns and values, or a list of such objects.")
    }
    guard !elements.isEmpty else {
      throw ServiceError(
        .unprocessable, at: document.place.description, found: "The request has no rows.", remedy: "Send at least one.")
    }
    guard elements.count <= limit else {
      throw ServiceError(
        .tooLarge, at: document.place.description, found: "The request has \(elements.count) rows.",
        remedy: "Send at most \(limit) at once.")
    }
    return try read(elements, isSingle: isSingle, path: path)
  }

  private func read(_ elements: [JSONNode], isSingle: Bool, path: [String]) throws(ServiceError) -> RequestRows {
    var cells = [RowCell](repeating: .missing, count: elements.count * columns.count)
    // By column the last row that had it, counted from 1.
    var seen = [Int](repeating: 0, count: columns.count)
    for (row, element) in elements.enumerated() {
      guard case .object(let members) = element.content else {
        throw ServiceError(
          .unprocessable, at: place(element, path, row: isSingle ? nil : row), found: "This is no row.",
          remedy: "A row is an object of columns and values, such as {\"age\": 39}.")
      }
      // Rows mostly come with the columns in their order.
      var next = 0
      for member in members {
        let isNext = next < columns.count && columns[next].name == member.key
        guard let column = isNext ? next : indexOf[member.key] else { continue }
        next = column + 1
        seen[column] = row + 1
        do {
          cells[row * columns.count + column] = try cell(member.node, columns[column])
        } catch {
          var error = error
          error.place = place(member.node, path, row: isSingle ? nil : row, key: member.key)
          throw error
        }
      }
      if let column = columns.indices.first(where: { seen[$0] <= row && columns[$0].isRequired }) {
        let remedy =
          NearestName.find(columns[column].name, among: members.map(\.key).filter { indexOf[$0] == nil }).map {
            "Did you mean \(Excerpt.quoted($0))?"
          } ?? "Send it in every row, or null where it is not known."
        throw ServiceError(
          .unprocessable, at: place(element, path, row: isSingle ? nil : row),
          found: "There is no column \(Excerpt.quoted(columns[column].name))\(columns[column].need).", remedy: remedy)
      }
    }
    return RequestRows(isSingle: isSingle, count: elements.count, cells: cells)
  }

  private func cell(_ node: JSONNode, _ column: Column) throws(ServiceError) -> RowCell {
    switch node.content {
    case .null: return .missing
    case .string(let text): return try cell(text, column)
    case .number(let number):
      guard column.isNumeric else { return try cell(number.text, column) }
      let value = number.double
      guard value.isFinite else { throw notNumber(number.text, column) }
      return .number(value)
    case .bool(let bool):
      return column.isNumeric ? .number(bool ? 1 : 0) : try cell(bool ? "true" : "false", column)
    case .array, .object:
      throw ServiceError(
        .unprocessable, at: "", found: "Column \(Excerpt.quoted(column.name)) holds a list or an object.",
        remedy: "Send a number, a text, true, false or null.")
    }
  }

  private func cell(_ text: String, _ column: Column) throws(ServiceError) -> RowCell {
    if text.isEmpty || missingMarkers.contains(text) { return .missing }
    guard column.isNumeric else { return .category(text) }
    var copy = text
    guard case .number(let value) = copy.withUTF8({ DecimalNumber.read(UnsafeRawBufferPointer($0)) }) else {
      throw notNumber(text, column)
    }
    return .number(value)
  }

  private func notNumber(_ found: String, _ column: Column) -> ServiceError {
    ServiceError(
      .unprocessable, at: "",
      found: "Column \(Excerpt.quoted(column.name)) should be a number, found \(Excerpt.quoted(found)).",
      remedy: "Send a number, or null where it is not known.")
  }

  private func place(_ node: JSONNode, _ path: [String], row: Int?, key: String? = nil) -> String {
    // A key is the sender's text, and is shown as messages show such.
    let keys = path + [row.map { "\($0)" }, key.map { Excerpt.quoted($0) }].compactMap { $0 }
    return keys.isEmpty ? node.place.description : "\(node.place) (\(keys.joined(separator: ".")))"
  }
}
