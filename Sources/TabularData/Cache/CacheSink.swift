/// Writes encoded rows to the files of a cache.
///
/// Each split has the files `starts`, `columns` and `values` (deviations: where each row's begin and the end of the
/// last, their columns, their numbers) or `values` alone (dense), `labels`, `rows` (positions in the source, eight bytes
/// each), `group0`, `group1`, …, `number0`, `number1`, … and, with weights, `weights`.
final class CacheSink: PreparedSink {
  private let folder: String
  private let place: String
  private var writers: [SplitName: [String: SectionWriter]] = [:]
  private var rows: [SplitName: Int] = [:]

  /// - Parameters:
  ///   - folder: The folder of the files, which exists.
  ///   - place: The folder of the cache, as messages name it.
  init(_ folder: String, place: String) {
    self.folder = folder
    self.place = place
  }

  func begin(
    _ encoder: FeatureEncoder, attributes: [SensitiveCoder], continuous: [ContinuousCoder], rows: [SplitName: Int],
    isWeighted: Bool
  ) throws(DataError) {
    self.rows = rows
    var names = ["values", "labels", "rows"] + attributes.indices.map { "group\($0)" }
    names += continuous.indices.map { "number\($0)" }
    if encoder.baseRow != nil { names += ["starts", "columns"] }
    if isWeighted { names.append("weights") }
    for split in rows.keys {
      for name in names {
        writers[split, default: [:]][name] = try SectionWriter("\(folder)/\(split.rawValue).\(name)", place: place)
      }
      try writers[split]?["starts"]?.append([Int32(0)])
    }
  }

  func append(_ rows: EncodedRows, to split: SplitName) throws(DataError) {
    guard let writers = writers[split] else { preconditionFailure("CacheSink: no split \(split)") }
    switch rows.features {
    case .dense(let values): try writers["values"]?.append(values)
    case .deviations(let deviations):
      try writers["starts"]?.append(deviations.ends)
      try writers["columns"]?.append(deviations.columns)
      try writers["values"]?.append(deviations.values)
    }
    try writers["labels"]?.append(rows.labels)
    for (index, codes) in rows.codes.enumerated() { try writers["group\(index)"]?.append(codes) }
    for (index, numbers) in rows.numbers.enumerated() { try writers["number\(index)"]?.append(numbers) }
    if let weights = rows.weights { try writers["weights"]?.append(weights) }
  }

  /// Writes what is left, and the manifest, by which the cache is complete.
  func finish(_ preparation: Preparation, key: String) throws(DataError) {
    var splits: [SplitName: CacheManifest.Split] = [:]
    for (name, writers) in writers {
      try writers["rows"]?.append(preparation.sourceRows[name] ?? [])
      var sections: [String: SectionRecord] = [:]
      for (section, writer) in writers { sections[section] = try writer.finish() }
      splits[name] = CacheManifest.Split(rows: rows[name] ?? 0, sections: sections)
    }
    writers = [:]
    let manifest = try SectionWriter("\(folder)/\(PreparedCache.manifestName)", place: place)
    try manifest.append(CacheManifest(preparation, key: key, splits: splits).bytes)
    _ = try manifest.finish()
  }
}
