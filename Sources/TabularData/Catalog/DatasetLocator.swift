#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A file of a data set that was found.
public struct LocatedFile: Sendable, Equatable {
  /// Its path.
  public var path: String

  /// The SHA-256 of its bytes.
  public var sha256: String

  /// Where it was found.
  public var place: Place

  /// Where files are found, in the order of the search.
  public enum Place: String, Sendable, Equatable, Codable {
    /// A path that the user named. Its content is the user's affair and is not compared with the publisher's.
    case given
    /// The folder that `EQUIPOISE_DATA` names.
    case dataFolder
    /// The user's cache, where an earlier download left it.
    case cache
    /// The publisher, just now.
    case download
  }

  public init(path: String, sha256: String, place: Place) {
    self.path = path
    self.sha256 = sha256
    self.place = place
  }
}

/// Finds the files of the catalogue: in a path that is given, in the folder that `EQUIPOISE_DATA` names, in the
/// user's cache, at the publisher.
///
/// A file that is in the folder or in the cache and has another SHA-256 than the publisher's is an error: the results
/// would be those of other data under a known name.
public struct DatasetLocator: Sendable {
  /// Fetches a URL into a new file.
  public typealias Fetch = @Sendable (_ url: String, _ path: String) throws(DataError) -> Void

  /// Paths that are given, by the name of the file (`train`).
  public var given: [String: String]

  /// The folder that `EQUIPOISE_DATA` names, if it does.
  public var dataFolder: String?

  /// The cache: `$XDG_CACHE_HOME/equipoise`, by default `~/.cache/equipoise`. Nil where there is no home either.
  public var cacheFolder: String?

  private let fetch: Fetch

  /// - Parameters:
  ///   - given: Paths that are given, by the name of the file.
  ///   - environment: The environment to look variables up in.
  ///   - fetch: How a URL is fetched.
  public init(
    given: [String: String] = [:], environment: [String: String] = ProcessInfo.processInfo.environment,
    fetch: @escaping Fetch = Download.fetch
  ) {
    func named(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    self.given = given
    dataFolder = named("EQUIPOISE_DATA")
    // The XDG specification: a relative path is to be ignored.
    let cache = named("XDG_CACHE_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil } ?? named("HOME").map { $0 + "/.cache" }
    cacheFolder = cache.map { $0 + "/equipoise" }
    self.fetch = fetch
  }

  /// Finds a file, fetching it where it is nowhere.
  public func locate(_ file: CatalogEntry.File, of entry: CatalogEntry) throws(DataError) -> LocatedFile {
    if let path = given[file.name] {
      return LocatedFile(path: path, sha256: try FileHash.sha256(ofFileAt: path), place: .given)
    }
    let manager = FileManager.default
    if let dataFolder {
      let path = "\(dataFolder)/\(entry.name)/\(file.fileName)"
      if manager.fileExists(atPath: path) {
        return LocatedFile(
          path: path,
          sha256: try verified(
            path, file, remedy: "Replace it, or name the path in the configuration to use it as it is."),
          place: .dataFolder)
      }
    }
    guard let cacheFolder else {
      throw DataError(
        .noInput, at: "catalog '\(entry.name)'",
        "\(file.fileName) is not here, and there is no cache to download it to. Set EQUIPOISE_DATA or XDG_CACHE_HOME.")
    }
    let folder = "\(cacheFolder)/\(entry.name)"
    let path = "\(folder)/\(file.fileName)"
    if manager.fileExists(atPath: path) {
      return LocatedFile(
        path: path, sha256: try verified(path, file, remedy: "Delete it, and it is downloaded again."), place: .cache)
    }
    do {
      try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw DataError(.cannotCreate, at: folder, "cannot be made. Set XDG_CACHE_HOME to a folder that can be written.")
    }
    // Others may be fetching the same file: each writes its own, and the rename is one step.
    let temporary = "\(path).\(UInt64.random(in: 0 ... .max)).part"
    defer { try? manager.removeItem(atPath: temporary) }
    do throws(DataError) {
      try fetch(file.url, temporary)
    } catch {
      let folders = dataFolder.map { "\($0)/\(entry.name)" } ?? "$EQUIPOISE_DATA/\(entry.name)"
      throw DataError(
        error.kind, at: error.place,
        "\(error.message) Or put \(file.fileName) from \(file.url) into \(folders) yourself.")
    }
    let hash = try FileHash.sha256(ofFileAt: temporary)
    guard file.sha256.contains(hash) else {
      throw DataError(
        .badData, at: file.url,
        "sends a file with SHA-256 \(hash), expected \(file.sha256.joined(separator: " or ")). "
          + "Try again; if it stays so, the publisher has changed the file.")
    }
    do {
      // `moveItem` refuses to overwrite; if another process has just put the same file there, all is well.
      try manager.moveItem(atPath: temporary, toPath: path)
    } catch {
      guard manager.fileExists(atPath: path) else {
        throw DataError(.cannotCreate, at: path, "cannot be written. Check the space and permissions of the cache.")
      }
    }
    return LocatedFile(path: path, sha256: hash, place: .download)
  }

  private func verified(_ path: String, _ file: CatalogEntry.File, remedy: String) throws(DataError) -> String {
    let hash = try FileHash.sha256(ofFileAt: path)
    guard file.sha256.contains(hash) else {
      throw DataError(
        .badData, at: path, "has SHA-256 \(hash), expected \(file.sha256.joined(separator: " or ")). \(remedy)")
    }
    return hash
  }
}
