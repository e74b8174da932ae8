import LinearAlgebra

/// Maps the files of a cache as data sets.
struct CacheReader {
  private let folder: String
  private let manifest: CacheManifest
  private let verifies: Bool

  /// - Parameter verifies: Whether check sums are compared.
  init(_ folder: String, _ manifest: CacheManifest, verifies: Bool) {
    self.folder = folder
    self.manifest = manifest
    self.verifies = verifies
  }

  /// The rows of a split; nil where a file is missing, cut off, damaged, or says what cannot be.
  func dataset(_ name: SplitName, _ split: CacheManifest.Split) -> Dataset? {
    let d = manifest.encoder.featureCount
    let n = split.rows
    guard n > 0, d > 0,
      let labels: [Float] = numbers("labels", name, split, count: n),
      labels.allSatisfy({ manifest.label.kind.allows($0) }),
      let sourceRows: [Int] = numbers("rows", name, split, count: n),
      let features = features(name, split, columns: d)
    else { return nil }
    var sensitive: [SensitiveColumn] = []
    for (index, coder) in manifest.sensitive.enumerated() {
      let bound = UInt32(coder.groups.count)
      guard let codes: [Int32] = numbers("group\(index)", name, split, count: n),
        codes.allSatisfy({ UInt32(bitPattern: $0 &+ 1) <= bound })
      else { return nil }
      sensitive.append(coder.column(codes: codes))
    }
    var continuous: [ContinuousColumn] = []
    for (index, coder) in manifest.continuous.enumerated() {
      guard let values: [Float] = numbers("number\(index)", name, split, count: n),
        values.allSatisfy({ $0.isFinite || $0.isNaN })
      else { return nil }
      continuous.append(ContinuousColumn(name: coder.column, values: values))
    }
    var weights: [Float]?
    if split.sections["weights"] != nil {
      weights = numbers("weights", name, split, count: n)
      guard weights != nil else { return nil }
    }
    return Dataset(
      featureRows: features, labels: labels, labelKind: manifest.label.kind, sensitive: sensitive,
      continuous: continuous, weights: weights,
      sourceRows: sourceRows)
  }

  private func features(_ name: SplitName, _ split: CacheManifest.Split, columns d: Int) -> FeatureRows<Float>? {
    guard let values = file("values", name, split) else { return nil }
    guard let base = manifest.encoder.baseRow else {
      guard values.size == split.rows * d * 4, let rows = MappedRows(.dense(values: values, columns: d)) else {
        return nil
      }
      return FeatureRows(rows: split.rows, base: [Float](repeating: 0, count: d), lyingIn: rows)
    }
    guard let starts = file("starts", name, split), starts.size == (split.rows + 1) * 4,
      let columns = file("columns", name, split), columns.size == values.size,
      isRising(starts, to: Int32(clamping: columns.size / 4)), isBelow(columns, UInt32(d)),
      let rows = MappedRows(.deviations(starts: starts, columns: columns, values: values))
    else { return nil }
    return FeatureRows(rows: split.rows, base: base, lyingIn: rows)
  }

  // MARK: - Files

  private func file(_ section: String, _ name: SplitName, _ split: CacheManifest.Split) -> MappedFile? {
    guard let record = split.sections[section],
      let file = MappedFile("\(folder)/\(name.rawValue).\(section)", size: record.size)
    else { return nil }
    guard verifies else { return file }
    var checksum = SectionChecksum()
    forEachChunk(of: file) { checksum.add($0) }
    return checksum.value == record.checksum ? file : nil
  }

  /// The numbers of a file as an array; nil where they are not as many as there should be.
  private func numbers<Number: BitwiseCopyable>(
    _ section: String, _ name: SplitName, _ split: CacheManifest.Split, count: Int
  ) -> [Number]? {
    guard let file = file(section, name, split), file.size == count * MemoryLayout<Number>.size else { return nil }
    return [Number](unsafeUninitializedCapacity: count) { numbers, initialized in
      let target = UnsafeMutableRawBufferPointer(numbers)
      var offset = 0
      forEachChunk(of: file) { chunk in
        UnsafeMutableRawBufferPointer(rebasing: target[offset..<offset + chunk.count]).copyMemory(from: chunk)
        offset += chunk.count
      }
      initialized = count
    }
  }

  /// Goes through a file, giving back what has been read.
  private func forEachChunk(of file: MappedFile, _ body: (UnsafeRawBufferPointer) -> Void) {
    for start in stride(from: 0, to: file.size, by: SectionChecksum.chunkSize) {
      let end = min(start + SectionChecksum.chunkSize, file.size)
      body(UnsafeRawBufferPointer(start: file.address.map { $0 + start }, count: end - start))
      file.release(start..<end)
    }
  }

  /// Whether the numbers begin with 0, never fall, and end with `last`.
  private func isRising(_ file: MappedFile, to last: Int32) -> Bool {
    var previous: Int32 = 0
    var isFirst = true
    var rises = true
    forEachChunk(of: file) { chunk in
      for number in chunk.bindMemory(to: Int32.self) {
        if isFirst { rises = number == 0 }
        isFirst = false
        rises = rises && number >= previous
        previous = number
      }
    }
    return rises && previous == last
  }

  private func isBelow(_ file: MappedFile, _ bound: UInt32) -> Bool {
    var largest: UInt32 = 0
    forEachChunk(of: file) { chunk in
      for number in chunk.bindMemory(to: UInt32.self) { largest = max(largest, number) }
    }
    return file.size == 0 || largest < bound
  }
}
