/// How much memory a run may take up, in bytes.
///
/// It decides two things: whether the rows are held in memory or mapped from a cache, and how many of them are shuffled
/// together. It is a plan, not a limit that the system enforces.
public struct MemoryBudget: Sendable, Hashable {
  /// The smallest budget, 64 MiB: the process itself takes up about half of it.
  public static let smallest = 64 << 20

  /// The bytes.
  public let bytes: Int

  public init(bytes: Int) {
    precondition(bytes >= Self.smallest, "MemoryBudget: \(bytes) bytes")
    self.bytes = bytes
  }

  /// Reads `1GiB`, `512M`, `1.5G`, `800MB`: a number and a unit. K, M, G and T, alone or with `iB`, are powers of 1024;
  /// kB (or KB), MB, GB and TB are powers of 1000.
  ///
  /// - Returns: Nil for anything else, and for less than `smallest`.
  public init?(_ text: String) {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let unit = text.dropFirst(digits.count).trimmingPrefix(" ")
    guard let scale = Self.scales[unit.lowercased()], let number = Double(digits), number.isFinite else { return nil }
    let bytes = number * scale
    guard bytes >= Double(Self.smallest), bytes < 0x1p62 else { return nil }
    self.bytes = Int(bytes)
  }

  private static let scales: [String: Double] = {
    var scales: [String: Double] = [:]
    for (power, letter) in ["k", "m", "g", "t"].enumerated() {
      let exponent = Double(power + 1)
      var binary = 1.0
      var decimal = 1.0
      for _ in 0..<Int(exponent) {
        binary *= 1024
        decimal *= 1000
      }
      scales[letter] = binary
      scales[letter + "ib"] = binary
      scales[letter + "b"] = decimal
    }
    return scales
  }()

  /// Bytes as people read them: `1.5 GiB`.
  public static func text(_ bytes: Int) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"]
    var value = Double(bytes)
    var unit = 0
    while value >= 1024 && unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    let tenths = (value * 10).rounded() / 10
    return (tenths == tenths.rounded() ? String(Int(tenths)) : String(tenths)) + " " + units[unit]
  }

  // MARK: - Plans

  /// About what a row of a source takes up while it is prepared and trained on in memory: its cells, its features, its
  /// labels, groups and scores.
  ///
  /// Measured on the simulated census, 15 columns and 93 features; wider rows take more, narrower ones less.
  static let bytesPerRowInMemory = 320

  /// About what a byte of a CSV file takes up in the same way, its text included; of a gzipped one.
  static let bytesPerByteOfCSV = 5
  static let bytesPerByteOfGzip = 40

  /// About what the labels, groups, scores and orders of mapped rows take up, which stay in memory.
  static let bytesPerMappedRow = 80

  /// What else a process takes up.
  static let bytesBeside = 32 << 20

  /// Whether simulated rows are held in memory.
  public func holds(simulatedRows rows: Int) -> Bool {
    rows.multipliedReportingOverflow(by: Self.bytesPerRowInMemory).overflow
      ? false : rows * Self.bytesPerRowInMemory + Self.bytesBeside <= bytes
  }

  /// Whether the rows of files are held in memory. A file that is not there, or none of known size, is.
  public func holds(files: [String]) -> Bool {
    var total = Self.bytesBeside
    for path in files {
      total += (FileChunks.size(of: path) ?? 0) * (Gzip.isGzip(path) ? Self.bytesPerByteOfGzip : Self.bytesPerByteOfCSV)
    }
    return total <= bytes
  }

  /// Refuses data of which labels, groups and scores alone exceed the budget.
  public func check(rows: Int, at source: String) throws(DataError) {
    let needed = rows * Self.bytesPerMappedRow + Self.bytesBeside
    guard needed > bytes else { return }
    throw DataError(
      .badData, at: source,
      "has \(rows) rows, whose labels and scores alone take up about \(Self.text(needed)), more than the "
        + "\(Self.text(bytes)) of --memory. Give more memory, or use fewer rows.")
  }

  /// How mapped rows are shuffled: blocks of 4096 rows, as many together as an eighth of the budget holds, and 32 at
  /// least.
  ///
  /// - Parameter dataset: The training rows.
  public func window(for dataset: Dataset) -> ShuffleWindow? {
    let features = dataset.featureRows
    guard features.isMapped else { return nil }
    let blockRows = 4096
    let blockBytes = max(1, features.byteCount * blockRows / max(1, features.rows))
    return ShuffleWindow(blockRows: blockRows, blocks: max(32, bytes / 8 / blockBytes))
  }
}
