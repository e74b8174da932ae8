import LinearAlgebra

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Prepared rows on the disk, for data that exceed the memory: encoded once, and mapped from then on.
///
/// Each preparation has a folder of its own under its key (see `CacheIdentity`). It is made under a temporary name and
/// renamed, so that it is there whole or not at all. One that is torn or damaged, as its check sums tell, or of another
/// version is made again. Nothing is ever taken away but such ones; a folder may be deleted at any time.
public struct PreparedCache: Sendable {
  static let manifestName = "manifest"

  /// The folder of all preparations.
  public let folder: String

  /// - Parameter folder: Where prepared rows are kept; nil: `prepared` in the user's cache, `$XDG_CACHE_HOME/equipoise`.
  /// - Throws: `DataError` where there is no such folder either, for want of a home.
  public init(folder: String? = nil) throws(DataError) {
    guard let folder = folder ?? DatasetLocator().cacheFolder.map({ $0 + "/prepared" }) else {
      throw DataError(
        .cannotCreate, at: "the cache",
        "has no folder, as there is no home. Name one with --cache, or set XDG_CACHE_HOME.")
    }
    self.folder = folder
  }

  /// The folder of one preparation.
  public func path(of key: String) -> String { "\(folder)/\(key)" }

  /// The prepared rows of a key, mapped; nil where there are none in good order.
  ///
  /// - Parameter isFresh: Whether they have just been written, so that their check sums need no second look.
  public func open(_ key: String, isFresh: Bool = false) -> PreparedData? {
    guard let bytes = FileManager.default.contents(atPath: "\(path(of: key))/\(Self.manifestName)"),
      let manifest = CacheManifest(Array(bytes), key: key)
    else { return nil }
    let reader = CacheReader(path(of: key), manifest, verifies: !isFresh)
    var splits: [SplitName: Dataset] = [:]
    for (name, split) in manifest.splits {
      guard let dataset = reader.dataset(name, split) else { return nil }
      splits[name] = dataset
    }
    guard splits[.train] != nil else { return nil }
    return PreparedData(
      splits: splits, encoder: manifest.encoder, label: manifest.label, sensitive: manifest.sensitive,
      continuous: manifest.continuous, schema: manifest.schema, counts: manifest.counts, warnings: manifest.warnings)
  }

  /// Prepares the rows of a source into the cache, and maps them.
  ///
  /// - Parameters:
  ///   - identity: What the rows are made from; its recipe is followed.
  ///   - onProgress: Called after each piece; what it throws ends the preparation, and nothing of it is left.
  /// - Throws: `DataError` for the data, and where the disk is full or the folder cannot be made.
  public func prepare(
    _ source: some TableSource, _ identity: CacheIdentity,
    onProgress: (PreparationProgress) throws(DataError) -> Void = { _ in }
  ) throws(DataError) -> PreparedData {
    let key = identity.key
    let manager = FileManager.default
    do {
      try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw DataError(.cannotCreate, at: folder, "cannot be made. Name a folder for prepared rows with --cache.")
    }
    removeLeftovers()
    // Others may be making the same: each has a folder of its own, and the rename is one step.
    let temporary =
      "\(folder)/\(key).\(ProcessInfo.processInfo.processIdentifier).\(UInt32.random(in: 0 ... .max)).part"
    do {
      try manager.createDirectory(atPath: temporary, withIntermediateDirectories: false)
    } catch {
      throw DataError(.cannotCreate, at: folder, "cannot be written. Name a folder for prepared rows with --cache.")
    }
    defer { try? manager.removeItem(atPath: temporary) }
    let sink = CacheSink(temporary, place: folder)
    let preparation: Preparation
    if source is WholeTable {
      preparation = try identity.recipe.prepare(
        source, missingMarkers: identity.reading.missingMarkers, into: sink, onProgress: onProgress)
    } else {
      let spool = TableSpool(
        source, columns: try identity.recipe.usedColumns(of: source.head), path: "\(temporary)/spool", place: folder)
      preparation = try identity.recipe.prepare(
        spool, missingMarkers: identity.reading.missingMarkers, into: sink, onProgress: onProgress)
    }
    try sink.finish(preparation, key: key)
    try? manager.removeItem(atPath: "\(temporary)/spool")
    try putInPlace(temporary, key)
    guard let data = open(key, isFresh: true) else {
      throw DataError(
        .inputOutput, at: folder, "has lost prepared rows that were just written. Check the disk, and run it again.")
    }
    return data
  }

  /// Renames a finished folder to its key.
  private func putInPlace(_ temporary: String, _ key: String) throws(DataError) {
    let manager = FileManager.default
    for _ in 0..<3 {
      if (try? manager.moveItem(atPath: temporary, toPath: path(of: key))) != nil { return }
      // Another process may have been faster; what is there and of no use goes.
      if open(key) != nil { return }
      try? manager.removeItem(atPath: path(of: key))
    }
    throw DataError(
      .cannotCreate, at: path(of: key), "cannot be written. Name a folder for prepared rows with --cache.")
  }

  /// Removes the temporary folders of processes that were killed: those that nobody has written to for a day.
  private func removeLeftovers() {
    let manager = FileManager.default
    for name in (try? manager.contentsOfDirectory(atPath: folder)) ?? [] where name.hasSuffix(".part") {
      let path = "\(folder)/\(name)"
      let changed = (try? manager.attributesOfItem(atPath: path))?[.modificationDate] as? Date
      if let changed, changed.timeIntervalSinceNow < -86_400 { try? manager.removeItem(atPath: path) }
    }
  }
}

extension DataRecipe {
  /// The columns that a preparation looks at.
  func usedColumns(of head: Table) throws(DataError) -> Set<String> {
    try checkColumns(of: head)
    return try RowSelection(self, features: featureColumns(of: head), head: head).columns
  }
}
