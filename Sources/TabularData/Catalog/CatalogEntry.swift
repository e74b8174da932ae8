import Wording

/// A public data set that the tool knows: where it comes from, how it is read, and how it is usually prepared.
public struct CatalogEntry: Sendable, Equatable {
  /// One of its files.
  public struct File: Sendable, Equatable {
    /// What configurations call it, as `train`.
    public var name: String
    /// The file's name at the publisher, in the data folder and in the cache.
    public var fileName: String
    /// Where its publisher has it.
    public var url: String
    /// The SHA-256 of each accepted version, in hexadecimal; the first is the publisher's.
    public var sha256: [String]

    public init(name: String, fileName: String, url: String, sha256: [String]) {
      self.name = name
      self.fileName = fileName
      self.url = url
      self.sha256 = sha256
    }
  }

  /// What configurations call it; also the name of its folder.
  public var name: String

  /// Its full name.
  public var title: String

  /// Its files.
  public var files: [File]

  /// The files that are read where none are named.
  public var defaultFiles: [String]

  /// How its files are read.
  public var format: CSVFormat

  /// Types that inference would get wrong.
  public var types: [String: ColumnType]

  /// The cells that count as missing.
  public var missingMarkers: [String]

  /// Columns that identify people. They are passed over while reading, and are nowhere in memory.
  public var identifying: Set<String>

  /// Values of the label under another spelling, as `>50K.` in `adult.test`.
  public var renamedLabels: [String: String]

  /// The usual preparation. Its filters and dropped columns are part of what the data set is: columns that give away
  /// the label are among the dropped, so add to them rather than replace them.
  public var recipe: DataRecipe

  /// The licence.
  public var licence: String

  /// How to cite it.
  public var citation: String

  /// What its user should know before drawing conclusions.
  public var caveats: [String]

  /// The file of a name.
  public func file(named name: String) throws(DataError) -> File {
    if let file = files.first(where: { $0.name == name }) { return file }
    throw DataError(
      .noInput, at: "catalog \(Excerpt.quoted(self.name))",
      "has no file \(Excerpt.quoted(name)). It has \(Excerpt.list(files.map(\.name))).")
  }

  /// Finds and reads files, each into a table of its own.
  ///
  /// - Parameters:
  ///   - names: The files; empty: the default ones.
  ///   - locator: Where to look.
  ///   - types: Types given by the configuration; they win over the entry's.
  ///   - missingMarkers: The markers given by the configuration; nil: the entry's.
  public func load(
    files names: [String] = [], locator: DatasetLocator = DatasetLocator(), types: [String: ColumnType] = [:],
    missingMarkers: [String]? = nil
  ) throws(DataError) -> (tables: [Table], files: [LocatedFile]) {
    let located = try located(files: names, locator: locator)
    let reader = CSVReader(
      format: format,
      options: ReadingOptions(
        types: self.types.merging(types) { $1 }, missingMarkers: missingMarkers ?? self.missingMarkers,
        unchecked: Set(recipe.drop), skipped: identifying))
    let tables = try reader.read(located.map(\.path))
    return (tables.map { $0.renamingCategories(of: recipe.label.column, renamedLabels) }, located)
  }

  /// Finds files without reading their rows.
  ///
  /// - Parameter names: Their names; none: the default ones.
  public func located(
    files names: [String] = [], locator: DatasetLocator = DatasetLocator()
  ) throws(DataError) -> [LocatedFile] {
    var located: [LocatedFile] = []
    for name in names.isEmpty ? defaultFiles : names { located.append(try locator.locate(file(named: name), of: self)) }
    return located
  }
}

/// The data sets that the tool knows.
public enum DatasetCatalog {
  /// All of them, by name.
  public static let entries: [CatalogEntry] = [.adult, .compas]

  /// The data set of a name.
  public static func entry(named name: String) throws(DataError) -> CatalogEntry {
    if let entry = entries.first(where: { $0.name == name }) { return entry }
    let names = entries.map(\.name)
    let hint =
      NearestName.find(name, among: names).map { "Did you mean \(Excerpt.quoted($0))?" }
      ?? "It has \(Excerpt.list(names))."
    throw DataError(.noInput, at: "catalog", "has no data set \(Excerpt.quoted(name)). \(hint)")
  }
}
