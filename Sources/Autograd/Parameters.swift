import LinearAlgebra

/// The named matrices that training changes, one after another in one array of numbers.
///
/// A value: keeping the best iterate is an assignment. The order of the entries is the order in which they were added,
/// and it is the order of the flat vector that optimizers and projections see.
public struct Parameters<Scalar: EngineScalar>: Sendable, Hashable {
  /// Where a matrix stands in the array.
  public struct Entry: Sendable, Hashable {
    /// The name, such as `layers.0.weight`.
    public let name: String

    /// The shape.
    public let rows: Int
    public let columns: Int

    /// The index of the first value.
    public let offset: Int

    /// The number of values.
    public var count: Int { rows * columns }
  }

  /// The entries, in order.
  public private(set) var entries: [Entry] = []

  /// All values, entry after entry, each row by row.
  public var values: [Scalar] = [] {
    didSet {
      precondition(
        values.count == oldValue.count, "Parameters: \(oldValue.count) values replaced by \(values.count)")
    }
  }

  /// No parameters; `append(_:_:)` adds them.
  public init() {}

  /// Adds a matrix under a name.
  ///
  /// - Precondition: The name is new.
  public mutating func append(_ name: String, _ matrix: Matrix<Scalar>) {
    precondition(!entries.contains { $0.name == name }, "Parameters: '\(name)' exists already")
    let all = values + matrix.values
    entries.append(Entry(name: name, rows: matrix.rows, columns: matrix.columns, offset: values.count))
    self = Parameters(entries: entries, values: all)
  }

  /// Adds all entries of other parameters, their names behind a prefix and a dot.
  public mutating func append(_ prefix: String, _ other: Parameters) {
    for entry in other.entries { append("\(prefix).\(entry.name)", other[entry.name]) }
  }

  /// The matrix of a name.
  ///
  /// - Precondition: The name exists; a new matrix has the shape of the old one.
  public subscript(name: String) -> Matrix<Scalar> {
    get {
      let entry = entry(name)
      return Matrix(
        rows: entry.rows, columns: entry.columns, values: Array(values[entry.offset..<entry.offset + entry.count]))
    }
    set {
      let entry = entry(name)
      precondition(
        newValue.rows == entry.rows && newValue.columns == entry.columns,
        "Parameters: '\(name)' is [\(entry.rows), \(entry.columns)], not [\(newValue.rows), \(newValue.columns)]")
      values.replaceSubrange(entry.offset..<entry.offset + entry.count, with: newValue.values)
    }
  }

  /// The same parameters in another precision.
  public func converted<Other: EngineScalar>(to type: Other.Type = Other.self) -> Parameters<Other> {
    Parameters<Other>(
      entries: entries.map { .init(name: $0.name, rows: $0.rows, columns: $0.columns, offset: $0.offset) },
      values: values.map { Other($0) })
  }

  init(entries: [Entry], values: [Scalar]) {
    self.entries = entries
    self.values = values
  }

  private func entry(_ name: String) -> Entry {
    guard let entry = entries.first(where: { $0.name == name }) else {
      preconditionFailure("Parameters: no '\(name)' among \(entries.map(\.name).joined(separator: ", "))")
    }
    return entry
  }
}
