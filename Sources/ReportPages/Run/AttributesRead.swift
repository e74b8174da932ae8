import OrderedJSON
import RunRecords

/// What the model knows of each sensitive attribute when it scores a row.
struct AttributesRead: Sendable, Hashable {
  /// The attributes among its features.
  var told: [String] = []
  /// Those that are no features, but are read to change the features or to decide.
  var readToDecide: [String] = []
  /// The others.
  var untold: [String] = []

  init(_ run: RunReport) {
    let (features, read) = Self.columns(run)
    for name in Self.names(run) {
      if features.contains(name) {
        told.append(name)
      } else if read.contains(name) {
        readToDecide.append(name)
      } else {
        untold.append(name)
      }
    }
  }

  /// The columns of the sensitive attributes: those that cross several are none of their own.
  private static func names(_ run: RunReport) -> [String] {
    let columns = run.configuration["data"]?["sensitive"]?.elements?.compactMap { $0["column"]?.text } ?? []
    return columns.isEmpty ? run.attributes + run.continuousAttributes : columns
  }

  /// The columns that are features, and those that are read besides.
  private static func columns(_ run: RunReport) -> (features: Set<String>, read: Set<String>) {
    guard let model = run.model else { return configured(run) }
    let features = (model["encoder"]?["columns"]?.elements ?? []).compactMap { $0["name"]?.text }
    let processing = model["processing"]
    let removed = (processing?["removers"]?.elements ?? []).flatMap { $0["attributes"]?.elements ?? [] }
    let corrected = model["correction"]?["reads"]?["columns"]?.elements ?? []
    let thresholds = processing?["decision"]?["thresholds"]?["attributes"]?.elements ?? []
    let read = (removed + corrected).compactMap { $0["name"]?.text } + thresholds.compactMap(\.text)
    return (Set(features), Set(read))
  }

  /// The same of a run that saved no model, as far as its configuration tells.
  private static func configured(_ run: RunReport) -> (features: Set<String>, read: Set<String>) {
    let all = names(run)
    let isTold = run.configuration["data"]?["includeSensitiveInFeatures"] == .bool(true)
    var read = Set(run.summary.constraints?.readColumns ?? [])
    for step in run.configuration["mitigation"]?.elements ?? [] {
      switch step["name"]?.text {
      case "correlationRemover", "thresholds": read.formUnion(step["attributes"]?.elements?.compactMap(\.text) ?? all)
      case "rejectOption": read.formUnion(step["attribute"]?.text.map { [$0] } ?? all)
      default: break
      }
    }
    return (isTold ? Set(all) : [], read)
  }

  /// What the person affected should know of it.
  var sentences: [String] {
    var sentences: [String] = []
    if !told.isEmpty { sentences.append("It was told \(Words.list(told)).") }
    if !readToDecide.isEmpty {
      sentences.append(
        "It reads \(Words.list(readToDecide)) when it decides: two people who differ in nothing else may be decided "
          + "differently.")
    }
    if !untold.isEmpty {
      sentences.append("It was not told \(Words.list(untold)), but may have guessed it from other things it was told.")
    }
    return sentences
  }
}
