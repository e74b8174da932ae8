import Crypto

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What prepared rows are made from: equal contents, equal rows. Their hash is the key of the cache.
public struct CacheIdentity: Sendable, Equatable, Codable {
  /// The version of the files and of the preparation; raised with every change of either.
  static let format = 4

  private var format = Self.format
  private var isLittleEndian = Int(1).littleEndian == 1

  /// The SHA-256 of each file, or a simulator's name, rows and seed; files of a split with the split's name.
  public var sources: [String]

  /// How the rows are prepared.
  public var recipe: DataRecipe

  /// How cells are read.
  public var reading: ReadingOptions

  /// The names of the columns where the files have no header line.
  public var columnNames: [String]?

  public init(sources: [String], recipe: DataRecipe, reading: ReadingOptions, columnNames: [String]? = nil) {
    self.sources = sources
    self.recipe = recipe
    self.reading = reading
    self.columnNames = columnNames
  }

  /// The SHA-256 of all of it, in hexadecimal digits.
  public var key: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    // Sets have no order of their own.
    var sorted = self
    sorted.reading.unchecked = []
    sorted.reading.skipped = []
    let lists = [reading.unchecked.sorted(), reading.skipped.sorted()]
    guard let content = try? encoder.encode(sorted), let names = try? encoder.encode(lists) else {
      preconditionFailure("CacheIdentity: a recipe that cannot be written as JSON")
    }
    return CacheManifest.hexadecimal(SHA256.hash(data: content + names))
  }
}

/// What a cache says of itself: everything of prepared data but the rows, and the size and check sum of each file.
struct CacheManifest: Codable {
  /// The files of one split, by their names within it.
  struct Split: Codable {
    var rows: Int
    var sections: [String: SectionRecord]
  }

  var format: Int
  var key: String
  var encoder: FeatureEncoder
  var label: LabelCoder
  var sensitive: [SensitiveCoder]
  var continuous: [ContinuousCoder]
  var schema: Schema
  var counts: [SplitName: SplitCounts]
  var warnings: [DataWarning]
  var splits: [SplitName: Split]

  /// The bytes of the file: a line with the SHA-256 of what follows, then JSON.
  var bytes: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    guard let content = try? encoder.encode(self) else {
      preconditionFailure("CacheManifest: a preparation that cannot be written as JSON")
    }
    return Array((Self.hexadecimal(SHA256.hash(data: content)) + "\n").utf8) + content
  }

  /// Reads what `bytes` wrote.
  ///
  /// - Returns: Nil where it is torn, of another version or another key, or of no use.
  init?(_ bytes: [UInt8], key: String) {
    guard let end = bytes.firstIndex(of: 0x0a) else { return nil }
    let content = Data(bytes[(end + 1)...])
    guard bytes[..<end].elementsEqual(Self.hexadecimal(SHA256.hash(data: content)).utf8),
      let manifest = try? JSONDecoder().decode(CacheManifest.self, from: content),
      manifest.format == CacheIdentity.format, manifest.key == key, manifest.encoder.fault == nil,
      manifest.label.fault == nil, manifest.sensitive.allSatisfy({ $0.fault == nil }),
      manifest.continuous.allSatisfy({ $0.fault == nil }), manifest.schema.fault == nil
    else { return nil }
    self = manifest
  }

  init(_ preparation: Preparation, key: String, splits: [SplitName: Split]) {
    format = CacheIdentity.format
    self.key = key
    encoder = preparation.encoder
    label = preparation.label
    sensitive = preparation.sensitive
    continuous = preparation.continuous
    schema = preparation.schema
    counts = preparation.counts
    warnings = preparation.warnings
    self.splits = splits
  }

  fileprivate static func hexadecimal(_ digest: SHA256.Digest) -> String {
    digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
