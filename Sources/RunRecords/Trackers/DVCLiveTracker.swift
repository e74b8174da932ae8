import OrderedJSON

/// Writes the files of DVCLive: `dvclive` in the run's folder, with `metrics.json`, `params.yaml`, a table for every
/// number under `plots/metrics`, and the `dvc.yaml` by which DVC finds them.
public final class DVCLiveTracker: RunTracker {
  public let title = "DVCLive"

  private let folder: String
  private var buffer = ScalarBuffer()
  private var begun: Set<String> = []
  private var latest: [Scalar] = []
  private var step = 0

  public init(_ start: RunStart) throws(RecordError) {
    // Of a run that goes on, all epochs are written again.
    FileAccess.remove(start.folder.file("dvclive"))
    folder = try start.folder.makeFolder("dvclive")
    try FileAccess.write(Array(Self.yaml(start.configuration).serialized().utf8), to: "\(folder)/params.yaml")
    let description = """
      params:
      - params.yaml
      metrics:
      - metrics.json
      plots:
      - plots/metrics:
          x: step

      """
    try FileAccess.write(Array(description.utf8), to: "\(folder)/dvc.yaml")
  }

  public func append(_ record: EpochRecord, number: Int) throws(RecordError) {
    latest = record.scalars
    step = number
    for scalar in latest {
      let name = Self.file(scalar.path)
      if begun.insert(name).inserted { buffer.add("step\t\(scalar.path.last ?? "")\n", to: name) }
      buffer.add("\(number)\t\(scalar.value)\n", to: name)
    }
    if buffer.isDue { try flush() }
  }

  public func finish(_ summary: RunSummary, scores: [ScoreSample]) throws(RecordError) {
    // The results of the kept model.
    latest = latest.filter { $0.path.count == 1 } + (summary[.selected] ?? summary[.final] ?? []).flatMap(\.scalars)
    try flush()
  }

  public func suspend() throws(RecordError) { try flush() }

  public func abandon() {
    // The files go with the run's folder.
  }

  private func flush() throws(RecordError) {
    try buffer.flush { name, text throws(RecordError) in
      let path = "\(folder)/plots/metrics/\(name)"
      if let slash = path.lastIndex(of: "/") { try FileAccess.makeFolders(String(path[..<slash])) }
      let file = try AppendingFile(path: path, truncating: false)
      try file.append(text.utf8)
      try file.close(synchronizing: false)
    }
    let members = [JSON.Member("step", .number(JSONNumber(step)))] + Self.tree(latest.map { ($0.path[...], $0.value) })
    try FileAccess.write(Array(JSON.object(members).serialized().utf8), to: "\(folder)/metrics.json")
  }

  /// JSON as every reader of YAML understands it: the older ones take 1e-07 for a text, and 1.0e-07 for a number.
  private static func yaml(_ json: JSON) -> JSON {
    switch json {
    case .object(let members): return .object(members.map { .init($0.key, yaml($0.value)) })
    case .array(let elements): return .array(elements.map(yaml))
    case .number(let number):
      guard let exponent = number.text.firstIndex(where: { "eE".contains($0) }), !number.text.contains(".") else {
        return json
      }
      let text = number.text[..<exponent] + ".0" + number.text[exponent...]
      return (try? JSONReader.read(String(text), source: "").value) ?? json
    default: return json
    }
  }

  private static func file(_ path: [String]) -> String {
    path.map(MLflowTracker.safe).joined(separator: "/") + ".tsv"
  }

  /// Numbers as nested objects, in their order.
  private static func tree(_ numbers: [(path: ArraySlice<String>, value: Double)]) -> [JSON.Member] {
    var order: [String] = []
    var inner: [String: [(path: ArraySlice<String>, value: Double)]] = [:]
    for (path, value) in numbers {
      guard let key = path.first else { continue }
      if inner[key] == nil { order.append(key) }
      inner[key, default: []].append((path.dropFirst(), value))
    }
    return order.map { key in
      let numbers = inner[key] ?? []
      if numbers.count == 1, numbers[0].path.isEmpty { return .init(key, .number(JSONNumber(numbers[0].value))) }
      return .init(key, .object(tree(numbers)))
    }
  }
}
